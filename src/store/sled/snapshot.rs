//! All reviews at one moment, while writes go on.
//!
//! sled has no snapshots, so the writer keeps the past for those who read it: before it changes a
//! record, it hands the old bytes to every open snapshot that has not got them yet. A snapshot
//! reads the tree a piece at a time and puts the old bytes in the place of the new.

use super::reader::Reader;
use super::{keys, record};
use crate::review::Review;
use crate::store::{Snapshot, StoreError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Records that are read at a time, under the lock that keeps the writer out.
const PIECE: usize = 256;
/// Bytes of old records that a snapshot may hold before it is given up.
const MOST_KEPT: usize = 256 << 20;

/// The past of a snapshot: what changed records were when it was taken; `None` when there was
/// nothing under the key.
#[derive(Default)]
pub struct Past {
    records: BTreeMap<Vec<u8>, Option<sled::IVec>>,
    bytes: usize,
    given_up: bool,
}

/// The snapshots that are being read.
#[derive(Default)]
pub struct Snapshots(Mutex<Vec<Weak<Mutex<Past>>>>);

impl Snapshots {
    /// Keeps what stands under a record's key for those that are open. Called before a change,
    /// while readers are locked out.
    pub fn keep(&self, tree: &sled::Tree, changed: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut open = lock(&self.0);
        open.retain(|past| past.strong_count() > 0);
        for past in open.iter().filter_map(Weak::upgrade) {
            let mut past = lock(&past);
            for key in changed {
                if past.given_up || past.records.contains_key(key) {
                    continue;
                }
                let old = tree.get(key)?;
                past.bytes += key.len() + old.as_ref().map_or(0, |bytes| bytes.len());
                past.records.insert(key.clone(), old);
                if past.bytes > MOST_KEPT {
                    past.given_up = true;
                    past.records.clear();
                }
            }
        }
        Ok(())
    }

    fn open(&self) -> Arc<Mutex<Past>> {
        let past = Arc::new(Mutex::new(Past::default()));
        lock(&self.0).push(Arc::downgrade(&past));
        past
    }
}

// The maps hold whole entries at any time, so a panic elsewhere has spoilt nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A snapshot of a sled store.
pub struct SledSnapshot {
    reader: Arc<Reader>,
    past: Arc<Mutex<Past>>,
    /// The last key that was read.
    after: Bound<Vec<u8>>,
}

impl SledSnapshot {
    /// Takes a snapshot.
    pub fn take(reader: &Arc<Reader>) -> Self {
        // Under the lock no group is half applied.
        let _view = reader.consistent();
        let past = reader.snapshots.open();
        Self { reader: Arc::clone(reader), past, after: Bound::Included(keys::RECORDS.to_vec()) }
    }

    /// The next records as they were, by key. `None` at the end.
    fn piece(&mut self) -> Result<Option<BTreeMap<Vec<u8>, sled::IVec>>, StoreError> {
        let _view = self.reader.consistent();
        let past = lock(&self.past);
        if past.given_up {
            return Err(StoreError::Io(
                "too much was written while everything was being read; try again at a quieter time"
                    .into(),
            ));
        }
        let end = keys::end_of(keys::RECORDS);
        let range = (self.after.clone(), Bound::Excluded(end.clone()));
        let mut piece = BTreeMap::new();
        for entry in self.reader.tree.range::<Vec<u8>, _>(range.clone()).take(PIECE) {
            let (key, bytes) = entry?;
            piece.insert(key.to_vec(), bytes);
        }
        // The piece ends with its last key; a short one is the last, and ends with all records.
        let is_last = piece.len() < PIECE;
        let last = match piece.last_key_value() {
            Some((key, _)) if !is_last => Bound::Included(key.clone()),
            _ => Bound::Excluded(end),
        };
        for (key, old) in past.records.range((range.0, last.clone())) {
            match old {
                Some(bytes) => piece.insert(key.clone(), bytes.clone()),
                None => piece.remove(key),
            };
        }
        let is_end = is_last && piece.is_empty();
        self.after = match last {
            Bound::Included(key) => Bound::Excluded(key),
            end => end,
        };
        Ok((!is_end).then_some(piece))
    }
}

#[async_trait]
impl Snapshot for SledSnapshot {
    async fn next(&mut self) -> Result<Vec<Result<Review, StoreError>>, StoreError> {
        // A piece may be empty without being the end: all of it was written after the snapshot.
        while !matches!(&self.after, Bound::Excluded(key) if *key == keys::end_of(keys::RECORDS)) {
            let Some(piece) = self.piece()? else { break };
            let reviews = piece.iter().map(|(key, bytes)| {
                let id = String::from_utf8_lossy(&key[keys::RECORDS.len()..]);
                record::decode_review(&id, bytes)
            });
            let reviews: Vec<_> = reviews.collect();
            if !reviews.is_empty() {
                return Ok(reviews);
            }
        }
        Ok(Vec::new())
    }
}
