//! A group of writes on its way to one atomic batch.
//!
//! Each operation sees what the ones before it in the group have done, although nothing of it is
//! in the tree yet. Cells are brought up to date in memory and written once, however many reviews
//! of the group they hold.

use super::cell_updates::CellUpdates;
use super::index_updates::IndexUpdates;
use super::requests;
use crate::sled::layout::checksums;
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::{chunks, keys, review};
use crate::sled::read::{Overlay, Reader, View};
use crate::{Created, Duplicate, IdempotencyKey, Replaced, StoreError};
use heartstrings_core::aggregate::Contribution;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;

pub use super::index_updates::MOST;

/// Changes that are not in the tree yet.
pub struct Group<'a> {
    pub(super) reader: &'a Reader,
    /// Keys that are written or removed, cells and lists of subjects apart.
    pub(super) changes: Overlay,
    pub(super) cells: CellUpdates,
    pub(super) index: IndexUpdates,
    pub(super) checksums: checksums::Change,
}

/// What stands under a review's id before it changes.
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// A review.
    Review(Box<Review>),
    /// A damaged one that a rebuild has left out of lists and cells.
    LeftOut,
}

impl<'a> Group<'a> {
    /// An empty group on top of a tree. An operation that fails leaves it as it was before, but for
    /// a removal of some reviews, which may have taken a part of them.
    pub fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            changes: Overlay::new(),
            cells: CellUpdates::default(),
            index: IndexUpdates::default(),
            checksums: checksums::Change::default(),
        }
    }

    /// The tree with this group applied; cells and lists of subjects are as they were.
    pub(super) fn view(&self) -> View<'_> {
        View::through(&self.changes, &self.reader.tree)
    }

    /// Stores a review unless its id is taken, or its idempotency key came before.
    pub fn create(
        &mut self,
        review: Review,
        key: Option<IdempotencyKey>,
    ) -> Result<Created, StoreError> {
        if let Some(key) = &key
            && let Some(answered) = self.view().answered(key, review.received_at)?
        {
            return Ok(Created::Duplicate(Duplicate::SameKey(answered)));
        }
        if let Some(existing) = self.view().review(&review.id)? {
            return Ok(Created::Duplicate(Duplicate::SameId(existing)));
        }
        self.put(Before::Nothing, &review)?;
        if let Some(key) = &key {
            requests::remember(&self.reader.tree, &mut self.changes, key, &review)?;
        }
        Ok(Created::New(review))
    }

    /// Stores a review in place of what is there. The first `received_at` is kept.
    pub fn replace(&mut self, mut review: Review) -> Result<Replaced, StoreError> {
        let before = self.before(&review.id)?;
        let is_there = match &before {
            Before::Review(old) => {
                review.received_at = old.received_at;
                true
            }
            Before::Nothing | Before::LeftOut => false,
        };
        self.put(before, &review)?;
        Ok(if is_there { Replaced::Replaced(review) } else { Replaced::New(review) })
    }

    /// Puts a new analysis in the place of the old one, unless the review has changed since
    /// `expected`; false then, and when it is gone.
    pub fn reanalyze(
        &mut self,
        id: &ReviewId,
        expected: Timestamp,
        analysis: Analysis,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.view().review(id)? {
            Some(old) if old.updated_at == expected => {
                let review = Review { analysis, updated_at: now, ..old.clone() };
                self.put(Before::Review(Box::new(old)), &review)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Adds a review that nothing knows of yet, for a rebuild.
    pub fn add_again(&mut self, review: &Review) -> Result<(), StoreError> {
        self.put(Before::Nothing, review)
    }

    /// Takes note that a damaged review is in no list and no cell, for a rebuild.
    pub fn leave_out(&mut self, id: &ReviewId) {
        self.changes.insert(keys::left_out(id), Some(Vec::new()));
    }

    /// Keys of the records that change, and of their chunks.
    pub fn changed_records(&self) -> Vec<Vec<u8>> {
        let is_record =
            |key: &&Vec<u8>| key.starts_with(keys::RECORDS) || key.starts_with(keys::CHUNKS);
        self.changes.keys().filter(is_record).cloned().collect()
    }

    /// Puts a review in the place of what was there. All that can fail comes before the first
    /// change.
    fn put(&mut self, before: Before, review: &Review) -> Result<(), StoreError> {
        let record = chunks::split(&review.id, review::encode(review)?)?;
        let fields = IndexedFields::of(review);
        let places =
            self.index.places_of(self.reader, &review.content.subject, &review.id, &fields)?;
        let fields = fields.encode()?;
        self.cells.load(&self.reader.tree, review)?;
        match before {
            Before::Nothing => {}
            Before::Review(old) => {
                self.cells.load(&self.reader.tree, &old)?;
                self.take_out(&old)?;
                self.remove_chunks(&review.id)?;
            }
            Before::LeftOut => self.remove_left_out(&review.id)?,
        }
        record.first().iter().for_each(|(_, first)| self.checksums.add(first));
        self.changes.extend(record.into_iter().map(|(key, value)| (key, Some(value))));
        for key in places {
            self.changes.insert(key, Some(fields.clone()));
        }
        let contribution = Contribution::of(&review.analysis, review.content.rating);
        self.cells.change(review, |cell| cell.add(&contribution, review.written_at));
        Ok(())
    }

    /// Takes a review out of lists, cells and the sum of the checksums. Its record is still there.
    pub(super) fn take_out(&mut self, old: &Review) -> Result<(), StoreError> {
        let first = self.view().get(&keys::record(&old.id))?;
        let fields = IndexedFields::of(old);
        let places = self.index.places_of(self.reader, &old.content.subject, &old.id, &fields)?;
        first.iter().for_each(|first| self.checksums.subtract(first));
        for key in places {
            self.changes.insert(key, None);
        }
        let contribution = Contribution::of(&old.analysis, old.content.rating);
        self.cells.change(old, |cell| cell.subtract(&contribution, old.written_at));
        Ok(())
    }

    /// What a change of a review meets. Fails for a damaged one that is in lists and cells: what it
    /// has added to them cannot be read, so it cannot be taken out of them.
    pub(super) fn before(&self, id: &ReviewId) -> Result<Before, StoreError> {
        match self.view().review(id) {
            Ok(Some(review)) => Ok(Before::Review(Box::new(review))),
            Ok(None) => Ok(Before::Nothing),
            Err(damaged @ StoreError::Damaged { .. }) => {
                match self.view().get(&keys::left_out(id))? {
                    Some(_) => Ok(Before::LeftOut),
                    None => Err(damaged),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a record with all its chunks, however it looks.
    pub(super) fn remove_record(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        self.remove_chunks(id)?;
        self.changes.insert(keys::record(id), None);
        Ok(())
    }

    /// Removes a damaged record that nothing else knows of, and the note that says so.
    pub(super) fn remove_left_out(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        self.remove_record(id)?;
        self.changes.insert(keys::left_out(id), None);
        Ok(())
    }

    /// Removes all chunks of a record but the first.
    fn remove_chunks(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        for (key, _) in self.view().entries(&keys::chunks(id), usize::MAX)? {
            self.changes.insert(key, None);
        }
        Ok(())
    }

    /// Everything as one batch; `None` when nothing changes.
    pub fn into_batch(mut self) -> Result<Option<sled::Batch>, StoreError> {
        self.index.update(self.reader, &mut self.cells, &mut self.changes)?;
        self.cells.update_lists(self.reader, &mut self.changes)?;
        if self.changes.is_empty() && self.cells.is_empty() {
            return Ok(None);
        }
        let mut batch = sled::Batch::default();
        self.cells.put(self.view(), &mut batch)?;
        for (key, value) in self.changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.checksums.put(&self.reader.tree, &mut batch)?;
        Ok(Some(batch))
    }
}
