//! All reviews at one moment, while writes go on.
//!
//! sled has no snapshots, so the writer keeps the past for those who read it: before it changes a
//! record, it hands the old bytes to every open snapshot that has not got them yet. A snapshot
//! reads the tree a piece at a time and puts the old bytes in the place of the new. What it has
//! read it needs no more: nothing is kept for the records behind it.

use super::past::{Past, lock};
use super::reader::Reader;
use super::salvage::after;
use crate::sled::damage::{guarded, named};
use crate::sled::layout::{chunks, keys, review};
use crate::{Scope, Snapshot, StoreError};
use async_trait::async_trait;
use heartstrings_core::review::Review;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Records that are read at a time, under the lock that keeps the writer out.
const PIECE: usize = 256;
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
        let total = guarded(|| reader.total(&Scope::All)).ok().flatten();
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

    /// The review under a record's key, with its chunks as they were.
    fn review(&self, past: &Past, key: &[u8], first: &[u8]) -> Result<Review, StoreError> {
        let id = keys::review_of(key)?;
        if !chunks::is_first(first) {
            return review::decode(id.as_str(), first);
        }
        let record = chunks::join(&id, first, |key| match past.chunks.get(key) {
            Some(old) => Ok(old.clone()),
            None => guarded(|| Ok(self.reader.tree.get(key)?)),
        });
        review::decode(id.as_str(), &named(&id, record)?)
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
