//! All reviews at one moment, while writes go on.
//!
//! sled has no snapshots, so the writer keeps the past for those who read it: before it changes a
//! record, it hands the old bytes to every open snapshot that has not got them yet. A snapshot
//! reads the tree a piece at a time and puts the old bytes in the place of the new. What it has
//! read it needs no more: nothing is kept for the records behind it.

use super::reader::Reader;
use super::unreadable::{self, after, named};
use super::{keys, parts, record};
use crate::{Scope, Snapshot, StoreError};
use async_trait::async_trait;
use heartstrings_core::review::Review;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Records that are read at a time, under the lock that keeps the writer out.
const PIECE: usize = 256;
/// Bytes of old records that a snapshot may hold before it is given up.
const MOST_KEPT: usize = if cfg!(test) { 1 << 20 } else { 256 << 20 };

/// The past of a snapshot: what changed records and their parts were when it was taken; `None` when
/// there was nothing under the key.
pub struct Past {
    records: BTreeMap<Vec<u8>, Option<sled::IVec>>,
    parts: BTreeMap<Vec<u8>, Option<sled::IVec>>,
    bytes: usize,
    given_up: bool,
    /// Where the snapshot goes on: records before this key have been read.
    next: Vec<u8>,
}

impl Past {
    fn new() -> Self {
        let (records, parts) = (BTreeMap::new(), BTreeMap::new());
        Self { records, parts, bytes: 0, given_up: false, next: keys::RECORDS.to_vec() }
    }

    /// Keeps what stands under the key of a record or part, unless that is known or was read.
    fn keep(&mut self, tree: &sled::Tree, key: &[u8]) -> Result<(), StoreError> {
        let is_part = key.starts_with(keys::PARTS);
        let first_unread = if is_part { self.next_part() } else { self.next.clone() };
        let values = if is_part { &mut self.parts } else { &mut self.records };
        if self.given_up || *key < first_unread[..] || values.contains_key(key) {
            return Ok(());
        }
        let old = tree.get(key)?;
        self.bytes += size(key, &old);
        values.insert(key.to_vec(), old);
        if self.bytes > MOST_KEPT {
            *self = Self { given_up: true, ..Self::new() };
        }
        Ok(())
    }

    /// Goes on at a key, and forgets what is before it.
    fn go_on_at(&mut self, next: Vec<u8>) {
        self.next = next;
        let parts = self.parts.split_off(&self.next_part());
        let records = self.records.split_off(&self.next);
        let read = std::mem::replace(&mut self.parts, parts).into_iter();
        let read = read.chain(std::mem::replace(&mut self.records, records));
        self.bytes -= read.map(|(key, old)| size(&key, &old)).sum::<usize>();
    }

    /// The key before which all parts are of records that have been read. After a record's key the
    /// next one is the same with a zero; the parts' keys have a zero there themselves.
    fn next_part(&self) -> Vec<u8> {
        match self.next.strip_prefix(keys::RECORDS) {
            Some([id @ .., 0]) => [keys::PARTS, id, &[1]].concat(),
            Some(id) => [keys::PARTS, id].concat(),
            None => keys::end_of(keys::PARTS),
        }
    }
}

fn size(key: &[u8], old: &Option<sled::IVec>) -> usize {
    key.len() + old.as_ref().map_or(0, |bytes| bytes.len())
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
                past.keep(tree, key)?;
            }
        }
        Ok(())
    }

    fn open(&self) -> Arc<Mutex<Past>> {
        let past = Arc::new(Mutex::new(Past::new()));
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
    is_at_end: bool,
    /// Reviews that there were when it was taken, as far as the aggregates know.
    expected: u64,
    /// Reviews that were handed out or named as damaged.
    told: u64,
    /// Whether the log has places that cannot be read.
    has_gaps: bool,
}

impl SledSnapshot {
    /// Takes a snapshot.
    pub fn take(reader: &Arc<Reader>) -> Self {
        // Under the lock no group is half applied.
        let _view = reader.consistent();
        let past = reader.snapshots.open();
        let total = unreadable::guarded(|| reader.total(&Scope::All)).ok().flatten();
        let expected = total.map_or(0, |(cell, _)| cell.reviews());
        let reader = Arc::clone(reader);
        Self { reader, past, is_at_end: false, expected, told: 0, has_gaps: false }
    }

