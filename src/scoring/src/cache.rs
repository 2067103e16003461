//! Texts that were scored lately, or are being scored, are scored once.
//!
//! Those join who ask for the same text at the same priority while it is being scored. Each keeps
//! its own deadline, which is not counted here ([`super::Impatient`]): the attempt goes on as long as
//! one of them waits.
//!
//! What is kept is keyed by the model's revision, the text and the language that the client names.
//! The text is the trimmed one that is stored; it is not normalised further, because offsets of
//! sentences count its very characters.

use super::attempts::Attempts;
use super::statistics::count;
use super::{Priority, Scorer, ScoringError, Statistics};
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

/// A scorer that remembers.
pub struct Cached {
    inner: Arc<dyn Scorer>,
    analyses: Cache<[u8; 32], Analysis>,
    attempts: Arc<Attempts>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Cached {
    /// Remembers what `inner` says in about `bytes` bytes; the least used goes first.
    pub fn new(inner: Arc<dyn Scorer>, bytes: u64) -> Self {
        let analyses = Cache::builder().max_capacity(bytes).weigher(|_, a| weight(a)).build();
        let (attempts, hits, misses) = Default::default();
        Self { inner, analyses, attempts, hits, misses }
    }

    /// Bytes that it takes up, as it counts them.
    #[cfg(test)]
    pub(super) async fn bytes(&self) -> u64 {
        self.analyses.run_pending_tasks().await;
        self.analyses.weighted_size()
    }

    fn key(&self, text: &Text, language: Option<&str>) -> [u8; 32] {
        let mut digest = Sha256::new();
        // Neither a revision nor a language holds a zero byte, so no two keys run together.
        for part in [&self.inner.card().revision, language.unwrap_or_default(), text.as_str()] {
            digest.update(part);
            digest.update([0]);
        }
        digest.finalize().into()
    }
}

/// Bytes of an entry: what it holds, and what the cache needs to keep order.
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
                // An attempt may have ended since the look above.
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
