//! CSV, TSV and their kin.

use super::dialect::Dialect;
use super::frames::{Frame, Frames};
use super::{SAFE_HEADER, unsafe_text};
use crate::record::{ReadError, Record, Refused, unique_names};
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::io::BufRead;
use std::sync::Arc;

/// The rows of a delimited file. The first row gives the columns their names, unless there is no
/// header; then they are called `column 1`, `column 2`, …
pub struct CsvReader<R> {
    frames: Frames<R>,
    dialect: Dialect,
    names: Arc<[String]>,
    /// The first row of a file without a header.
    first: Option<Frame>,
    /// Whether the file is an export of ours, with apostrophes before formulas.
    is_safe: bool,
    has_failed: bool,
}

impl<R: BufRead> CsvReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the file cannot be read, is empty, or its header is broken.
    pub fn open(reader: R, dialect: Dialect, has_header: bool) -> Result<Self, String> {
        let mut frames = Frames::new(reader, dialect);
        let mut first = frames.next().map_err(|error| error.to_string())?;
        if first.as_ref().is_some_and(|frame| frame.bytes.starts_with(b"sep=")) {
            first = frames.next().map_err(|error| error.to_string())?;
        }
        let Some(first) = first else { return Err("the file is empty".into()) };
        if let Some(fault) = first.fault {
            return Err(format!("line {} cannot be read: {fault}", first.line));
        }
        let cells = text_fields(&first.bytes, dialect)
            .map_err(|why| format!("line {} cannot be read: {why}", first.line))?;
        let names = match has_header {
            true => unique_names(cells)?,
            false => unique_names(cells.iter().map(|_| String::new()))?,
        };
        let is_safe = names.iter().take(SAFE_HEADER.len()).eq(SAFE_HEADER.iter());
        let first = (!has_header).then_some(first);
        Ok(Self { frames, dialect, names, first, is_safe, has_failed: false })
    }

    /// Names of the columns.
    pub fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }

    fn record(&self, frame: &Frame) -> Result<Record, String> {
        if let Some(fault) = frame.fault {
            return Err(fault.into());
        }
        let cells = text_fields(&frame.bytes, self.dialect)?;
        if cells.len() != self.names.len() {
            return Err(format!(
                "the row has {} columns and the header {}; a delimiter or a line break within a \
                 field needs quotes around the field",
                cells.len(),
                self.names.len()
            ));
        }
        let plain = |cell| if self.is_safe { unsafe_text(cell) } else { cell };
        let values = cells.into_iter().map(|cell| Some(plain(cell))).collect();
        Ok(Record { line: frame.line, names: self.names(), values })
    }
}

impl<R: BufRead> Iterator for CsvReader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let frame = match self.first.take() {
            Some(frame) => frame,
            None => match self.frames.next() {
                Ok(frame) => frame?,
                Err(error) => {
                    self.has_failed = true;
                    return Some(Err(ReadError::File(error.to_string())));
                }
            },
        };
        Some(self.record(&frame).map_err(|reason| {
            let row = String::from_utf8_lossy(&frame.bytes);
            ReadError::Row(Refused::new(frame.line, reason, row))
        }))
    }
}

/// The fields of a row; `None` when it has none.
pub fn fields(row: &[u8], dialect: Dialect) -> Option<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quote.is_some())
        .double_quote(dialect.escape.is_none())
        .escape(dialect.escape)
        // A row ends where it ends; a lone carriage return is a character.
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(row.len().max(1))
        .from_reader(row);
    let mut fields = ByteRecord::new();
    reader.read_byte_record(&mut fields).ok()?.then_some(fields)
}

fn text_fields(row: &[u8], dialect: Dialect) -> Result<Vec<String>, String> {
    let fields = fields(row, dialect).ok_or("the row is empty")?;
    let text = |field: &[u8]| {
        let text = std::str::from_utf8(field).map_err(|error| {
            let byte = field.get(error.valid_up_to()).copied().unwrap_or_default();
            format!(
                "the byte 0x{byte:02X} is not UTF-8; if the file is in another encoding, name it, \
                 like --encoding windows-1252"
            )
        })?;
        match text.contains('\0') {
            true => Err("there is a NUL byte in the row; no text has one".to_owned()),
            false => Ok(text.to_owned()),
        }
    };
    fields.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Vec<String>, String>> {
        let reader = CsvReader::open(text, Dialect::COMMA, true).unwrap();
        let values = |record: Record| record.values.into_iter().flatten().collect();
        let reason = |error| match error {
            ReadError::Row(refused) => refused.reasons.join("; "),
            ReadError::File(why) => panic!("{why}"),
        };
        reader.map(|row| row.map(values).map_err(reason)).collect()
    }

    #[test]
    fn rows_are_read_or_refused_one_by_one() {
        let rows = read(
            b"text,film\n\"one,\ntwo\",\"x \"\"y\"\"\"\nno comma\na,b,c\n\xe9t\xe9,x\na\0b,x\n\"a\"b,x\nlast,z",
        );
        let expected: [Result<&[&str], &str>; 7] = [
            Ok(&["one,\ntwo", "x \"y\""]),
            Err("1 columns and the header 2"),
            Err("3 columns"),
            Err("0xE9 is not UTF-8"),
            Err("NUL"),
            Err("inside a quoted field"),
            Ok(&["last", "z"]),
        ];
        assert_eq!(rows.len(), expected.len(), "{rows:?}");
        for (found, expected) in rows.iter().zip(expected) {
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                _ => panic!("{found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn carriage_returns_within_a_row_are_characters() {
        assert_eq!(read(b"a,b\r\nx\ry,z\r\n"), [Ok(vec!["x\ry".to_owned(), "z".to_owned()])]);
    }

    #[test]
    fn our_own_exports_lose_their_apostrophes_again() {
        let header = SAFE_HEADER.join(",");
        let rows = read(format!("{header}\ni,s,'=1+1,'it is,''=x,'-a,'\n").as_bytes());
        assert_eq!(
            rows,
            [Ok(["i", "s", "=1+1", "'it is", "'=x", "-a", "'"].map(str::to_owned).to_vec())]
        );
        assert_eq!(read(b"text\n'=1\n"), [Ok(vec!["'=1".to_owned()])]);
    }

    #[test]
    fn a_file_without_a_header_or_without_anything() {
        let mut reader = CsvReader::open(&b"x,y\n"[..], Dialect::COMMA, false).unwrap();
        assert_eq!(*reader.names(), ["column 1", "column 2"].map(str::to_owned));
        assert_eq!(reader.next().unwrap().unwrap().get("column 2"), Some("y"));
        assert!(CsvReader::open(&b""[..], Dialect::COMMA, true).is_err());
        assert!(CsvReader::open(&b"\"a\"b,c\nx,y\n"[..], Dialect::COMMA, true).is_err());
    }
}
