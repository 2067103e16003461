//! Scores reviews again that an older model has scored.

use super::{Service, ServiceError, now};
use futures_util::{StreamExt, stream};
use heartstrings_core::review::Review;
use heartstrings_scoring::Priority;
use heartstrings_store::StoreError;
use serde::{Deserialize, Serialize};

/// Reviews that are scored at the same time: few, so that requests are hardly delayed.
const RESCORED_AT_ONCE: usize = 4;

/// Progress of a rescoring, in reviews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescored {
    /// Reviews read.
    pub seen: u64,
    /// Those that got a new analysis.
    pub rescored: u64,
    /// Those that could not be read.
    pub damaged: u64,
}

impl Service {
    /// Scores reviews again that another model has scored, or `all` reviews, while requests go on.
    /// Started again after an interruption it continues, because scored reviews carry this model's id.
    /// Calls `progress` after each page.
    ///
    /// # Errors
    /// When scoring or the store fails. Damaged reviews are counted instead.
    pub async fn rescore(
        &self,
        all: bool,
        progress: &mut (dyn FnMut(Rescored) + Send),
    ) -> Result<Rescored, ServiceError> {
        // No snapshot: it would keep the old version of every review that is written here, without
        // bound. A review that is posted meanwhile is scored by this model then.
        let mut cursor = None;
        let mut done = Rescored::default();
        loop {
            let page = self.store.reviews_by_id(cursor.as_ref()).await?;
            let mut outcomes = stream::iter(page.items)
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
            cursor = page.next;
            if cursor.is_none() {
                return Ok(done);
            }
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
        // Interactive requests go first.
        let language = content.language.as_deref();
        let analysis = self.scorer.score(&content.text, language, Priority::Bulk).await?;
        // A review that has changed meanwhile was scored by this model then.
        Ok(self.store.reanalyze(&review.id, review.updated_at, analysis, now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_core::analysis::{Affect, Analysis, EMOTIONS, Emotions, Label, Sentiment};
    use heartstrings_core::fixed::Fixed;
    use heartstrings_core::review::{Content, NewReview, Text};
    use heartstrings_inference::Card;
    use heartstrings_scoring::{Scorer, ScoringError, Statistics};
    use heartstrings_store::{Scope, Store, StoreSettings, StoreUrl};
    use std::sync::Arc;

    /// A model that calls every text neutral.
    struct Indifferent(Card);

    #[async_trait::async_trait]
    impl Scorer for Indifferent {
        async fn score(
            &self,
            _: &Text,
            _: Option<&str>,
            _: Priority,
        ) -> Result<Analysis, ScoringError> {
            let (zero, one) = (Fixed::ZERO, Fixed::ONE);
            Ok(Analysis {
                model: self.0.id.clone(),
                language: "en".into(),
                tokens: 1,
                windows: 1,
                sentiment: Sentiment {
                    label: Label::Neutral,
                    score: zero,
                    confidence: one,
                    negative: zero,
                    neutral: one,
                    positive: zero,
                },
                intensity: zero,
                emotions: Emotions { probabilities: [zero; EMOTIONS.len()], present: 0 },
                affect: Affect { valence: zero, arousal: zero, dominance: zero },
                sentences: vec![],
                warnings: vec![],
            })
        }

        fn card(&self) -> &Card {
            &self.0
        }

        fn statistics(&self) -> Statistics {
            Statistics::default()
        }

        async fn close(&self) {}
    }

    fn service(id: &str, store: &Arc<dyn Store>) -> Service {
        let card = Card {
            id: id.into(),
            revision: String::new(),
            languages: vec![],
            window_tokens: 256,
            emotion_thresholds: vec![],
            precision: String::new(),
            device: String::new(),
            accuracy: serde_json::Map::new(),
        };
        Service::new(Arc::new(Indifferent(card)), Arc::clone(store))
    }

    fn new(number: usize) -> NewReview {
        let content = Content {
            subject: "film".parse().unwrap(),
            text: "so so ".repeat(1_000).parse().unwrap(),
            title: None,
            rating: None,
            author: None,
            source: None,
            language: None,
            metadata: Default::default(),
        };
        NewReview { id: Some(format!("r{number}").parse().unwrap()), content, written_at: None }
    }

    /// Reviews of several times the size that a snapshot may keep of the past.
    #[tokio::test(flavor = "multi_thread")]
    async fn rescoring_takes_no_snapshot_of_what_it_rewrites() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sled(folder.path().into());
        let settings = StoreSettings { free_disk_floor: 0, ..StoreSettings::new(url) };
        let store = heartstrings_store::open(&settings).unwrap();
        let (old, current) = (service("old", &store), service("current", &store));
        let creates = (0..800).map(|number| old.create(new(number), None, Priority::Bulk));
        for outcome in futures_util::future::join_all(creates).await {
            outcome.unwrap();
        }
        let mut told = Vec::new();
        let done = current.rescore(false, &mut |so_far| told.push(so_far.seen)).await.unwrap();
        assert_eq!(done, Rescored { seen: 800, rescored: 800, damaged: 0 });
        assert_eq!(told.last(), Some(&800));
        let summary = current.summary(&Scope::All, Default::default()).await.unwrap();
        assert_eq!(summary.models, ["current"]);
        let again = current.rescore(false, &mut |_| {}).await.unwrap();
        assert_eq!((again.seen, again.rescored), (800, 0));
    }
}
