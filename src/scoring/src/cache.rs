//! A cache of analyses.
//!
//! Requests for the same text at the same priority join while it is being scored. Each keeps
//! its own deadline, which a scorer around this one applies: the attempt goes on as long as
//! one request waits.
//!
//! The key is made of the model's revision, the text and the language that the client states.
//! The text is the trimmed one that is stored. It is not normalised further, because the offsets of
//! sentences count its characters.

use super::error::ScoringError;
use super::scorer::{Priority, Scorer};
use super::single_flight::SingleFlight;
use super::statistics::{Statistics, count};
use async_trait::async_trait;
use futures_util::FutureExt;
use heartstrings_core::analysis::{Analysis, Sentence};
use heartstrings_core::review::Text;
use heartstrings_inference::Card;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::mem::size_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A scorer with a cache.
pub struct Cached {
    inner: Arc<dyn Scorer>,
    analyses: Cache<[u8; 32], Analysis>,
    attempts: Arc<SingleFlight>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Cached {
    /// Caches the analyses of `inner` in about `bytes` bytes; the least used are dropped first.
    pub fn new(inner: Arc<dyn Scorer>, bytes: u64) -> Self {
        let analyses = Cache::builder().max_capacity(bytes).weigher(|_, a| weight(a)).build();
        let (attempts, hits, misses) = Default::default();
        Self { inner, analyses, attempts, hits, misses }
    }

    /// Size of the cache in bytes, by its own estimate.
    #[cfg(test)]
    pub(super) async fn bytes(&self) -> u64 {
        self.analyses.run_pending_tasks().await;
        self.analyses.weighted_size()
    }

    fn key(&self, text: &Text, language: Option<&str>) -> [u8; 32] {
        let mut digest = Sha256::new();
        // Neither a revision nor a language contains a zero byte, so the parts are unambiguous.
        for part in [&self.inner.card().revision, language.unwrap_or_default(), text.as_str()] {
            digest.update(part);
            digest.update([0]);
        }
        digest.finalize().into()
    }
}

/// Bytes of an entry: the analysis, and about 300 for the cache's own records.
fn weight(analysis: &Analysis) -> u32 {
    let bytes = 300 + size_of::<Analysis>() + analysis.sentences.len() * size_of::<Sentence>();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[async_trait]
impl Scorer for Cached {
    async fn score(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        let key = self.key(text, language);
        if let Some(analysis) = self.analyses.get(&key).await {
            count(&self.hits);
            return Ok(analysis);
        }
        let begin = || {
            let (inner, analyses) = (Arc::clone(&self.inner), self.analyses.clone());
            let (text, language) = (text.clone(), language.map(str::to_owned));
            let attempt = async move {
                // An attempt may have ended since the look-up above.
                if let Some(analysis) = analyses.get(&key).await {
                    return Ok(analysis);
                }
                let analysis = inner.score(&text, language.as_deref(), priority).await?;
                analyses.insert(key, analysis.clone()).await;
                Ok(analysis)
            };
            attempt.boxed()
        };
        let (attempt, is_new) = self.attempts.join((key, priority), begin);
        count(if is_new { &self.misses } else { &self.hits });
        attempt.await
    }

    fn card(&self) -> &Card {
        self.inner.card()
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            cache_hits: self.hits.load(Ordering::Relaxed),
            cache_misses: self.misses.load(Ordering::Relaxed),
            ..self.inner.statistics()
        }
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
