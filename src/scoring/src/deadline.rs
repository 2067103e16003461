//! A deadline for interactive requests.

use super::error::ScoringError;
use super::scorer::{Priority, Scorer};
use super::statistics::{Statistics, count};
use async_trait::async_trait;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::Card;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A scorer that stops waiting for an interactive request after a deadline.
///
/// It wraps the cache, so that each of several requests for the same text has its own deadline.
pub struct Deadline {
    inner: Arc<dyn Scorer>,
    deadline: Duration,
    missed: AtomicU64,
}

impl Deadline {
    /// Waits for `inner` at most as long as `deadline`; without a limit for bulk work.
    pub fn new(inner: Arc<dyn Scorer>, deadline: Duration) -> Self {
        Self { inner, deadline, missed: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Scorer for Deadline {
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
            count(&self.missed);
            let retry_after = self.inner.statistics().queue_seconds.max(1);
            Err(ScoringError::TooSlow { seconds: self.deadline.as_secs(), retry_after })
        })
    }

    fn card(&self) -> &Card {
        self.inner.card()
    }

    fn statistics(&self) -> Statistics {
        let inner = self.inner.statistics();
        let missed = self.missed.load(Ordering::Relaxed);
        Statistics { rejected: inner.rejected + missed, ..inner }
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
