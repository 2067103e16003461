//! How a delimited file is written, by its first part.

use super::csv::fields;
use super::dialect::Dialect;
use super::frames::Frames;

/// Guesses the delimiter, and for tabs whether quotes mean anything, from the first part of a
/// file. The delimiter is the one by which most rows have as many fields as the first, more
/// than one; of equal ones the one that gives more fields.
pub fn guess(sample: &str) -> Dialect {
    if let Some(rest) = sample.strip_prefix("sep=")
        && let Some(delimiter) = rest.bytes().next()
    {
        return Dialect { delimiter, ..Dialect::COMMA };
    }
    let fits = |delimiter: u8| {
        let dialect = guess_quotes(sample, delimiter);
        (fit(sample, dialect), dialect)
    };
    let best = [b',', b';', b'\t', b'|'].map(fits).into_iter().max_by_key(|(fit, _)| *fit);
    match best {
        Some(((1.., _), dialect)) => dialect,
        _ => Dialect::COMMA,
    }
}

/// Guesses whether quotes mean anything. Between commas they always do; many files with tabs
/// do without them.
pub fn guess_quotes(sample: &str, delimiter: u8) -> Dialect {
    let dialect = Dialect { delimiter, ..Dialect::COMMA };
    let bare = Dialect { quote: None, ..dialect };
    match delimiter == b'\t' && fit(sample, bare) > fit(sample, dialect) {
        true => bare,
        false => dialect,
    }
}

/// Rows of a sample that have as many fields as the first, in thousandths, and the number of
/// fields; zeros when there is but one.
fn fit(sample: &str, dialect: Dialect) -> (usize, usize) {
    let mut frames = Frames::new(sample.as_bytes(), dialect);
    let mut counts = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        if counts.len() == 200 {
            break;
        }
        let count = fields(&frame.bytes, dialect).map_or(0, |fields| fields.len());
        counts.push(if frame.fault.is_some() { 0 } else { count });
    }
    match counts.first() {
        Some(&fields) if fields > 1 => {
            let alike = counts.iter().filter(|count| **count == fields).count();
            (alike * 1_000 / counts.len(), fields)
        }
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_guessed() {
        for (sample, delimiter) in [
            ("a,b,c\n1,\"x;y;z\",3\n", b','),
            ("a;b\n\"1,5\";x, y\n", b';'),
            ("a\tb\nx, y, z\t1\n", b'\t'),
            ("a|b\nx|y\n", b'|'),
            ("sep=|\na,b\n", b'|'),
            ("text\nonly one column, with commas\n", b','),
            ("", b','),
        ] {
            assert_eq!(guess(sample).delimiter, delimiter, "{sample}");
        }
    }

    #[test]
    fn tabs_may_do_without_quotes() {
        let quoted = guess("a\tb\n\"x\ty\"\t1\n\"z\"\t2\n");
        assert_eq!((quoted.delimiter, quoted.quote), (b'\t', Some(b'"')));
        let bare = guess("a\tb\n\"Great\" he said\t1\n\"open\t2\n");
        assert_eq!((bare.delimiter, bare.quote), (b'\t', None));
    }
}
