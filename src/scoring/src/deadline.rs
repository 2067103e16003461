//! Whoever looks at a screen does not wait for ever.

use super::statistics::count;
use super::{Priority, Scorer, ScoringError, Statistics};
use async_trait::async_trait;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::Card;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A scorer that gives up a text for which somebody who looks at a screen has waited too long.
///
/// It stands before the cache: of several who wait for the same text each has its own time.
pub struct Impatient {
    inner: Arc<dyn Scorer>,
    deadline: Duration,
    given_up: AtomicU64,
}

impl Impatient {
    /// Waits for `inner` as long as `deadline`; with bulk work as long as it takes.
    pub fn new(inner: Arc<dyn Scorer>, deadline: Duration) -> Self {
        Self { inner, deadline, given_up: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Scorer for Impatient {
    async fn score(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        let answer = self.inner.score(text, language, priority);
        if priority == Priority::Bulk {
            return answer.await;
        }
        tokio::time::timeout(self.deadline, answer).await.unwrap_or_else(|_| {
            count(&self.given_up);
            let retry_after = self.inner.statistics().queue_seconds.max(1);
            Err(ScoringError::TooSlow { seconds: self.deadline.as_secs(), retry_after })
        })
    }

    fn card(&self) -> &Card {
        self.inner.card()
    }

    fn statistics(&self) -> Statistics {
        let inner = self.inner.statistics();
        let given_up = self.given_up.load(Ordering::Relaxed);
        Statistics { rejected: inner.rejected + given_up, ..inner }
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
