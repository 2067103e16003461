//! From the cells of a row to the values of a review.

pub mod dates;
pub mod ids;
pub mod ratings;
pub mod subjects;

/// Whether a cell says that there is no value. A text is never taken so.
pub fn is_nothing(cell: &str) -> bool {
    const WORDS: [&str; 9] = ["", "-", "n/a", "na", "nan", "nat", "none", "null", "undefined"];
    WORDS.iter().any(|word| cell.trim().eq_ignore_ascii_case(word))
}

/// Whether a cell is a tag of a language, like `en` or `pt_BR`, and not its name. `English` has the
/// form of a tag too, of a language that no model knows.
pub fn is_tag(cell: &str) -> bool {
    let primary = cell.trim().split(['-', '_']).next().unwrap_or_default();
    matches!(primary.len(), 2..=3) && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
}
