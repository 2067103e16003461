//! What the application does, without HTTP: accept, replace, remove, analyze, summarize.

pub mod backup;
mod bulk;
mod highlights;
mod rescore;

pub use bulk::{BulkError, Item};
pub use highlights::Highlight;
pub use rescore::Rescored;

use futures_util::{StreamExt, TryStreamExt, stream};
use heartstrings_core::aggregate::{DateRange, Interval, Summary};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{NewReview, Review, ReviewId, Subject, Text};
use heartstrings_inference::Card;
use heartstrings_scoring::{Priority, Scorer, ScoringError};
use heartstrings_store::{
    Created, Duplicate, IdempotencyKey, Page, Replaced, ReviewQuery, Scope, Snapshot, Status,
    Store, StoreError, SubjectQuery, SubjectTotals, Totals,
};
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;
use std::sync::mpsc::channel;

/// One in so many of the queue's tokens may come from one request for analyses at once.
const ANALYZED_SHARE: u64 = 4;
/// Texts of a larger request that are scored at the same time: enough to fill batches.
const BULK_AT_ONCE: usize = 16;

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    scorer: Arc<dyn Scorer>,
    store: Arc<dyn Store>,
}

/// Why the application did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no review with this id.
    #[error("there is no review \"{0}\"")]
    UnknownReview(ReviewId),
    /// There is no review of this subject.
    #[error("there is no review of the subject \"{0}\"")]
    UnknownSubject(Subject),
    /// The id is taken by a review with other content.
    #[error(
        "the id \"{0}\" belongs to a review with other content; use another id, or PUT to replace it"
    )]
    Conflict(ReviewId),
    /// The idempotency key came with another request.
    #[error(
        "the Idempotency-Key came with another review within the last 24 hours; use a new key for each review"
    )]
    KeyReused,
    /// The text could not be scored.
    #[error(transparent)]
    Scoring(#[from] ScoringError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A review that is on disk, and whether this very request put it there.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// What is stored.
    pub review: Review,
    /// False when it was there before with the same content.
    pub is_new: bool,
}

impl Service {
    /// Puts the application together.
    pub fn new(scorer: Arc<dyn Scorer>, store: Arc<dyn Store>) -> Self {
        Self { scorer, store }
    }

    /// Scores and stores a review. The same id, or the same idempotency key, with the same
    /// content gives the stored review.
    pub async fn create(
        &self,
        new: NewReview,
        key: Option<IdempotencyKey>,
        priority: Priority,
    ) -> Result<Accepted, ServiceError> {
        // A repeated request is answered from the store: scoring it again would be waste. The
        // store decides once more when it writes, so two at the same time are stored once.
        if let Some(duplicate) = self.store.duplicate(new.id.as_ref(), key.as_ref()).await? {
            return repeated(&new, duplicate);
        }
        let review = self.analyzed(&new, priority).await?;
        match self.store.create(review, key).await? {
            Created::New(review) => Ok(Accepted { review, is_new: true }),
            Created::Duplicate(duplicate) => repeated(&new, duplicate),
        }
    }

    /// Scores a review and stores it under `id`, in place of what is there.
    pub async fn put(&self, id: ReviewId, mut new: NewReview) -> Result<Accepted, ServiceError> {
        new.id = Some(id);
        let review = self.analyzed(&new, Priority::Interactive).await?;
        Ok(match self.store.replace(review).await? {
            Replaced::New(review) => Accepted { review, is_new: true },
            Replaced::Replaced(review) => Accepted { review, is_new: false },
        })
    }

    /// The review with this id.
    pub async fn get(&self, id: &ReviewId) -> Result<Review, ServiceError> {
        let found = self.store.get(id).await?;
        found.ok_or_else(|| ServiceError::UnknownReview(id.clone()))
    }

    /// Removes a review.
    pub async fn delete(&self, id: &ReviewId) -> Result<(), ServiceError> {
        if self.store.delete(id).await? {
            Ok(())
        } else {
            Err(ServiceError::UnknownReview(id.clone()))
        }
    }

    /// Removes all reviews of a subject. What is posted meanwhile may be removed too or stay.
    pub async fn delete_subject(&self, subject: &Subject) -> Result<(), ServiceError> {
        match self.store.delete_subject(subject).await? {
            0 => Err(ServiceError::UnknownSubject(subject.clone())),
            _ => Ok(()),
        }
    }

    /// A page of reviews.
    pub async fn reviews(&self, query: &ReviewQuery) -> Result<Page<Review>, ServiceError> {
        Ok(self.store.reviews(query).await?)
    }

    /// A page of subjects.
    pub async fn subjects(
        &self,
        query: &SubjectQuery,
    ) -> Result<Page<SubjectTotals>, ServiceError> {
        Ok(self.store.subjects(query).await?)
    }

