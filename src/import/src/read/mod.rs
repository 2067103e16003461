//! A reader for each format: bytes to [`Record`](crate::record::Record)s.

pub mod csv;
pub mod dialect;
pub mod frames;
pub mod json;
pub mod json_array;
pub mod parquet;
pub mod sniff;

use std::borrow::Cow;

/// The first columns of a CSV file that `heartstrings export` has written. Its texts carry an
/// apostrophe before what a spreadsheet would take for a formula; reading such a file takes it off.
pub const SAFE_HEADER: &[&str] = &["id", "subject", "text", "title", "rating", "author", "source"];

/// Most bytes of a row: as many as a line of a batch over HTTP may have.
pub const ROW_BYTES: usize = 2 << 20;

/// A text as a cell of a CSV file: one that a spreadsheet would take for a formula gets an apostrophe
/// before it, and so does one that would get there if an apostrophe were taken off.
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    match begins_formula(text.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The text of a cell that [`safe_cell`] has made.
pub fn unsafe_text(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(text) if begins_formula(text.trim_start_matches('\'')) => text.to_owned(),
        _ => cell,
    }
}

/// Whether a spreadsheet takes a cell that begins so for a formula. The full-width forms count in
/// some locales; a tab or a line end before the sign is passed over.
fn begins_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_like_formulas_come_back_as_they_were() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''+1", "＝1"] {
            let cell = safe_cell(text);
            assert!(cell.starts_with('\''), "{cell:?}");
            assert_eq!(unsafe_text(cell.into_owned()), text);
        }
        for text in ["", "'", "it's", "'quoted'", "a=1", "1-2"] {
            assert_eq!(safe_cell(text), text);
            assert_eq!(unsafe_text(text.to_owned()), text);
        }
    }
}
