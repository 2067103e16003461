//! Where the rows of a delimited file begin and end.
//!
//! A quote that is not closed would take all rows after it for one long field. So rows are found by
//! the strict rule (RFC 4180: a quote within quotes is doubled, and after the closing one a
//! delimiter or the end of the line comes). Where the rule is broken, the line on which the row
//! began is given up alone, and reading goes on with the line after it. An open quote meets the
//! opening quote of a later field, which breaks the rule, so the time grows with the length.

use super::ROW_BYTES;
use super::dialect::Dialect;
use std::collections::VecDeque;
use std::io::{BufRead, Read};

/// The bytes of a row without the end of its last line.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// Line that it begins on, from 1.
    pub line: u64,
    /// What stands there.
    pub bytes: Vec<u8>,
    /// What is wrong with it.
    pub fault: Option<&'static str>,
}

/// A closing quote that something follows.
const STRAY: &str = "a quote stands inside a quoted field; write it twice (\"\"), or read the file \
                     with --quotes none or --quotes backslash if it was written so";
/// A quote without its second.
const OPEN: &str = "a quoted field is not closed";
/// A row of more than [`ROW_BYTES`].
const LONG: &str = "the row has more than 2 MiB";

/// Cuts a file into rows. Lines without anything are left out.
pub struct Frames<R> {
    reader: R,
    /// Lines that were read ahead.
    ahead: VecDeque<Line>,
    /// Lines taken so far.
    line: u64,
    dialect: Dialect,
}

struct Line {
    bytes: Vec<u8>,
    is_long: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    Escaped,
    /// After a quote within quotes: the end of the field, or the first of two.
    Quote,
    /// After the closing quote, when white space has come.
    Closed,
}

impl<R: BufRead> Frames<R> {
    /// The rows of what a reader gives.
    pub fn new(reader: R, dialect: Dialect) -> Self {
        Self { reader, ahead: VecDeque::new(), line: 0, dialect }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the reader fails.
    pub fn next(&mut self) -> std::io::Result<Option<Frame>> {
        loop {
            let Some(first) = self.take()? else { return Ok(None) };
            let line = self.line;
            if first.is_long {
                return Ok(Some(Frame { line, bytes: first.bytes, fault: Some(LONG) }));
            }
            if first.bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                continue;
            }
            return self.row(line, first.bytes).map(Some);
        }
    }

    fn row(&mut self, line: u64, first: Vec<u8>) -> std::io::Result<Frame> {
        let Some(mut state) = self.scan(State::FieldStart, &first) else {
            return Ok(frame(line, first, Some(STRAY)));
        };
        let mut more: Vec<Line> = Vec::new();
        let mut bytes = first.len();
        while matches!(state, State::Quoted | State::Escaped) {
            let fault = match self.take()? {
                None => OPEN,
                Some(next) => {
                    bytes += next.bytes.len();
                    let scanned = self.scan(State::Quoted, &next.bytes);
                    let is_long = next.is_long || bytes > ROW_BYTES;
                    more.push(next);
                    match scanned {
                        Some(next) if !is_long => {
                            state = next;
                            continue;
                        }
                        Some(_) | None => OPEN,
                    }
                }
            };
            // The lines after the first are rows of their own.
            self.line -= more.len() as u64;
            for line in more.into_iter().rev() {
                self.ahead.push_front(line);
            }
            return Ok(frame(line, first, Some(fault)));
        }
        let mut whole = first;
        for line in more {
            whole.extend(line.bytes);
        }
        Ok(frame(line, whole, None))
    }

    /// Follows the rule over a line; `None` where it is broken.
    fn scan(&self, mut state: State, line: &[u8]) -> Option<State> {
        use State::*;
        let Dialect { delimiter, quote, escape } = self.dialect;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        for byte in line.iter().copied() {
            let is_quote = Some(byte) == quote;
            state = match state {
                FieldStart if is_quote => Quoted,
                FieldStart | Bare | Quote | Closed if byte == delimiter => FieldStart,
                FieldStart | Bare => Bare,
                Escaped => Quoted,
                Quoted if Some(byte) == escape => Escaped,
                Quoted if is_quote => Quote,
                Quoted => Quoted,
                Quote if is_quote && escape.is_none() => Quoted,
                Quote | Closed if byte == b' ' => Closed,
                Quote | Closed => return None,
            };
        }
        Some(state)
    }

