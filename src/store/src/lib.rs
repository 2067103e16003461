//! Durable reviews and the aggregates over them, behind one trait.
//!
//! What a store promises:
//!
//! - A write whose future resolved to `Ok` is on disk: it survives `kill -9` and a power cut.
//! - A review, its index entries and its share of every aggregate cell change together or not
//!   at all; a reader sees either all of a write or none of it.
//! - Aggregates equal a recount of the reviews, bit for bit, after any history.
//! - After a failed sync nothing is written any more ([`StoreError::WritesStopped`]); reads go on.
//!
//! A store knows nothing of HTTP, models or tokens. [`sled`] is the one that ships.

pub mod sled;
mod statistics;

pub use statistics::{GROUP_BOUNDS, Statistics};

use async_trait::async_trait;
use heartstrings_core::aggregate::{Cell, DateRange, Interval, Summary};
use heartstrings_core::analysis::{Analysis, Label};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Fingerprint, Review, ReviewId, Subject};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

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

    /// What came of the request that carried this key, if one did within [`IDEMPOTENCY`] and its
    /// review is still there. Answers when that is on disk, as [`Store::existing`] does.
    async fn answered(&self, key: &IdempotencyKey) -> Result<Option<Answered>, StoreError>;

    /// Stores a review in place of one with the same id, or as a new one. The first
    /// `received_at` is kept.
    async fn replace(&self, review: Review) -> Result<Replaced, StoreError>;

    /// The review with this id, for a write that comes again: answers when the review is on disk,
    /// which [`Store::get`] does not wait for. None may also mean that it could not be looked up;
    /// the write itself has the last word.
    async fn existing(&self, id: &ReviewId) -> Result<Option<Review>, StoreError>;

    /// The review with this id. It may be on its way to the disk still.
    async fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError>;

    /// Removes a review; false when there was none.
    async fn delete(&self, id: &ReviewId) -> Result<bool, StoreError>;

    /// Removes up to a few hundred reviews of a subject, the oldest first. True when there may be
    /// more: call it again.
    async fn delete_some(&self, subject: &Subject) -> Result<Removed, StoreError>;

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

    /// One entry for each interval within the range that has reviews, earliest first. `None` for
    /// a subject without reviews at any time. Summaries and not cells: the cells of a year are a
    /// megabyte, which is better not held at once.
    async fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
    ) -> Result<Option<Vec<(Date, Summary)>>, StoreError>;

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
    /// A review with this id was there before; this is that one, which may hold other content.
    Existing(Review),
    /// The idempotency key came before.
    Answered(Answered),
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

/// What came of [`Store::delete_some`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// How many were removed.
    pub reviews: usize,
    /// Whether the subject may have more.
    pub more: bool,
}

/// Bytes of texts with which a page of reviews ends, however many more it may have: two hundred
/// long reviews would be tens of megabytes.
pub const PAGE_TEXT_BYTES: usize = 4 << 20;

/// Which reviews, in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewQuery {
    /// Of one subject, or all.
    pub scope: Scope,
    /// Which of them.
    pub filter: ReviewFilter,
    /// The order.
    pub sort: ReviewSort,
    /// Page size, 1 to 200. A page may be shorter although there are more: a filter that lets
    /// few reviews pass, and is not by label, emotion or source alone, may be given up after some
    /// thousand entries, and long texts end a page at [`PAGE_TEXT_BYTES`]; the cursor goes on there.
    pub limit: usize,
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
}

/// What reviews must be like; `None` asks nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewFilter {
    /// Label of the sentiment.
    pub label: Option<Label>,
    /// Index into [`EMOTIONS`](heartstrings_core::analysis::EMOTIONS) of an emotion that the review shows.
    pub emotion: Option<usize>,
    /// Where it came from.
    pub source: Option<String>,
    /// Least score.
    pub min_score: Option<Fixed>,
    /// Greatest score.
    pub max_score: Option<Fixed>,
    /// Least intensity.
    pub min_intensity: Option<Fixed>,
    /// Greatest intensity.
    pub max_intensity: Option<Fixed>,
    /// Earliest `written_at`.
    pub from: Option<Timestamp>,
    /// `written_at` before this.
    pub to: Option<Timestamp>,
}

