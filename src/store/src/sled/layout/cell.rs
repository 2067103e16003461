//! Cells as records: which version is written, and which are read.

use super::{cell_v1, cell_v2, seal};
use crate::StoreError;
use heartstrings_core::aggregate::Cell;
use jiff::Timestamp;

/// Earliest and latest `written_at` of a cell's reviews.
pub type Span = (Timestamp, Timestamp);

/// A cell with its span, which those of version 1 lack.
pub type StoredCell = (Cell, Option<Span>);

/// Bytes of a cell. Without a span they are of version 1: the cell of a damaged database, which
/// counts reviews that no list by time has. `verify` reports it, and writes go on.
pub fn encode(cell: &Cell, span: Option<Span>) -> Result<Vec<u8>, StoreError> {
    match span {
        Some(span) => seal::seal(cell_v2::VERSION, &cell_v2::CellV2::new(cell, span)),
        None => seal::seal(cell_v1::VERSION, &cell_v1::CellV1::from(cell)),
    }
}

/// A cell from its bytes, with its span; version 1 had none. `key` is the one that it is kept under,
/// for the message.
pub fn decode(key: &[u8], bytes: &[u8]) -> Result<StoredCell, StoreError> {
    read(bytes).map_err(|why| StoreError::Damaged {
        what: format!("aggregate cell {}", String::from_utf8_lossy(key).escape_default()),
        why,
    })
}

/// The one place that knows all versions.
fn read(bytes: &[u8]) -> Result<StoredCell, String> {
    match seal::version(bytes)? {
        cell_v1::VERSION => Ok((cell_v1::read(seal::contents(bytes)?)?, None)),
        cell_v2::VERSION => {
            let (cell, span) = cell_v2::read(seal::contents(bytes)?)?;
            Ok((cell, Some(span)))
        }
        other => Err(seal::unknown(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::review;
    use heartstrings_core::aggregate::{Contribution, PackedCell};

    #[test]
    fn cells_read_back_the_same() {
        let review = review("r1", "film", 1_700_000_000_000_000, 250_000);
        let mut cell = Cell::default();
        cell.add(&Contribution::of(&review.analysis, review.content.rating));
        let span = (review.written_at, review.updated_at);
        let bytes = encode(&cell, Some(span)).unwrap();
        assert_eq!(decode(b"c", &bytes).unwrap(), (cell.clone(), Some(span)));
        assert!(bytes.len() < 400, "a cell of one review takes {} bytes", bytes.len());
        let first_version = encode(&cell, None).unwrap();
        assert_eq!(decode(b"c", &first_version).unwrap(), (cell, None));
    }

    #[test]
    fn numbers_of_more_than_64_bits_are_kept() {
        let wide = i128::from(i64::MAX) + 1;
        // Sums of products stand at 7 and 13.
        let numbers = vec![(1, 7), (7, wide), (13, -wide - 1), (6, i64::MIN.into())];
        let cell = Cell::unpack(PackedCell::of(numbers, Default::default())).unwrap();
        let span = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let bytes = encode(&cell, Some(span)).unwrap();
        assert_eq!(decode(b"c", &bytes).unwrap(), (cell, Some(span)));
        let no_count = PackedCell::of(vec![(3, wide)], Default::default());
        assert_eq!(Cell::unpack(no_count), None);
    }
}
