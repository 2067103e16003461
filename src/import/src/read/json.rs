//! Newline-delimited JSON: an object a line.

use super::frames::read_line;
use crate::record::{ReadError, Record, Refused};
use serde_json::{Map, Value};
use std::io::BufRead;

/// The objects of a file, one a line. Empty lines are left out.
pub struct LinesReader<R> {
    reader: R,
    line: u64,
    has_failed: bool,
}

impl<R: BufRead> LinesReader<R> {
    /// Reads what a reader gives.
    pub fn new(reader: R) -> Self {
        Self { reader, line: 0, has_failed: false }
    }
}

impl<R: BufRead> Iterator for LinesReader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_failed {
            let (bytes, is_long) = match read_line(&mut self.reader) {
                Ok(line) => line?,
                Err(error) => {
                    self.has_failed = true;
                    return Some(Err(ReadError::File(error.to_string())));
                }
            };
            self.line += 1;
            let bytes = bytes.trim_ascii();
            if bytes.is_empty() {
                continue;
            }
            if is_long {
                let reason = "the line has more than 2 MiB";
                let row = String::from_utf8_lossy(bytes);
                return Some(Err(ReadError::Row(Refused::new(self.line, reason, row))));
            }
            return Some(parse(self.line, bytes).map_err(ReadError::Row));
        }
        None
    }
}

/// An object as a row: its members are the columns, those of objects within it are called
/// `outer.inner`. Arrays and what is nested deeper stay JSON.
///
/// # Errors
/// When it is not an object, or holds a NUL.
pub fn parse(line: u64, bytes: &[u8]) -> Result<Record, Refused> {
    let refused = |reason: String| Refused::new(line, reason, String::from_utf8_lossy(bytes));
    let object = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(refused("a review is a JSON object, like {\"text\": \"…\"}".into())),
        Err(error) if std::str::from_utf8(bytes).is_err() => {
            return Err(refused(format!(
                "this is not UTF-8 ({error}); if the file is in another encoding, name it, like \
                 --encoding windows-1252"
            )));
        }
        Err(error) => return Err(refused(format!("this is not JSON: {error}"))),
    };
    let record = flatten(line, object);
    match record.values.iter().flatten().any(|value| value.contains('\0')) {
        true => Err(refused("there is a NUL character in the row; no text has one".into())),
        false => Ok(record),
    }
}

/// An object as a row.
pub fn flatten(line: u64, object: Map<String, Value>) -> Record {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (name, value) in object {
        match value {
            Value::Object(inner) => {
                for (key, value) in inner {
                    names.push(format!("{name}.{key}"));
                    values.push(scalar(value));
                }
            }
            value => {
                names.push(name);
                values.push(scalar(value));
            }
        }
    }
    Record { line, names: names.into(), values }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_columns() {
        let text =
            b"{\"text\":\"a\",\"stars\":4.5,\"metadata\":{\"country\":\"KR\"},\"x\":null}\n\n\
            [1]\n{\"text\":\nnot\n{\"text\":\"\xe9\"}\n{\"text\":\"\\u0000\"}\n{\"text\":\"last\"}";
        let rows: Vec<_> = LinesReader::new(&text[..]).collect();
        let first = rows[0].as_ref().unwrap();
        assert_eq!(first.get("stars"), Some("4.5"));
        assert_eq!(first.get("metadata.country"), Some("KR"));
        assert_eq!(first.get("x"), None);
        let lines: Vec<_> = rows
            .iter()
            .map(|row| match row {
                Ok(record) => (record.line, true),
                Err(ReadError::Row(refused)) => (refused.line, false),
                Err(ReadError::File(why)) => panic!("{why}"),
            })
            .collect();
        let expected =
            [(1, true), (3, false), (4, false), (5, false), (6, false), (7, false), (8, true)];
        assert_eq!(lines, expected);
    }
}
