//! What stands in the value of a cell. `record.rs` says what comes before it.

use super::record::{contents_of, damaged, seal, unseal};
use crate::StoreError;
use heartstrings_core::aggregate::{Cell, Parts, WORDS};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that is written. Older ones stay readable.
pub const CELL_VERSION: u8 = 2;

/// A cell as version 1 keeps it: the numbers that are not zero, by place, and the models.
#[derive(Serialize, Deserialize)]
struct CellV1 {
    numbers: Vec<(u16, i128)>,
    models: BTreeMap<String, i128>,
}

/// A cell as version 2 keeps it: with the earliest and latest `written_at`, so that a time line need
/// not look for them, and with its numbers packed. [`read_cell`] reads it.
#[derive(Serialize)]
struct CellV2 {
    first: i64,
    last: i64,
    parts: Parts,
}

/// Earliest and latest `written_at` of a cell's reviews.
pub type Span = (Timestamp, Timestamp);

/// A cell with its span, which those of version 1 lack.
pub type StoredCell = (Cell, Option<Span>);

/// Bytes of a cell. Without a span they are of version 1: the cell of a damaged database, which
/// counts reviews that no list by time has. `verify` tells of it, and writes go on.
pub fn encode_cell(cell: &Cell, span: Option<Span>) -> Result<Vec<u8>, StoreError> {
    match span {
        Some((first, last)) => {
            let (first, last) = (first.as_microsecond(), last.as_microsecond());
            seal(CELL_VERSION, &CellV2 { first, last, parts: cell.parts() })
        }
        None => {
            let (numbers, models) = (cell.numbers(), cell.models_with_counts());
            seal(1, &CellV1 { numbers, models })
        }
    }
}

/// A cell from its bytes, with its span; version 1 had none.
pub fn decode_cell(key: &[u8], bytes: &[u8]) -> Result<StoredCell, StoreError> {
    let what = || format!("aggregate cell {}", String::from_utf8_lossy(key).escape_default());
    if bytes.first() == Some(&1) {
        let CellV1 { numbers, models } = unseal(1, bytes).map_err(|why| damaged(what(), why))?;
        let cell = Cell::from_parts(Parts::of(numbers, models));
        return Ok((cell.ok_or_else(|| damaged(what(), NO_CELL.into()))?, None));
    }
    let contents = contents_of(CELL_VERSION, bytes).map_err(|why| damaged(what(), why))?;
    let (first, last, cell) = read_cell(contents).map_err(|why| damaged(what(), why))?;
    let time = |micros| {
        Timestamp::from_microsecond(micros).map_err(|error| damaged(what(), error.to_string()))
    };
    Ok((cell, Some((time(first)?, time(last)?))))
}

/// Why a record cannot be read as a cell although it is whole.
const NO_CELL: &str = "it has places that no cell has";

/// The contents of a [`CellV2`]: first, last, and the cell. Its numbers are read by hand, straight
/// into their places: a time line of a year by days reads a hundred thousand of them, which took a
/// quarter of its time when they went through a list.
fn read_cell(contents: &[u8]) -> Result<(i64, i64, Cell), String> {
    let failed = |error: postcard::Error| error.to_string();
    let ((first, last, present, count), mut rest) =
        postcard::take_from_bytes::<(i64, i64, [u64; WORDS], u64)>(contents).map_err(failed)?;
    if u64::from(present.iter().map(|word| word.count_ones()).sum::<u32>()) != count {
        return Err(NO_CELL.into());
    }
    let cell = Cell::with_numbers(present, || take_number(&mut rest)).ok_or(NO_CELL)?;
    let (wide, models) = postcard::from_bytes(rest).map_err(failed)?;
    let cell = cell.with_others(wide, models).ok_or(NO_CELL)?;
    Ok((first, last, cell))
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
    use crate::sled::group::tests::review;
    use heartstrings_core::aggregate::Contribution;
    use proptest::prelude::*;

    #[test]
    fn cells_read_back_the_same() {
        let review = review("r1", "film", 1_700_000_000_000_000, 250_000);
        let mut cell = Cell::default();
        cell.add(&Contribution::of(&review.analysis, review.content.rating));
        let span = (review.written_at, review.updated_at);
        let bytes = encode_cell(&cell, Some(span)).unwrap();
        assert_eq!(decode_cell(b"c", &bytes).unwrap(), (cell.clone(), Some(span)));
        assert!(bytes.len() < 400, "a cell of one review takes {} bytes", bytes.len());
        let first_version = encode_cell(&cell, None).unwrap();
        assert_eq!(decode_cell(b"c", &first_version).unwrap(), (cell, None));
    }

    #[test]
    fn numbers_of_more_than_64_bits_are_kept() {
        let wide = i128::from(i64::MAX) + 1;
        // Sums of products stand at 7 and 13.
        let numbers = vec![(1, 7), (7, wide), (13, -wide - 1), (6, i64::MIN.into())];
        let cell = Cell::from_parts(Parts::of(numbers, Default::default())).unwrap();
        let span = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let bytes = encode_cell(&cell, Some(span)).unwrap();
        assert_eq!(decode_cell(b"c", &bytes).unwrap(), (cell, Some(span)));
        let no_count = Parts::of(vec![(3, wide)], Default::default());
        assert_eq!(Cell::from_parts(no_count), None);
    }

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
