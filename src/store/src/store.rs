//! What every store does.

use crate::{
    Cursor, Page, ReviewQuery, Scope, Statistics, Status, StoreError, SubjectQuery, SubjectTotals,
    Totals,
};
use async_trait::async_trait;
use heartstrings_core::aggregate::{DateRange, Interval};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Fingerprint, Review, ReviewId, Subject};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// Where reviews live. All methods may be called from any task at any time.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Stores a review unless its id is taken, or unless `key` came before within
    /// [`IDEMPOTENCY`].
    async fn create(
        &self,
        review: Review,
        key: Option<IdempotencyKey>,
    ) -> Result<Created, StoreError>;

    /// What is stored of a request that may have come before: the review of its idempotency key, if
    /// the key came within [`IDEMPOTENCY`] and its review is still there; else the review with its
    /// id. Answers when that is on disk, which [`Store::get`] does not wait for. `None` may also
    /// mean that it could not be looked up; the write itself has the last word.
    async fn duplicate(
        &self,
        id: Option<&ReviewId>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Duplicate>, StoreError>;

    /// Stores a review in place of one with the same id, or as a new one. The first
    /// `received_at` is kept.
    async fn replace(&self, review: Review) -> Result<Replaced, StoreError>;

    /// The review with this id. It may be on its way to the disk still.
    async fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError>;

    /// Removes a review; false when there was none.
    async fn delete(&self, id: &ReviewId) -> Result<bool, StoreError>;

    /// Removes all reviews of a subject: how many there were. What is posted meanwhile may be
    /// removed too or stay. Works in steps between which others write; one that is interrupted, by
    /// dropping the future or by an error, has removed a part of them.
    async fn delete_subject(&self, subject: &Subject) -> Result<u64, StoreError>;

    /// A page of reviews.
    async fn reviews(&self, query: &ReviewQuery) -> Result<Page<Review>, StoreError>;

    /// Some hundred reviews in the order of their ids, as they are now; those that come and go
    /// between pages may be in them or not. Damaged ones stand in their places.
    async fn reviews_by_id(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Result<Review, StoreError>>, StoreError>;

    /// A page of subjects with their all-time cells.
    async fn subjects(&self, query: &SubjectQuery) -> Result<Page<SubjectTotals>, StoreError>;

    /// Everything in a scope and range added up. `None` for a subject without reviews at any
    /// time; an empty cell for a range in which a known scope has none. `Scope::All` is always
    /// known.
    async fn totals(&self, scope: &Scope, range: DateRange) -> Result<Option<Totals>, StoreError>;

    /// Hands out the totals of each interval within the range that has reviews, by its first day,
    /// earliest first. False for a subject without reviews at any time. `take` is called on the
    /// thread that reads, so that the cells of a year, a megabyte, need not be held at once; others
    /// may wait for it, so it should be quick. After an error it has had a part of them.
    async fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
        take: TakeTotals,
    ) -> Result<bool, StoreError>;

    /// Puts a new analysis in the place of a review's old one, unless the review has changed since
    /// `expected` (its `updated_at`); false then, and when it is gone.
    async fn reanalyze(
        &self,
        id: &ReviewId,
        expected: Timestamp,
        analysis: Analysis,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// All reviews as they are now, for as long as one reads, whatever is written meanwhile.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// How the store is doing.
    fn status(&self) -> Status;

    /// What it has done since it was opened.
    fn statistics(&self) -> Statistics;

    /// Syncs and closes. Writes that wait are finished first; later ones fail with
    /// [`StoreError::Closed`].
    async fn close(&self) -> Result<(), StoreError>;
}

/// Takes the totals of an interval, given its first day; see [`Store::timeline`].
pub type TakeTotals = Box<dyn FnMut(Date, Totals) + Send>;

/// All reviews at one moment, in the order of their ids.
#[async_trait]
pub trait Snapshot: Send {
    /// The next few; none at the end. Fails when so much was written meanwhile that the past
    /// could not be kept.
    async fn next(&mut self) -> Result<Vec<Result<Review, StoreError>>, StoreError>;
}

/// What came of [`Store::create`].
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// It is new and on disk.
    New(Review),
    /// It was there before.
    Duplicate(Duplicate),
}

/// What was there before a request came, or came again.
#[derive(Clone, Debug, PartialEq)]
pub enum Duplicate {
    /// The idempotency key came before.
    SameKey(Answered),
    /// A review with this id is there, which may hold other content.
    SameId(Review),
}

/// What came of [`Store::replace`].
#[derive(Clone, Debug, PartialEq)]
pub enum Replaced {
    /// There was no review with this id.
    New(Review),
    /// There was one; this is what stands there now.
    Replaced(Review),
}

/// How long an idempotency key is remembered.
pub const IDEMPOTENCY: SignedDuration = SignedDuration::from_hours(24);

/// Digest of a client's `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(pub [u8; 16]);

/// What came of an earlier request with an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Digest of what that request said.
    pub fingerprint: Fingerprint,
    /// Its review as it is now.
    pub review: Review,
}
