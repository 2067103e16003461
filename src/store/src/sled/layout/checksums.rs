//! The sum of the checksums of all records.
//!
//! Lists and aggregates tell of a review that was lost, and of one whose analysis is not the one they
//! counted. A lost replacement that changed neither (another title, other metadata) they cannot tell
//! from the review that was there before. So the CRC-32 of every record, which covers its id, is added
//! into one number of 64 bits, in the batch that writes the record, and `verify` adds them up anew.
//!
//! Damaged reviews that a rebuild has left out are not in the sum. A database has none when an earlier
//! release made it, or when a record was removed whose checksum could not be read; then nothing is
//! compared, until a rebuild makes the sum anew.

use super::{chunks, keys, review};
use crate::StoreError;

/// The checksum in a record, given its first value. 0 for one that is cut off, which no sum holds.
pub fn of(first: &[u8]) -> u64 {
    review::checksum(chunks::beginning(first)).map_or(0, u64::from)
}

/// The sum of a database; `None` when it has none.
pub fn stored(tree: &sled::Tree) -> Result<Option<u64>, StoreError> {
    let Some(bytes) = tree.get(keys::CHECKSUMS)? else { return Ok(None) };
    let sum = bytes.as_ref().try_into().map_err(|_| StoreError::Damaged {
        what: "the sum of the reviews' checksums".into(),
        why: "it is cut off".into(),
    })?;
    Ok(Some(u64::from_le_bytes(sum)))
}

/// What a sum is kept as.
pub fn encode(sum: u64) -> [u8; 8] {
    sum.to_le_bytes()
}

/// What a group of writes changes of the sum. It wraps around, in both directions.
#[derive(Default)]
pub struct Change {
    added: u64,
    is_unknown: bool,
}

impl Change {
    /// A record is written, of which this is the first value.
    pub fn add(&mut self, first: &[u8]) {
        self.added = self.added.wrapping_add(of(first));
    }

    /// A record is taken away, of which this is the first value.
    pub fn subtract(&mut self, first: &[u8]) {
        self.added = self.added.wrapping_sub(of(first));
    }

    /// A record is taken away, or found to be gone, and its checksum cannot be known.
    pub fn lose(&mut self) {
        self.is_unknown = true;
    }

    /// Puts the new sum into the batch that makes it true.
    pub fn put(&self, tree: &sled::Tree, batch: &mut sled::Batch) -> Result<(), StoreError> {
        match stored(tree)? {
            Some(_) if self.is_unknown => batch.remove(keys::CHECKSUMS),
            Some(sum) if self.added != 0 => {
                batch.insert(keys::CHECKSUMS, &encode(sum.wrapping_add(self.added)));
            }
            _ => {}
        }
        Ok(())
    }
}
