//! A JSON array of objects, of any length, one element at a time.

use super::ROW_BYTES;
use super::json::parse;
use crate::record::{ReadError, Record, Refused};
use std::io::{BufRead, Bytes};

/// The elements of an array. One that is not a review is refused alone; where brackets or quotes
/// do not match, nothing after them can be read.
pub struct ArrayReader<R> {
    bytes: Bytes<R>,
    line: u64,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    /// Before an element, or the end when the array is empty.
    First,
    /// Before an element.
    Element,
    After,
}

/// What stands where an element may begin.
enum Begin {
    Element(u8),
    End,
}

impl<R: BufRead> ArrayReader<R> {
    /// Reads what a reader gives.
    pub fn new(reader: R) -> Self {
        Self { bytes: reader.bytes(), line: 1, place: Place::Before }
    }

    /// The next byte, or why there is none.
    fn byte(&mut self) -> Result<u8, String> {
        match self.bytes.next() {
            Some(Ok(byte)) => {
                self.line += u64::from(byte == b'\n');
                Ok(byte)
            }
            Some(Err(error)) => Err(error.to_string()),
            None => Err(format!("the file ends before its array does, on line {}", self.line)),
        }
    }

    /// The next byte that is no white space.
    fn solid(&mut self) -> Result<u8, String> {
        loop {
            let byte = self.byte()?;
            if !byte.is_ascii_whitespace() {
                return Ok(byte);
            }
        }
    }

    fn begin(&mut self) -> Result<Begin, String> {
        if self.place == Place::Before {
            if self.solid()? != b'[' {
                return Err("the file does not begin with a JSON array".into());
            }
            self.place = Place::First;
        }
        match self.solid()? {
            b']' if self.place == Place::First => Ok(Begin::End),
            b']' | b',' => {
                Err(format!("a comma stands where a review should, on line {}", self.line))
            }
            byte => Ok(Begin::Element(byte)),
        }
    }

    /// The bytes of an element that begins with `first`, and whether there are too many. Takes the
    /// comma or bracket after it.
    fn element(&mut self, first: u8) -> Result<(Vec<u8>, bool), String> {
        let (mut bytes, mut is_long) = (Vec::new(), false);
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        let mut byte = first;
        loop {
            if in_string {
                in_string = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b',' | b']' if depth == 0 => {
                        self.place = if byte == b',' { Place::Element } else { Place::After };
                        return Ok((bytes, is_long));
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            is_long |= bytes.len() >= ROW_BYTES;
            if !is_long {
                bytes.push(byte);
            }
            byte = self.byte()?;
        }
    }

    fn record(&mut self) -> Result<Option<Result<Record, Refused>>, String> {
        let first = match self.begin()? {
            Begin::Element(first) => first,
            Begin::End => return Ok(None),
        };
        let line = self.line;
        let (bytes, is_long) = self.element(first)?;
        if is_long {
            let row = String::from_utf8_lossy(&bytes);
            return Ok(Some(Err(Refused::new(line, "the element has more than 2 MiB", row))));
        }
        Ok(Some(parse(line, bytes.trim_ascii())))
    }
}

impl<R: BufRead> Iterator for ArrayReader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::After {
            return None;
        }
        match self.record() {
            Ok(record) => {
                if record.is_none() {
                    self.place = Place::After;
                }
                Some(record?.map_err(ReadError::Row))
            }
            Err(why) => {
                self.place = Place::After;
                Some(Err(ReadError::File(why)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<String, &'static str>> {
        ArrayReader::new(text.as_bytes())
            .map(|row| match row {
                Ok(record) => Ok(record.get("text").unwrap_or_default().to_owned()),
                Err(ReadError::Row(_)) => Err("row"),
                Err(ReadError::File(_)) => Err("file"),
            })
            .collect()
    }

    #[test]
    fn elements_come_one_by_one() {
        let text = r#" [ {"text": "a ] , \" } b", "n": [1, {"x": 2}]},
            7, {"text": bad}, {"text": "last"} ] "#;
        assert_eq!(
            read(text),
            [Ok("a ] , \" } b".into()), Err("row"), Err("row"), Ok("last".into())]
        );
        assert_eq!(read("[]"), []);
        assert_eq!(read("[{\"text\": \"a\"}]"), [Ok("a".into())]);
    }

    #[test]
    fn a_file_that_breaks_off_says_so() {
        let a = Ok("a".to_owned());
        assert_eq!(read("[{\"text\": \"a\"}, {\"text\": \"b"), [a.clone(), Err("file")]);
        assert_eq!(read("[{\"text\": \"a\"}"), [Err("file")]);
        assert_eq!(read("[{\"text\": \"a\"},]"), [a, Err("file")]);
        assert_eq!(read("{}"), [Err("file")]);
        assert_eq!(read(""), [Err("file")]);
    }

    #[test]
    fn a_long_element_is_refused_alone() {
        let text = format!("[{{\"text\": \"{}\"}},\n{{\"text\": \"a\"}}]", "x".repeat(3 << 20));
        assert_eq!(read(&text), [Err("row"), Ok("a".into())]);
    }
}
