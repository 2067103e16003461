//! Reviews as records: which version is written, and which are read.

use super::{seal, v1};
use crate::StoreError;
use heartstrings_core::review::Review;

pub use seal::checksum;

/// Bytes of a review.
pub fn encode(review: &Review) -> Result<Vec<u8>, StoreError> {
    seal::seal(v1::VERSION, &v1::ReviewV1::from(review))
}

/// A review from its bytes. `id` is the one that it is kept under, for the message.
pub fn decode(id: &str, bytes: &[u8]) -> Result<Review, StoreError> {
    let damaged = |why| StoreError::Damaged { what: format!("review {id:?}"), why };
    let review = read(bytes).map_err(damaged)?;
    if review.id.as_str() != id {
        return Err(damaged(format!("it is of review {:?}", review.id.as_str())));
    }
    Ok(review)
}

/// The one place that knows all versions. Version 2 is taken: it marks a first chunk
/// ([`chunks`](super::chunks)).
fn read(bytes: &[u8]) -> Result<Review, String> {
    match seal::version(bytes)? {
        v1::VERSION => seal::read::<v1::ReviewV1>(bytes)?.try_into(),
        other => Err(seal::unknown(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::review;
    use crate::sled::layout::request::{self, RequestRecord};
    use crate::sled::layout::seal::HEAD;
    use crate::sled::layout::{cell, cell_v2};
    use heartstrings_core::aggregate::{Cell, Contribution};
    use proptest::prelude::*;

    #[test]
    fn reviews_read_back_the_same() {
        let review = review("r1", "film", 1_700_000_000_000_000, 250_000);
        let bytes = encode(&review).unwrap();
        assert_eq!(decode("r1", &bytes).unwrap(), review);
        assert!(decode("r2", &bytes).is_err());
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let bytes = encode(&review("r1", "film", 0, 1)).unwrap();
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x10;
            assert!(decode("r1", &damaged).is_err(), "byte {place}");
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
        let _ = decode("r1", bytes);
        let _ = cell::decode(b"c", bytes);
        let _ = request::decode(bytes);
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
                0 => encode(&review).unwrap(),
                1 => {
                    let mut sums = Cell::default();
                    sums.add(&Contribution::of(&review.analysis, review.content.rating));
                    cell::encode(&sums, Some((review.written_at, review.written_at))).unwrap()
                }
                _ => {
                    let Review { id, fingerprint, .. } = review;
                    request::encode(&RequestRecord { fingerprint, id, taken_at: 1 }).unwrap()
                }
            };
            for (place, byte) in places {
                let place = usize::from(place) % bytes.len();
                bytes[place] = byte;
            }
            bytes.truncate(usize::from(length) % (2 * bytes.len()));
            reseal(if kind == 1 { cell_v2::VERSION } else { v1::VERSION }, &mut bytes);
            decode_as_anything(&bytes);
        }
    }

    /// The bytes of version 1 are in people's databases. If this fails, the layout has changed:
    /// add a version, keep reading this one, and leave the expected digest as it is.
    #[test]
    fn version_1_has_not_changed() {
        let bytes = encode(&review("golden", "film", 1_700_000_000_000_000, -250_000));
        assert_eq!(crc32fast::hash(&bytes.unwrap()), GOLDEN_REVIEW);
    }

    const GOLDEN_REVIEW: u32 = 2_325_129_095;
}
