//! The cells that a group changes, and the lists of subjects, which go by them.

use crate::sled::layout::cell::{self, Span, StoredCell};
use crate::sled::layout::{cell_keys, keys};
use crate::sled::read::{Overlay, Reader, View};
use crate::{Scope, StoreError};
use heartstrings_core::aggregate::{Cell, Contribution, Level};
use heartstrings_core::review::{Review, Subject};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

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
    fn unmerge(&mut self, other: &Cell) {
        self.cell.unmerge(other);
        self.is_span_known = false;
    }

    /// When the first and the last review of it were written; `view` has all changes applied.
    fn span(&self, key: &[u8], view: View<'_>) -> Result<Option<Span>, StoreError> {
        match keys::scope_and_date(key) {
            _ if self.is_span_known => Ok(self.span),
            Some((scope, level, date)) => view.span(&scope, cell_keys::days_of(level, date)),
            None => Ok(None),
        }
    }
}

/// The cells that change, and the subjects whose totals do.
#[derive(Default)]
pub struct CellUpdates {
    cells: HashMap<Vec<u8>, Changed>,
    subjects: BTreeSet<Subject>,
}

impl CellUpdates {
    /// Loads the cells of a review, so that changing them cannot fail.
    pub fn load(&mut self, tree: &sled::Tree, review: &Review) -> Result<(), StoreError> {
        cell_keys::keys_of(review).iter().try_for_each(|key| self.load_cell(tree, key).map(drop))
    }

    fn load_cell(&mut self, tree: &sled::Tree, key: &[u8]) -> Result<&mut Changed, StoreError> {
        if !self.cells.contains_key(key) {
            let bytes = tree.get(key)?;
            let stored = bytes.map(|bytes| cell::decode(key, &bytes)).transpose()?;
            self.cells.insert(key.to_vec(), Changed::new(stored));
        }
        Ok(self.cells.entry(key.to_vec()).or_insert_with(|| Changed::new(None)))
    }

    /// Changes the cells of a review, which have been loaded.
    pub fn change(&mut self, review: &Review, change: impl Fn(&mut Changed)) {
        for key in cell_keys::keys_of(review) {
            self.cells.get_mut(&key).into_iter().for_each(&change);
        }
        self.touch(&review.content.subject);
    }

    /// Takes note that the reviews of a subject change.
    pub fn touch(&mut self, subject: &Subject) {
        self.subjects.insert(subject.clone());
    }

    /// The subjects whose reviews change.
    pub fn subjects(&self) -> &BTreeSet<Subject> {
        &self.subjects
    }

    /// How many reviews a scope will have.
    pub fn reviews(&mut self, tree: &sled::Tree, scope: &Scope) -> Result<u64, StoreError> {
        let total = keys::cell(scope, Level::Total, Date::default());
        Ok(self.load_cell(tree, &total)?.cell.reviews())
    }

    /// Whether no cell was loaded.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Brings the cells of a subject without reviews to nothing. Those of damaged reviews, whose
    /// numbers nobody knows, are all that is left in them, and leave the cells of all reviews with
    /// them.
    pub fn clear(&mut self, tree: &sled::Tree, subject: &Subject) -> Result<(), StoreError> {
        let scope = Scope::Subject(subject.clone());
        for level in [Level::Total, Level::Month, Level::Day] {
            let prefix = keys::cells(&scope, level);
            let mut found = BTreeSet::new();
            for key in tree.scan_prefix(&prefix).keys() {
                found.insert(key?.to_vec());
            }
            found.extend(self.cells.keys().filter(|key| key.starts_with(&prefix)).cloned());
            for key in found {
                self.clear_cell(tree, &key)?;
            }
        }
        Ok(())
    }

    fn clear_cell(&mut self, tree: &sled::Tree, key: &[u8]) -> Result<(), StoreError> {
        let rest = self.load_cell(tree, key)?.cell.clone();
        let Some((scope, level, date)) = keys::scope_and_date(key) else { return Ok(()) };
        if rest.is_empty() {
            return Ok(());
        }
        let of_all = keys::cell(&Scope::All, level, date);
        for key in [key, &of_all] {
            self.load_cell(tree, key)?.unmerge(&rest);
        }
        if let Scope::Subject(subject) = scope {
            self.subjects.insert(subject);
        }
        Ok(())
    }

    /// Moves the subjects that changed to their new places in the lists.
    pub fn update_lists(
        &mut self,
        reader: &Reader,
        changes: &mut Overlay,
    ) -> Result<(), StoreError> {
        for subject in std::mem::take(&mut self.subjects) {
            let scope = Scope::Subject(subject.clone());
            let total = keys::cell(&scope, Level::Total, Date::default());
            let changed = self.load_cell(&reader.tree, &total)?;
            let (before, span_before) = &changed.before;
            let last_before = match span_before {
                Some((_, last)) => Some(*last),
                None => reader.last_written_at(&scope)?,
            };
            let view = View::through(changes, &reader.tree);
            let last_after = changed.span(&total, view)?.map(|(_, last)| last);
            let entries = |cell, last| -> BTreeSet<_> {
                cell_keys::list_entries(&subject, cell, last).into_iter().collect()
            };
            let old = entries(before, last_before);
            let new = entries(&changed.cell, last_after);
            changes.extend(old.difference(&new).map(|key| (key.clone(), None)));
            changes.extend(new.difference(&old).map(|key| (key.clone(), Some(Vec::new()))));
        }
        Ok(())
    }

    /// Puts the cells into the batch that makes them true. `view` has all other changes applied.
    pub fn put(&self, view: View<'_>, batch: &mut sled::Batch) -> Result<(), StoreError> {
        for (key, changed) in &self.cells {
            if changed.cell.is_empty() {
                batch.remove(&key[..]);
            } else {
                let span = changed.span(key, view)?;
                batch.insert(&key[..], cell::encode(&changed.cell, span)?);
            }
        }
        Ok(())
    }
}
