//! Scoring again what an older model has scored.

use super::{Service, ServiceError, now};
use crate::review::Review;
use crate::scoring::Priority;
use crate::store::StoreError;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

/// Reviews that are scored again at the same time: few, so that others hardly notice.
const RESCORED_AT_ONCE: usize = 4;

/// How far scoring again has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescored {
    /// Reviews that were looked at.
    pub seen: u64,
    /// Those that have a new analysis.
    pub rescored: u64,
    /// Those that could not be read.
    pub damaged: u64,
}

impl Service {
    /// Scores reviews again that another model has scored, or `all`, while everything else goes
    /// on. Started again after an interruption it goes on where it was: what is done carries this
    /// model's id. `progress` is told now and then.
    pub async fn rescore(
        &self,
        all: bool,
        progress: &mut (dyn FnMut(Rescored) + Send),
    ) -> Result<Rescored, ServiceError> {
        let mut snapshot = self.store.snapshot().await?;
        let mut done = Rescored::default();
        loop {
            let piece = snapshot.next().await?;
            if piece.is_empty() {
                return Ok(done);
            }
            let mut outcomes = stream::iter(piece)
                .map(|review| self.rescore_one(review, all))
                .buffer_unordered(RESCORED_AT_ONCE);
            while let Some(outcome) = outcomes.next().await {
                done.seen += 1;
                match outcome {
                    Ok(true) => done.rescored += 1,
                    Ok(false) => {}
                    Err(ServiceError::Store(StoreError::Damaged { .. })) => done.damaged += 1,
                    Err(error) => return Err(error),
                }
            }
            progress(done);
        }
    }

    /// Whether the review got a new analysis.
    async fn rescore_one(
        &self,
        review: Result<Review, StoreError>,
        all: bool,
    ) -> Result<bool, ServiceError> {
        let review = review?;
        if !all && review.analysis.model == self.model().id {
            return Ok(false);
        }
        let content = &review.content;
        // Those who post reviews come first.
        let language = content.language.as_deref();
        let analysis = self.scorer.score(&content.text, language, Priority::Bulk).await?;
        // A review that has changed meanwhile was scored by this model when it did.
        Ok(self.store.reanalyze(&review.id, review.updated_at, analysis, now()).await?)
    }
}
