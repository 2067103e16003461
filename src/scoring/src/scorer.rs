//! The interface of scoring.

use super::error::ScoringError;
use super::statistics::Statistics;
use async_trait::async_trait;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::Card;

/// Scores texts.
#[async_trait]
pub trait Scorer: Send + Sync + 'static {
    /// Scores one text of any length. `language` is the BCP 47 tag that the client states, if any.
    ///
    /// The analysis depends on the text and the language alone, never on other texts that are scored at
    /// the same time. Dropping the future removes the text from the queue.
    ///
    /// # Errors
    /// When the queue is full, the model fails, or the scorer has stopped.
    async fn score(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError>;

    /// Description of the model: id, revision, limits, published accuracy.
    fn card(&self) -> &Card;

    /// Counters since the start, and the present state of the queue.
    fn statistics(&self) -> Statistics;

    /// Rejects further texts, scores those that wait, and ends all threads.
    async fn close(&self);
}

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// A request whose client waits for the answer. It goes before bulk work, even between the layers of a bulk
    /// batch.
    Interactive,
    /// An import or a rescore, where the time of the last text counts. Bulk work always keeps a share of
    /// one fifth.
    Bulk,
}
