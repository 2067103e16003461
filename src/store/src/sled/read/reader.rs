//! The handle through which everything is read.

use super::past::Snapshots;
use super::view::View;
use crate::sled::layout::cell::{self, Span, StoredCell};
use crate::sled::layout::{chunks, filter_index, keys, review};
use crate::{Answered, Duplicate, IdempotencyKey, Scope, StoreError};
use heartstrings_core::aggregate::{DateRange, Level};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use std::sync::atomic::AtomicU64;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Answers questions.
pub struct Reader {
    /// The tree itself.
    pub tree: sled::Tree,
    pub(super) cursor_key: [u8; 32],
    /// Entries of a list that a page looks at.
    pub page_scan: usize,
    /// Held by the writer while it applies a group.
    applying: RwLock<()>,
    /// Those who read the past.
    pub snapshots: Snapshots,
    /// How often something damaged was left out of a list.
    pub damaged: AtomicU64,
}

impl Reader {
    /// A reader of a tree. `cursor_key` signs cursors; a page looks at `page_scan` entries of a list
    /// at most.
    pub fn new(tree: sled::Tree, cursor_key: [u8; 32], page_scan: usize) -> Self {
        Self {
            tree,
            cursor_key,
            page_scan,
            applying: RwLock::new(()),
            snapshots: Snapshots::default(),
            damaged: AtomicU64::new(0),
        }
    }

    /// What stands under keys, for those who keep the writer out or are the writer.
    pub fn view(&self) -> View<'_> {
        View::of(&self.tree)
    }

    /// Keeps reads of several keys out while a group is applied.
    pub fn lock_out(&self) -> RwLockWriteGuard<'_, ()> {
        // The lock guards no data, so a panic while it was held has spoilt nothing.
        self.applying.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn consistent(&self) -> RwLockReadGuard<'_, ()> {
        self.applying.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The review with this id, for those who hold no lock.
    pub fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        match self.tree.get(keys::record(id))? {
            // The chunks must be of the same write.
            Some(first) if chunks::is_first(&first) => {
                let _view = self.consistent();
                self.view().review(id)
            }
            Some(record) => review::decode(id.as_str(), &record).map(Some),
            None => Ok(None),
        }
    }

    /// What is stored of a request that may have come before; see [`crate::Store::duplicate`].
    pub fn duplicate(
        &self,
        id: Option<&ReviewId>,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Option<Duplicate>, StoreError> {
        if let Some(key) = key
            && let Some(answered) = self.answered(key, now)?
        {
            return Ok(Some(Duplicate::SameKey(answered)));
        }
        let Some(id) = id else { return Ok(None) };
        Ok(self.get(id)?.map(Duplicate::SameId))
    }

    fn answered(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Answered>, StoreError> {
        let _view = self.consistent();
        self.view().answered(key, now)
    }

    /// Whether a scope has lists by label, emotion and source.
    pub fn has_filter_index(&self, scope: &Scope) -> Result<bool, StoreError> {
        Ok(self.tree.contains_key(filter_index::mark(scope))?)
    }

    /// The cell of all time.
    pub fn total(&self, scope: &Scope) -> Result<Option<StoredCell>, StoreError> {
        let key = keys::cells(scope, Level::Total);
        let bytes = self.tree.get(&key)?;
        bytes.map(|bytes| cell::decode(&key, &bytes)).transpose()
    }

    /// Earliest and latest `written_at` within a range.
    pub fn span(&self, scope: &Scope, range: DateRange) -> Result<Option<Span>, StoreError> {
        self.view().span(scope, range)
    }

    /// `written_at` of the latest review of a scope.
    pub fn last_written_at(&self, scope: &Scope) -> Result<Option<Timestamp>, StoreError> {
        self.view().last_written_at(scope)
    }
}
