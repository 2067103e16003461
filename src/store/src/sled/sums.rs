//! The cells that a group changes, and the lists of subjects, which go by them.

use super::cell_record::{Span, StoredCell};
use super::group::Group;
use super::reader::{self, time_in};
use super::{cell_record, cells, keys};
use crate::{Scope, StoreError};
use heartstrings_core::aggregate::{Cell, Contribution, DateRange, Level};
use heartstrings_core::review::Review;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A cell as it was and as it becomes.
pub struct Changed {
    before: StoredCell,
    cell: Cell,
    /// Earliest and latest `written_at` of what it becomes, if there is any.
    span: Option<Span>,
    /// Whether those are known. They must be looked up when the first or the last has gone.
    is_span_known: bool,
}

impl Changed {
    fn new(stored: Option<StoredCell>) -> Self {
        // Cells of the first version have reviews, and do not say when they were written.
        let is_span_known = stored.as_ref().is_none_or(|(_, span)| span.is_some());
        let before = stored.unwrap_or_default();
        Self { cell: before.0.clone(), span: before.1, is_span_known, before }
    }

    /// What it becomes.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// Adds a review that was written then.
    pub fn add(&mut self, review: &Contribution, at: Timestamp) {
        self.cell.add(review);
        self.span = Some(self.span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
    }

    /// Takes a review out that was written then.
    pub fn subtract(&mut self, review: &Contribution, at: Timestamp) {
        self.cell.subtract(review);
        self.is_span_known &= self.span.is_some_and(|(first, last)| first < at && at < last);
    }

    /// Takes out what is in another cell.
    pub fn unmerge(&mut self, other: &Cell) {
        self.cell.unmerge(other);
        self.is_span_known = false;
    }
}

impl Group<'_> {
    /// Loads the cells of a review, so that changing them cannot fail.
    pub(super) fn load_cells(&mut self, review: &Review) -> Result<(), StoreError> {
        cells::keys_of(review).iter().try_for_each(|key| self.load_cell(key))
    }

    pub(super) fn load_cell(&mut self, key: &[u8]) -> Result<(), StoreError> {
        if !self.cells.contains_key(key) {
            let bytes = self.tree.get(key)?;
            let stored = bytes.map(|bytes| cell_record::decode_cell(key, &bytes)).transpose()?;
            self.cells.insert(key.to_vec(), Changed::new(stored));
        }
        Ok(())
    }

    /// Changes the cells of a review, which have been loaded.
    pub(super) fn change_cells(&mut self, review: &Review, change: impl Fn(&mut Changed)) {
        for key in cells::keys_of(review) {
            self.cells.get_mut(&key).into_iter().for_each(&change);
        }
        self.subjects.insert(review.content.subject.clone());
    }

    /// Moves the subjects that changed to their new places in the lists.
    pub(super) fn update_lists(&mut self) -> Result<(), StoreError> {
        for subject in std::mem::take(&mut self.subjects) {
            let scope = Scope::Subject(subject.clone());
            let total = keys::cell(&scope, Level::Total, Date::default());
            self.load_cell(&total)?;
            let Some(changed) = self.cells.get(&total) else { continue };
            let (before, span_before) = &changed.before;
            let last_before = match span_before {
                Some((_, last)) => Some(*last),
                None => self.reader.last_written_at(&scope)?,
            };
            let last_after = self.span_of(&total, changed)?.map(|(_, last)| last);
            let entries = |cell, last| -> BTreeSet<_> {
                cells::list_entries(&subject, cell, last).into_iter().collect()
            };
            let old = entries(before, last_before);
            let new = entries(&changed.cell, last_after);
            self.changes.extend(old.difference(&new).map(|key| (key.clone(), None)));
            self.changes.extend(new.difference(&old).map(|key| (key.clone(), Some(Vec::new()))));
        }
        Ok(())
    }

    /// When the first and the last review of a cell were written, this group applied.
    pub(super) fn span_of(
        &self,
        key: &[u8],
        changed: &Changed,
    ) -> Result<Option<Span>, StoreError> {
        match keys::scope_and_date(key) {
            _ if changed.is_span_known => Ok(changed.span),
            Some((scope, level, date)) => self.span(&scope, cells::days_of(level, date)),
            None => Ok(None),
        }
    }

    /// Earliest and latest `written_at` within days once this group is applied.
    fn span(&self, scope: &Scope, days: DateRange) -> Result<Option<Span>, StoreError> {
        let (prefix, range) = reader::times(scope, days);
        let time = |key: &[u8]| time_in(&prefix, key);
        let edge = |entries: &mut dyn Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>| {
            for entry in entries {
                let (key, _) = entry?;
                if !matches!(self.changes.get(key.as_ref()), Some(None)) {
                    return Ok::<_, StoreError>(time(&key));
                }
            }
            Ok(None)
        };
        let earliest = edge(&mut self.tree.range(range.clone()))?;
        let latest = edge(&mut self.tree.range(range.clone()).rev())?;
        let mut added = self.changes.range(range).filter(|(_, value)| value.is_some());
        let first_added = added.next().and_then(|(key, _)| time(key));
        let last_added = added.next_back().and_then(|(key, _)| time(key)).or(first_added);
        let earliest = earliest.into_iter().chain(first_added).min();
        Ok(earliest.zip(latest.max(last_added)))
    }
}
