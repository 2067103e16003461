//! Text goes in, an [`Analysis`] comes out.
//!
//! [`Scorer`] is what the rest of the house knows of it. [`Engine`] is the one that ships: a
//! text is cut into windows ([`heartstrings_inference`]), the windows wait in a bounded and fair [`queue`],
//! threads of their own ([`worker`]) take them in batches, and the last window of a text to be
//! scored sends its analysis back. [`Cached`] stands before it and scores what was scored lately,
//! or is being scored, only once; before that stands [`Impatient`], which counts the time of whoever
//! looks at a screen. [`assemble`] puts the three together.

mod attempts;
mod cache;
mod deadline;
mod engine;
mod job;
mod queue;
mod statistics;
#[cfg(test)]
mod tests;
mod worker;

pub use cache::Cached;
pub use deadline::Impatient;
pub use engine::{Engine, EngineOptions};
pub use statistics::{BATCH_BOUNDS, Statistics};

use async_trait::async_trait;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::Card;
use std::sync::Arc;
use std::time::Duration;

/// Something that scores texts.
#[async_trait]
pub trait Scorer: Send + Sync + 'static {
    /// Scores one text of any length. `language` is what the client says the text is written in.
    ///
    /// The answer depends on the text and the language alone, never on what else is scored at
    /// the same time. Dropping the future takes the text out of the queue.
    async fn score(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError>;

    /// What scores: id, revision, limits, published accuracy.
    fn card(&self) -> &Card;

    /// What has been done since the start, and what waits now.
    fn statistics(&self) -> Statistics;

    /// Takes no more texts, scores those that wait, and ends all threads.
    async fn close(&self);
}

/// Who waits for a text to be scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Somebody looks at a screen. Goes before bulk, even into the middle of its batches.
    Interactive,
    /// An import or a rescore: what counts is when the last text is done. It keeps a share of a
    /// fifth however much else there is.
    Bulk,
}

/// The scorer of the service: an engine, a cache of so many bytes (none for 0), and a deadline for
/// those who look at a screen.
pub fn assemble(engine: Engine, cache_bytes: u64, deadline: Duration) -> Arc<dyn Scorer> {
    let mut scorer: Arc<dyn Scorer> = Arc::new(engine);
    if cache_bytes > 0 {
        scorer = Arc::new(Cached::new(scorer, cache_bytes));
    }
    Arc::new(Impatient::new(scorer, deadline))
}

/// Why a text was not scored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoringError {
    /// The queue is full; it will have room in about this many seconds.
    #[error("too many texts are waiting to be scored; try again in {retry_after} s")]
    QueueFull {
        /// Whole seconds, at least 1.
        retry_after: u64,
    },
    /// The text was not scored within the time that a request may wait.
    #[error(
        "the text was not scored within {seconds} s, because others were before it; try again in \
         {retry_after} s, or send it in a batch, which waits as long as it takes"
    )]
    TooSlow {
        /// How long it has waited.
        seconds: u64,
        /// Whole seconds, at least 1.
        retry_after: u64,
    },
    /// The service is stopping.
    #[error("scoring has stopped because the service is stopping")]
    Closed,
    /// Every thread that scores has ended.
    #[error(
        "nothing scores any more: every scoring thread has failed, and the log says why; the service \
         must be started again"
    )]
    NoWorkers,
    /// The model failed on this text.
    #[error("the model failed on this text: {0}")]
    Failed(String),
}
