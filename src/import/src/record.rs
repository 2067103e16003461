//! What a reader gives: rows, and rows that cannot be read.

use std::sync::Arc;

/// A row of a file: columns by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Line of the file that it begins on, from 1; in a Parquet file the number of the row.
    pub line: u64,
    /// Names of the columns.
    pub names: Arc<[String]>,
    /// Their values, in the same order; `None` where there is none.
    pub values: Vec<Option<String>>,
}

impl Record {
    /// The value of a column, without white space around it; `None` when it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let place = self.names.iter().position(|known| known == name)?;
        let value = self.values.get(place)?.as_deref()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The row as one line of JSON, for the list of refused rows.
    pub fn to_json(&self) -> String {
        let pairs = self.names.iter().zip(&self.values);
        let object: serde_json::Map<_, _> =
            pairs.filter_map(|(name, value)| Some((name.clone(), value.clone()?.into()))).collect();
        serde_json::Value::Object(object).to_string()
    }
}

/// A row that cannot be a review, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Line of the file that it begins on, from 1; in a Parquet file the number of the row.
    pub line: u64,
    /// All that is wrong with it, each a sentence.
    pub reasons: Vec<String>,
    /// The row as it stands in the file, or as JSON.
    pub row: String,
}

impl Refused {
    /// A row with one reason.
    pub fn new(line: u64, reason: impl Into<String>, row: impl Into<String>) -> Self {
        Self { line, reasons: vec![reason.into()], row: row.into() }
    }
}

/// Why a reader gives no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// One row cannot be read; the next ones may.
    #[error("line {}: {}", .0.line, .0.reasons.join("; "))]
    Row(Refused),
    /// The file cannot be read on.
    #[error("{0}")]
    File(String),
}

/// The rows of a file, in order. After [`ReadError::File`] there are no more.
pub type Records = Box<dyn Iterator<Item = Result<Record, ReadError>> + Send>;

/// Most columns of a file. A file with more has no header, or one with a broken quote.
pub const COLUMNS: usize = 1_000;

/// Names for columns: what stands in the header, with a number for those without a name and for
/// those that repeat one.
///
/// # Errors
/// When there are more than [`COLUMNS`].
pub fn unique_names(header: impl IntoIterator<Item = String>) -> Result<Arc<[String]>, String> {
    let mut names: Vec<String> = Vec::new();
    for (number, name) in (1..).zip(header) {
        if number > COLUMNS {
            return Err(format!(
                "there are more than {COLUMNS} columns; look at the quotes in the first line"
            ));
        }
        let name = name.trim().trim_start_matches('\u{feff}').to_owned();
        let base = if name.is_empty() { format!("column {number}") } else { name };
        let mut name = base.clone();
        let mut copies = 1;
        while names.contains(&name) {
            copies += 1;
            name = format!("{base} {copies}");
        }
        names.push(name);
    }
    Ok(names.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let header = ["\u{feff}text", " stars ", "", "text", "text"].map(str::to_owned);
        let names = unique_names(header).unwrap();
        assert!(unique_names(vec![String::new(); COLUMNS]).is_ok());
        assert!(unique_names(vec![String::new(); COLUMNS + 1]).is_err());
        assert_eq!(*names, ["text", "stars", "column 3", "text 2", "text 3"].map(str::to_owned));
    }

    #[test]
    fn an_empty_value_is_none() {
        let record = Record {
            line: 1,
            names: unique_names(["a", "b", "c"].map(str::to_owned)).unwrap(),
            values: vec![Some(" x ".into()), Some("  ".into()), None],
        };
        assert_eq!([record.get("a"), record.get("b"), record.get("c")], [Some("x"), None, None]);
        assert_eq!(record.get("d"), None);
        assert_eq!(record.to_json(), r#"{"a":" x ","b":"  "}"#);
    }
}
