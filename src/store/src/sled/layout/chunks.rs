//! Records that are too long for one value.
//!
//! sled keeps a page in its log as long as the page is shorter than a quarter of a segment (128 KiB);
//! a longer one it puts into a file of its own in `blobs/`, which it neither syncs nor finds again
//! for sure after a power cut. A page holds up to 20 values (it is split at 17, and may have taken
//! in 3 of a neighbour), so no value may be longer than some 6 KiB. A record that is stands in
//! chunks: the first one under the review's key, the others under keys of their own, all in the same
//! batch.
//!
//! A first chunk is told from a whole record by its version, 2, which is followed by a CRC-32 of
//! what comes after it, the number of the other chunks (16 bits, little endian), and the first bytes
//! of the record. The record itself has a version and a checksum of its own.

use super::keys;
use crate::StoreError;
use heartstrings_core::review::ReviewId;

/// Longest value that is written, in bytes.
pub const LONGEST: usize = 4_096;
/// The version of the first of several chunks.
const VERSION: u8 = 2;
/// Version, CRC-32, and the number of the other chunks.
const HEAD: usize = 7;

/// Whether a value is the first chunk of a record, and not a whole one.
pub fn is_first(value: &[u8]) -> bool {
    value.first() == Some(&VERSION)
}

/// The keys and values that a record is written as; the review's own key comes first.
pub fn split(id: &ReviewId, record: Vec<u8>) -> Result<Vec<keys::Entry>, StoreError> {
    if record.len() <= LONGEST {
        return Ok(vec![(keys::record(id), record)]);
    }
    let (first, rest) = record.split_at(LONGEST - HEAD);
    let rest = rest.chunks(LONGEST);
    let count = u16::try_from(rest.len()).ok().filter(|count| *count < keys::MOST_CHUNKS);
    // A text of the longest takes a hundredth of that.
    let count = count.ok_or_else(|| StoreError::Damaged {
        what: format!("review {:?}", id.as_str()),
        why: format!("it takes {} bytes, which is more than a record may", record.len()),
    })?;
    let contents = [&count.to_le_bytes()[..], first].concat();
    let checksum = crc32fast::hash(&contents).to_le_bytes();
    let value = [&[VERSION], &checksum[..], &contents].concat();
    let rest = (0..).zip(rest).map(|(number, chunk)| (keys::chunk(id, number), chunk.to_vec()));
    Ok(std::iter::once((keys::record(id), value)).chain(rest).collect())
}

/// Where a record begins in its first value; empty when that is cut off.
pub fn beginning(first: &[u8]) -> &[u8] {
    if is_first(first) { first.get(HEAD..).unwrap_or_default() } else { first }
}

/// How many chunks follow a first one; why it cannot be told if it is damaged.
pub fn count(first: &[u8]) -> Result<u16, String> {
    let (head, _) = first.split_first_chunk::<HEAD>().ok_or("its first chunk is cut off")?;
    let [_, checksum @ .., low, high] = head;
    if *checksum != crc32fast::hash(&first[HEAD - 2..]).to_le_bytes() {
        return Err("the checksum of its first chunk does not match".into());
    }
    Ok(u16::from_le_bytes([*low, *high]))
}

/// The record that starts with `first`; `look_up` gives the value of a key. Damage is a sentence.
pub fn join<V: AsRef<[u8]>>(
    id: &ReviewId,
    first: &[u8],
    mut look_up: impl FnMut(&[u8]) -> Result<Option<V>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let damaged = |why| StoreError::Damaged { what: format!("review {:?}", id.as_str()), why };
    let count = count(first).map_err(damaged)?;
    let mut record = first[HEAD..].to_vec();
    for number in 0..count {
        let chunk = look_up(&keys::chunk(id, number))?;
        let chunk = chunk.ok_or_else(|| damaged(format!("chunk {} is missing", number + 2)))?;
        record.extend(chunk.as_ref());
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn id() -> ReviewId {
        "r".parse().unwrap()
    }

    proptest! {
        #[test]
        fn what_is_split_is_joined_again(length in 0..40_000usize, seed in any::<u8>()) {
            let record: Vec<u8> = (0..length).map(|n| (n / 7) as u8 ^ seed).collect();
            // Whole records are of version 1.
            let record = [&[1][..], &record].concat();
            let mut chunks: BTreeMap<_, _> =
                split(&id(), record.clone()).unwrap().into_iter().collect();
            prop_assert!(chunks.values().all(|chunk| chunk.len() <= LONGEST));
            let first = chunks[&keys::record(&id())].clone();
            if !is_first(&first) {
                prop_assert_eq!((first, chunks.len()), (record, 1));
                return Ok(());
            }
            prop_assert_eq!(usize::from(count(&first).unwrap()), chunks.len() - 1);
            let joined = join(&id(), &first, |key| Ok(chunks.get(key)));
            prop_assert_eq!(joined.unwrap(), record);
            chunks.remove(&keys::chunk(&id(), 0));
            prop_assert!(join(&id(), &first, |key| Ok(chunks.get(key))).is_err());
        }

        // `make fuzz` tries a million.
        #[test]
        fn fuzz_first_parts(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let first = [&[VERSION][..], &bytes].concat();
            prop_assert!(join(&id(), &first, |_| Ok(None::<Vec<u8>>)).is_err());
        }
    }

    #[test]
    fn a_flipped_bit_in_a_first_part_is_noticed() {
        let first = split(&id(), vec![1; 5_000]).unwrap().remove(0).1;
        for place in 1..first.len() {
            let mut damaged = first.clone();
            damaged[place] ^= 4;
            assert!(count(&damaged).is_err(), "byte {place}");
        }
    }
}
