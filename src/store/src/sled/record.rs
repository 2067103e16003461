//! What stands in a value: a version, a checksum, and the contents in postcard's format.
//!
//! sled has checksums of its own, over pages. These are over records, so that one damaged review
//! is one damaged review, and `verify` can name it.

use crate::StoreError;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Content, Fingerprint, Review, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of reviews and requests that is written.
const VERSION: u8 = 1;
/// Version byte and CRC-32.
const HEAD: usize = 5;

/// A review as version 1 keeps it. Times are microseconds since 1970.
///
/// The layout is that of these very types: whoever changes one of them, [`Analysis`] and
/// [`Content`] included, makes a new version. The test at the end of this file notices.
#[derive(Serialize, Deserialize)]
struct ReviewV1 {
    id: ReviewId,
    content: Content,
    written_at: i64,
    received_at: i64,
    updated_at: i64,
    analysis: Analysis,
    fingerprint: Fingerprint,
}

/// Bytes of a review.
pub fn encode_review(review: &Review) -> Result<Vec<u8>, StoreError> {
    let record = ReviewV1 {
        id: review.id.clone(),
        content: review.content.clone(),
        written_at: review.written_at.as_microsecond(),
        received_at: review.received_at.as_microsecond(),
        updated_at: review.updated_at.as_microsecond(),
        analysis: review.analysis.clone(),
        fingerprint: review.fingerprint,
    };
    seal(VERSION, &record)
}

/// A review from its bytes. `id` is the one that it is kept under, for the message.
pub fn decode_review(id: &str, bytes: &[u8]) -> Result<Review, StoreError> {
    let what = || format!("review {id:?}");
    let record: ReviewV1 = unseal(VERSION, bytes).map_err(|why| damaged(what(), why))?;
    let time = |micros| {
        Timestamp::from_microsecond(micros).map_err(|error| damaged(what(), error.to_string()))
    };
    if record.id.as_str() != id {
        return Err(damaged(what(), format!("it is of review {:?}", record.id.as_str())));
    }
    Ok(Review {
        written_at: time(record.written_at)?,
        received_at: time(record.received_at)?,
        updated_at: time(record.updated_at)?,
        id: record.id,
        content: record.content,
        analysis: record.analysis,
        fingerprint: record.fingerprint,
    })
}

/// What came of a request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Digest of what it said.
    pub fingerprint: Fingerprint,
    /// The review that it made.
    pub id: ReviewId,
    /// When it was taken, in microseconds since 1970.
    pub taken_at: i64,
}

/// Bytes of a request.
pub fn encode_request(request: &RequestRecord) -> Result<Vec<u8>, StoreError> {
    seal(VERSION, request)
}

/// A request from its bytes.
pub fn decode_request(bytes: &[u8]) -> Result<RequestRecord, StoreError> {
    unseal(VERSION, bytes).map_err(|why| damaged("the record of an idempotency key".into(), why))
}

/// The checksum at the beginning of a record; `None` when it is cut off.
pub fn checksum(record: &[u8]) -> Option<u32> {
    let (_, checksum) = record.get(..HEAD)?.split_first_chunk::<1>()?;
    Some(u32::from_le_bytes(checksum.try_into().ok()?))
}

pub fn seal(version: u8, record: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let head = vec![version, 0, 0, 0, 0];
    let mut bytes = postcard::to_extend(record, head)
        .map_err(|error| StoreError::Io(format!("a record cannot be written: {error}")))?;
    let checksum = crc32fast::hash(&bytes[HEAD..]);
    bytes[1..HEAD].copy_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

pub fn unseal<'a, T: Deserialize<'a>>(version: u8, bytes: &'a [u8]) -> Result<T, String> {
    postcard::from_bytes(contents_of(version, bytes)?).map_err(|error| error.to_string())
}

/// What is sealed in a record of this version.
pub fn contents_of(version: u8, bytes: &[u8]) -> Result<&[u8], String> {
    let (head, contents) = bytes.split_at_checked(HEAD).ok_or("it is cut off")?;
    if head[0] != version {
        return Err(format!("version {} is not known to this release", head[0]));
    }
    if head[1..] != crc32fast::hash(contents).to_le_bytes() {
        return Err("its checksum does not match".into());
    }
    Ok(contents)
}

pub fn damaged(what: String, why: String) -> StoreError {
    StoreError::Damaged { what, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sled::cell_record::{CELL_VERSION, decode_cell, encode_cell};
    use crate::sled::group::tests::review;
    use heartstrings_core::aggregate::{Cell, Contribution};
    use proptest::prelude::*;

    #[test]
    fn reviews_read_back_the_same() {
        let review = review("r1", "film", 1_700_000_000_000_000, 250_000);
        let bytes = encode_review(&review).unwrap();
        assert_eq!(decode_review("r1", &bytes).unwrap(), review);
        assert!(decode_review("r2", &bytes).is_err());
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let bytes = encode_review(&review("r1", "film", 0, 1)).unwrap();
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x10;
            assert!(decode_review("r1", &damaged).is_err(), "byte {place}");
        }
    }

    fn reseal(version: u8, bytes: &mut [u8]) {
        if bytes.len() > HEAD {
            bytes[0] = version;
            let checksum = crc32fast::hash(&bytes[HEAD..]).to_le_bytes();
            bytes[1..HEAD].copy_from_slice(&checksum);
        }
    }

    fn decode_as_anything(bytes: &[u8]) {
        let _ = decode_review("r1", bytes);
        let _ = decode_cell(b"c", bytes);
        let _ = decode_request(bytes);
    }

    // `make fuzz` tries a million of each.
    proptest! {
        #[test]
        fn fuzz_random_records(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 0..4u8) {
            if version > 0 {
                reseal(version, &mut bytes);
            }
            decode_as_anything(&bytes);
        }

        #[test]
        fn fuzz_changed_records(
            kind in 0..3,
            places in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
            length in any::<u16>(),
        ) {
            let review = review("r1", "film", 1_700_000_000_000_000, 250_000);
            let mut bytes = match kind {
                0 => encode_review(&review).unwrap(),
                1 => {
                    let mut cell = Cell::default();
                    cell.add(&Contribution::of(&review.analysis, review.content.rating));
                    encode_cell(&cell, Some((review.written_at, review.written_at))).unwrap()
                }
                _ => {
                    let Review { id, fingerprint, .. } = review;
                    encode_request(&RequestRecord { fingerprint, id, taken_at: 1 }).unwrap()
                }
            };
            for (place, byte) in places {
                let place = usize::from(place) % bytes.len();
                bytes[place] = byte;
            }
            bytes.truncate(usize::from(length) % (2 * bytes.len()));
            reseal(if kind == 1 { CELL_VERSION } else { VERSION }, &mut bytes);
            decode_as_anything(&bytes);
        }
    }

    /// The bytes of version 1 are in people's databases. If this fails, the layout has changed:
    /// add a version, keep reading this one, and leave the expected digest as it is.
    #[test]
    fn version_1_has_not_changed() {
        let bytes = encode_review(&review("golden", "film", 1_700_000_000_000_000, -250_000));
        assert_eq!(crc32fast::hash(&bytes.unwrap()), GOLDEN_REVIEW);
    }

    const GOLDEN_REVIEW: u32 = 2_325_129_095;
}