    /// The next line with its end.
    fn take(&mut self) -> std::io::Result<Option<Line>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => read_line(&mut self.reader)?.map(|(bytes, is_long)| Line { bytes, is_long }),
        };
        self.line += u64::from(line.is_some());
        Ok(line)
    }
}

fn frame(line: u64, mut bytes: Vec<u8>, fault: Option<&'static str>) -> Frame {
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    Frame { line, bytes, fault }
}

/// The next line with its end, and whether it has more than [`ROW_BYTES`]; of a longer one only as
/// many are given.
///
/// # Errors
/// When the reader fails.
pub fn read_line(reader: &mut impl BufRead) -> std::io::Result<Option<(Vec<u8>, bool)>> {
    let mut bytes = Vec::new();
    let most = ROW_BYTES as u64 + 2;
    if reader.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() < ROW_BYTES + 2 || bytes.ends_with(b"\n") {
        return Ok(Some((bytes, false)));
    }
    loop {
        let chunk = reader.fill_buf()?;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(chunk.len(), |place| place + 1);
        reader.consume(used);
        if end.is_some() || used == 0 {
            return Ok(Some((bytes, true)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str, dialect: Dialect) -> Vec<(u64, String, bool)> {
        let mut frames = Frames::new(text.as_bytes(), dialect);
        let mut found = Vec::new();
        while let Some(frame) = frames.next().unwrap() {
            let text = String::from_utf8(frame.bytes).unwrap();
            found.push((frame.line, text, frame.fault.is_none()));
        }
        found
    }

    fn good(line: u64, text: &str) -> (u64, String, bool) {
        (line, text.into(), true)
    }

    fn bad(line: u64, text: &str) -> (u64, String, bool) {
        (line, text.into(), false)
    }

    #[test]
    fn rows_end_where_no_quote_is_open() {
        let text = "a,b\r\n\"one\ntwo\",\"say \"\"hi\"\"\"\n\n5\" tall,x\n\"\", y\n\"c\" ,d";
        assert_eq!(
            frames(text, Dialect::COMMA),
            [
                good(1, "a,b"),
                good(2, "\"one\ntwo\",\"say \"\"hi\"\"\""),
                good(5, "5\" tall,x"),
                good(6, "\"\", y"),
                good(7, "\"c\" ,d"),
            ]
        );
    }

    #[test]
    fn a_broken_quote_costs_its_own_line_and_no_other() {
        for (broken, rest) in [
            ("\"He said \"great\" twice\",1", "x,2\n\"y\",3\n"),
            ("\"never closed,1", "x,2\n\"y\",3\n"),
            ("\"never closed,1", "x,2\n\"y \"\"z\"\"\",3\n\"\"\"w\"\" v\",4\n"),
            ("\"never closed,1", "\"y\",3\n"),
            ("\"never closed,1", "plain,3\n"),
            ("x,\"never closed", ""),
        ] {
            let found = frames(&format!("{broken}\n{rest}"), Dialect::COMMA);
            let mut expected = vec![bad(1, broken)];
            expected.extend((2..).zip(rest.lines()).map(|(line, text)| good(line, text)));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn other_dialects() {
        let none = Dialect { quote: None, ..Dialect::COMMA };
        let text = "\"open,1\n\"x\" y,2\n";
        assert_eq!(frames(text, none), [good(1, "\"open,1"), good(2, "\"x\" y,2")]);
        let backslash = Dialect { escape: Some(b'\\'), ..Dialect::COMMA };
        let text = "\"say \\\"hi\\\",\n\\\\\",1\n\"x\",2\n";
        assert_eq!(
            frames(text, backslash),
            [good(1, "\"say \\\"hi\\\",\n\\\\\",1"), good(3, "\"x\",2")]
        );
    }

    #[test]
    fn a_row_has_a_greatest_length() {
        let long = "x".repeat(3 << 20);
        let text = format!("a\n{long}\nb\n\"{long}\"\nc\n");
        let found = frames(&text, Dialect::COMMA);
        let lines: Vec<_> = found.iter().map(|(line, _, is_good)| (*line, *is_good)).collect();
        assert_eq!(lines, [(1, true), (2, false), (3, true), (4, false), (5, true)]);
        assert!(found[1].1.len() < (2 << 20) + 3);
        // Short lines of one open field.
        let open = format!("\"{}", "short\n".repeat(500_000));
        let found = frames(&open, Dialect::COMMA);
        assert_eq!((found.len(), found[0].2, found[1].2), (500_000, false, true));
    }
}