/// Order of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewSort {
    /// Latest `written_at` first.
    Newest,
    /// Earliest `written_at` first.
    Oldest,
    /// Highest score first.
    MostPositive,
    /// Lowest score first.
    MostNegative,
    /// Highest intensity first.
    MostIntense,
}

/// What an aggregate is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One subject.
    Subject(Subject),
    /// All reviews.
    All,
}

/// A cell and the time span of the reviews in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// The sums.
    pub cell: Cell,
    /// Earliest and latest `written_at` of the reviews in the cell; `None` when there are none.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// A subject in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectTotals {
    /// Its name.
    pub subject: Subject,
    /// All its reviews, all time.
    pub cell: Cell,
    /// `written_at` of its latest review.
    pub last_written_at: Timestamp,
}

/// Which subjects, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectQuery {
    /// Only names that start with this; empty for all.
    pub prefix: String,
    /// The order.
    pub sort: SubjectSort,
    /// Page size, 1 to 200.
    pub limit: usize,
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
}

/// Order of a list of subjects. All but `Name` start with the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectSort {
    /// A to Z, by bytes.
    Name,
    /// Most reviews first.
    Reviews,
    /// Highest mean score first.
    Sentiment,
    /// Highest mean intensity first.
    Intensity,
    /// Latest `written_at` first.
    Recent,
}

/// A place in a list, opaque to everyone but the store that made it. It survives inserts and
/// deletes between pages; one that was tampered with, or that belongs to another query, is
/// refused with [`StoreError::BadCursor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items, at most as many as the query's limit.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

/// What a comparison with a recount found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Reviews that could be read.
    pub reviews: u64,
    /// Reviews that could not.
    pub damaged: u64,
    /// Faults that come from places of the log that cannot be read: reviews, and comparisons that
    /// ended early. A rebuild mends none of them.
    pub unreadable: u64,
    /// Index entries that were looked at.
    pub entries: u64,
    /// Cells that were compared.
    pub cells: u64,
    /// What is wrong, damaged reviews included.
    pub count: u64,
    /// The first hundred of them, as sentences.
    pub told: Vec<String>,
}

/// What a rebuild did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Reviews that were added to indexes and cells.
    pub reviews: u64,
    /// Those that could not be read, as sentences.
    pub damaged: Vec<String>,
}

/// How a store is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Reads and writes work.
    Ok,
    /// Reads work, writes don't; the sentence says why.
    ReadOnly(String),
}

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A sync failed, so what is on disk is unknown until a restart recovers it.
    #[error(
        "writes have stopped because the disk failed ({0}); reads go on. Check the disk, then restart the service"
    )]
    WritesStopped(String),
    /// The disk is full, or nearer to full than the configured floor allows.
    #[error("the disk is full: {0}. Free some space; deletes and reads go on")]
    DiskFull(String),
    /// Too many writes wait.
    #[error("too many writes are waiting; try again in a moment")]
    Busy,
    /// The store was closed.
    #[error("the store is closed because the service is stopping")]
    Closed,
    /// The cursor was not made by this store for this query.
    #[error("the cursor is not valid for this list; start again without one")]
    BadCursor,
    /// A record on disk is damaged.
    #[error(
        "{what} is damaged in the store ({why}); `heartstrings verify` lists all that is, and `heartstrings restore` makes a new store from a backup"
    )]
    Damaged {
        /// What the record belongs to.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database could not be opened.
    #[error("{0}")]
    Open(String),
    /// Reading or writing failed in some other way.
    #[error("the store failed: {0}")]
    Io(String),
}
