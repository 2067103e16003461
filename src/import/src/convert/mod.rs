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