    /// The next records as they were, by key. None may come before the end: all of a piece may
    /// have been written after the snapshot.
    fn piece(&mut self) -> Result<Vec<Result<Review, StoreError>>, StoreError> {
        let _view = self.reader.consistent();
        let mut past = lock(&self.past);
        if past.given_up {
            return Err(StoreError::Io(
                "too much was written while everything was being read; try again at a quieter time"
                    .into(),
            ));
        }
        let end = keys::end_of(keys::RECORDS);
        let mut piece = BTreeMap::new();
        for (key, bytes) in self.reader.records(&past.next, PIECE) {
            self.has_gaps |= bytes.is_err();
            piece.insert(key, bytes);
        }
        // The piece ends with its last key; a short one is the last, and ends with all records.
        self.is_at_end = piece.len() < PIECE;
        let next = match piece.last_key_value() {
            Some((key, _)) if !self.is_at_end => after(key),
            _ => end,
        };
        for (key, old) in past.records.range(past.next.clone()..next.clone()) {
            match old {
                Some(bytes) => piece.insert(key.clone(), Ok(bytes.clone())),
                None => piece.remove(key),
            };
        }
        let mut reviews = Vec::with_capacity(piece.len());
        for (key, first) in piece {
            reviews.push(first.and_then(|first| self.review(&past, &key, &first)));
        }
        past.go_on_at(next);
        drop(past);
        self.told += reviews.len() as u64;
        reviews.extend(self.missing().map(Err));
        Ok(reviews)
    }

    /// At the end, what tells of reviews that stand where the log cannot be read and that no list
    /// names.
    fn missing(&self) -> Option<StoreError> {
        let missing = self.expected.saturating_sub(self.told);
        (self.is_at_end && self.has_gaps && missing > 0).then(|| StoreError::Damaged {
            what: format!("what the aggregates count beside the others ({missing} reviews)"),
            why: "neither they nor the lists that would name them can be read".into(),
        })
    }

    /// The review under a record's key, with its parts as they were.
    fn review(&self, past: &Past, key: &[u8], first: &[u8]) -> Result<Review, StoreError> {
        let id = keys::review_of(key)?;
        if !parts::is_first(first) {
            return record::decode_review(id.as_str(), first);
        }
        let record = parts::join(&id, first, |key| match past.parts.get(key) {
            Some(old) => Ok(old.clone()),
            None => unreadable::guarded(|| Ok(self.reader.tree.get(key)?)),
        });
        record::decode_review(id.as_str(), &named(&id, record)?)
    }
}

#[async_trait]
impl Snapshot for SledSnapshot {
    async fn next(&mut self) -> Result<Vec<Result<Review, StoreError>>, StoreError> {
        while !self.is_at_end {
            let reviews = self.piece()?;
            if !reviews.is_empty() {
                return Ok(reviews);
            }
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(keys: &[&[u8]]) -> Past {
        let mut past = Past::new();
        for key in keys {
            let old = Some(sled::IVec::from(&[0; 100][..]));
            past.bytes += size(key, &old);
            let values = if key[0] == b'b' { &mut past.parts } else { &mut past.records };
            values.insert(key.to_vec(), old);
        }
        past
    }

    #[test]
    fn nothing_is_kept_of_what_was_read() {
        let mut past =
            past(&[b"ra", b"ra.", b"rb", b"ba\0\0\0", b"ba\0\0\x01", b"ba.\0\0\0", b"bb\0\0\0"]);
        past.go_on_at(b"ra\0".to_vec());
        let left = |values: &BTreeMap<Vec<u8>, Option<sled::IVec>>| {
            values.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(left(&past.records), [b"ra.".to_vec(), b"rb".to_vec()]);
        assert_eq!(left(&past.parts), [b"ba.\0\0\0".to_vec(), b"bb\0\0\0".to_vec()]);
        past.go_on_at(keys::end_of(keys::RECORDS));
        assert_eq!((past.records.len(), past.parts.len(), past.bytes), (0, 0, 0));
    }
}
