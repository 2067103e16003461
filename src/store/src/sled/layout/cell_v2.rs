//! A cell as version 2 keeps it: with the earliest and latest `written_at`, so that a time line need
//! not look for them, and with its numbers packed. Frozen.

use super::cell::Span;
use heartstrings_core::aggregate::{Cell, PackedCell, WORDS};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version byte of these records.
pub const VERSION: u8 = 2;

/// Words of 64 positions.
const PRESENT: usize = 5;
const _: () = assert!(WORDS == PRESENT, "more positions need a new version");

/// What is written; [`read`] reads it. The fields of `PackedCell`, after the span.
#[derive(Serialize)]
pub struct CellV2 {
    first: i64,
    last: i64,
    present: [u64; PRESENT],
    numbers: Vec<i64>,
    wide: Vec<(u16, i128)>,
    models: BTreeMap<String, i128>,
}

impl CellV2 {
    /// A cell and the span of its reviews.
    pub fn new(cell: &Cell, (first, last): Span) -> Self {
        let PackedCell { present, numbers, wide, models } = cell.pack();
        let (first, last) = (first.as_microsecond(), last.as_microsecond());
        Self { first, last, present, numbers, wide, models }
    }
}

/// Why a record cannot be read as a cell although it is whole.
const NO_CELL: &str = "it has positions that no cell has";

/// A cell and its span from the contents of its record; fails with a sentence. Its numbers are read
/// by hand, straight into their positions: a time line of a year by days reads a hundred thousand of
/// them, which took a quarter of its time when they went through a list.
pub fn read(contents: &[u8]) -> Result<(Cell, Span), String> {
    let failed = |error: postcard::Error| error.to_string();
    let ((first, last, present, count), mut rest) =
        postcard::take_from_bytes::<(i64, i64, [u64; PRESENT], u64)>(contents).map_err(failed)?;
    if u64::from(present.iter().map(|word| word.count_ones()).sum::<u32>()) != count {
        return Err(NO_CELL.into());
    }
    let cell = Cell::with_numbers(present, || take_number(&mut rest)).ok_or(NO_CELL)?;
    let (wide, models) = postcard::from_bytes(rest).map_err(failed)?;
    let cell = cell.with_others(wide, models).ok_or(NO_CELL)?;
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|error| error.to_string());
    Ok((cell, (time(first)?, time(last)?)))
}

/// Takes a number of 64 bits as postcard writes it: 7 bits a byte, the lowest first, the top bit says
/// that more follow, and the lowest of all is the sign.
fn take_number(bytes: &mut &[u8]) -> Option<i64> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit.
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some((number >> 1) as i64 ^ -((number & 1) as i64));
        }
        shift += 7;
        if shift > 63 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_postcard_writes_them(numbers: Vec<i64>, cut in 1..20usize) {
            let mut bytes = Vec::new();
            for number in &numbers {
                bytes.extend(postcard::to_allocvec(number).unwrap());
            }
            let mut rest = &bytes[..];
            let read: Vec<_> = std::iter::from_fn(|| take_number(&mut rest)).collect();
            prop_assert_eq!(&read, &numbers);
            // What is cut off is not taken for a number.
            let mut rest = &bytes[..bytes.len().saturating_sub(cut)];
            let read: Vec<_> = std::iter::from_fn(|| take_number(&mut rest)).collect();
            prop_assert!(numbers.starts_with(&read));
        }

        #[test]
        fn any_bytes_are_a_number_where_postcard_says_so(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = &bytes[..];
            let read = take_number(&mut rest).map(|number| (number, rest));
            prop_assert_eq!(read, postcard::take_from_bytes::<i64>(&bytes).ok());
        }
    }
}
