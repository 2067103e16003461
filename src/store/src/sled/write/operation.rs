//! Everything that can be written, each operation with the reply that it gets.

use super::group::Group;
pub use super::job::Operation;
use crate::{Created, IdempotencyKey, Replaced, StoreError};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;

/// Stores a review unless its id is taken, or its idempotency key came before.
pub struct Create {
    /// The review.
    pub review: Review,
    /// The key.
    pub key: Option<IdempotencyKey>,
}

/// Stores a review in place of what is there.
pub struct Replace(pub Review);

/// Removes a review; replies whether there was one.
pub struct Delete(pub ReviewId);

/// Removes some reviews of a subject.
pub struct DeleteSome(pub Subject);

/// Puts a new analysis in the place of the old one; replies whether it was taken.
pub struct Reanalyze {
    /// Of this review,
    pub id: ReviewId,
    /// if it was last changed then,
    pub expected: Timestamp,
    /// with this analysis,
    pub analysis: Analysis,
    /// and this as the time of the change.
    pub now: Timestamp,
}

/// Changes nothing; the reply says that everything before is on disk.
pub struct Settle;

/// Refuses everything after it.
pub struct Close;

/// What came of [`DeleteSome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// How many were removed.
    pub reviews: usize,
    /// Whether the subject may have more.
    pub more: bool,
}

impl Operation for Create {
    type Reply = Created;
    const NEEDS_ROOM: bool = true;

    fn apply(self, group: &mut Group<'_>) -> Result<Created, StoreError> {
        group.create(self.review, self.key)
    }
}

impl Operation for Replace {
    type Reply = Replaced;
    const NEEDS_ROOM: bool = true;

    fn apply(self, group: &mut Group<'_>) -> Result<Replaced, StoreError> {
        group.replace(self.0)
    }
}

impl Operation for Delete {
    type Reply = bool;

    fn apply(self, group: &mut Group<'_>) -> Result<bool, StoreError> {
        group.delete(&self.0)
    }
}

impl Operation for DeleteSome {
    type Reply = Removed;

    fn apply(self, group: &mut Group<'_>) -> Result<Removed, StoreError> {
        group.delete_some(&self.0).map(|(reviews, more)| Removed { reviews, more })
    }
}

impl Operation for Reanalyze {
    type Reply = bool;

    fn apply(self, group: &mut Group<'_>) -> Result<bool, StoreError> {
        group.reanalyze(&self.id, self.expected, self.analysis, self.now)
    }
}

impl Operation for Settle {
    type Reply = ();

    fn apply(self, _: &mut Group<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Operation for Close {
    type Reply = ();
    const CLOSES: bool = true;

    fn apply(self, _: &mut Group<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}