    /// Scores texts without storing anything, in order.
    ///
    /// More texts than a small part of the queue holds are scored like a batch, some at a time and
    /// as room comes: all at once they could find the queue full of themselves, however often they
    /// were sent. Of fewer texts the first decides whether the request is refused; those after it
    /// wait for room when they find none, which they may have taken from each other.
    pub async fn analyze(&self, texts: &[Text]) -> Result<Vec<Analysis>, ServiceError> {
        let bytes: usize = texts.iter().map(|text| text.as_str().len()).sum();
        let capacity = self.scorer.statistics().queue_capacity_tokens;
        // Hardly any text has more tokens than bytes.
        let fits = texts.len() == 1 || bytes as u64 <= capacity / ANALYZED_SHARE;
        let at_once = if fits { texts.len().max(1) } else { BULK_AT_ONCE };
        let score = async |index: usize, text: &Text| {
            if fits {
                match self.scorer.score(text, None, Priority::Interactive).await {
                    Err(ScoringError::QueueFull { .. }) if index > 0 => {}
                    outcome => return Ok(outcome?),
                }
            }
            Ok(self.scorer.score(text, None, Priority::Bulk).await?)
        };
        let scored = stream::iter(texts.iter().enumerate()).map(|(index, text)| score(index, text));
        scored.buffered(at_once).try_collect().await
    }

    /// What people say within a scope and a range of days.
    pub async fn summary(&self, scope: &Scope, range: DateRange) -> Result<Summary, ServiceError> {
        let totals = self.store.totals(scope, range).await?;
        let totals = totals.ok_or_else(|| unknown(scope))?;
        Ok(Summary::of(&totals.cell, totals.span))
    }

    /// What people said within a scope and a range of days, interval by interval. Intervals
    /// without reviews are left out.
    pub async fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
    ) -> Result<Vec<(Date, Summary)>, ServiceError> {
        // The summaries are made where the cells are read, so that no more than one cell is held.
        let (sender, points) = channel();
        let take = Box::new(move |start, totals: Totals| {
            // Nobody takes them when the request has been given up.
            let _ = sender.send((start, Summary::of(&totals.cell, totals.span)));
        });
        match self.store.timeline(scope, interval, range, take).await? {
            true => Ok(points.into_iter().collect()),
            false => Err(unknown(scope)),
        }
    }

    /// All reviews as they are now, whatever is written while they are read.
    pub async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.store.snapshot().await
    }

    /// What scores the texts.
    pub fn model(&self) -> &Card {
        self.scorer.card()
    }

    /// What scoring has done, and what waits.
    pub fn scoring_statistics(&self) -> heartstrings_scoring::Statistics {
        self.scorer.statistics()
    }

    /// What the store has done.
    pub fn store_statistics(&self) -> heartstrings_store::Statistics {
        self.store.statistics()
    }

    /// How the store is doing.
    pub fn store_status(&self) -> Status {
        self.store.status()
    }

    /// Finishes what was begun, then syncs and closes the store.
    pub async fn close(&self) -> Result<(), ServiceError> {
        self.scorer.close().await;
        Ok(self.store.close().await?)
    }

    async fn analyzed(&self, new: &NewReview, priority: Priority) -> Result<Review, ServiceError> {
        let content = &new.content;
        let language = content.language.as_deref();
        let analysis = self.scorer.score(&content.text, language, priority).await?;
        let now = now();
        Ok(Review {
            id: new.id.clone().unwrap_or_else(ReviewId::generate),
            content: content.clone(),
            written_at: new.written_at.unwrap_or(now),
            received_at: now,
            updated_at: now,
            analysis,
            fingerprint: new.fingerprint(),
        })
    }
}

/// The time to the microsecond, which is what the store keeps.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// The answer to a request that came before, if it says the same as then.
fn repeated(new: &NewReview, duplicate: Duplicate) -> Result<Accepted, ServiceError> {
    let accepted = |review| Ok(Accepted { review, is_new: false });
    match duplicate {
        Duplicate::SameId(stored) if new.fingerprint() == stored.fingerprint => accepted(stored),
        Duplicate::SameId(stored) => Err(ServiceError::Conflict(stored.id)),
        // The review may have been replaced since; what counts is what the first request said.
        Duplicate::SameKey(answered)
            if new.fingerprint() == answered.fingerprint
                && new.id.as_ref().is_none_or(|id| *id == answered.review.id) =>
        {
            accepted(answered.review)
        }
        Duplicate::SameKey(_) => Err(ServiceError::KeyReused),
    }
}

fn unknown(scope: &Scope) -> ServiceError {
    match scope {
        Scope::Subject(subject) => ServiceError::UnknownSubject(subject.clone()),
        // A store always knows `Scope::All`; a store that does not is broken.
        Scope::All => ServiceError::Store(StoreError::Io("the totals are missing".into())),
    }
}
