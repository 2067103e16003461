//! Many reviews, some at a time: batches over HTTP and imports go the same way.

use super::{Accepted, Service, ServiceError, now};
use futures_util::{FutureExt, Stream, StreamExt};
use heartstrings_core::review::{ReviewDraft, Violation};
use heartstrings_scoring::Priority;
use std::panic::AssertUnwindSafe;

/// One of many: a draft and what is kept beside it while it is in work, or why there is none.
pub type Item<K, E> = Result<(ReviewDraft, K), E>;

/// Why a review of many is not stored.
#[derive(Clone, Debug)]
pub enum BulkError<E> {
    /// It could not be read.
    Unread(E),
    /// Its fields are wrong: all that is.
    Invalid(Vec<Violation>),
    /// It could not be scored or stored.
    Service(ServiceError),
    /// Handling it panicked. The others are not affected.
    Panicked,
}

impl Service {
    /// Scores and stores reviews one by one, each with the priority of bulk work. Gives a future for
    /// each, in order; how many the caller polls at a time is how many are in work, and with
    /// `buffered` or `buffer_unordered` it has them in order or as they are done. `finish` makes the
    /// result of one, given its place from 0 and what was kept beside it.
    pub fn create_each<K, E, T>(
        self,
        items: impl Stream<Item = Item<K, E>>,
        finish: impl Fn(u64, Option<K>, Result<Accepted, BulkError<E>>) -> T + Clone,
    ) -> impl Stream<Item = impl Future<Output = T>> {
        items.enumerate().map(move |(index, item)| {
            let (service, finish) = (self.clone(), finish.clone());
            async move {
                let (draft, kept) = match item {
                    Ok(item) => item,
                    Err(error) => {
                        return finish(index as u64, None, Err(BulkError::Unread(error)));
                    }
                };
                // Nobody else answers a panic here: the stream is read outside of any handler.
                let stored = AssertUnwindSafe(service.create_draft(draft)).catch_unwind().await;
                let stored = stored.unwrap_or(Err(BulkError::Panicked));
                finish(index as u64, Some(kept), stored)
            }
        })
    }

    async fn create_draft<E>(&self, draft: ReviewDraft) -> Result<Accepted, BulkError<E>> {
        let new = draft.check(now()).map_err(BulkError::Invalid)?;
        self.create(new, None, Priority::Bulk).await.map_err(BulkError::Service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use heartstrings_core::analysis::Analysis;
    use heartstrings_core::review::Text;
    use heartstrings_inference::Card;
    use heartstrings_scoring::{Scorer, ScoringError, Statistics};
    use heartstrings_store::{StoreSettings, StoreUrl};
    use std::sync::Arc;

    /// A model that panics at one text and fails on all others.
    struct Moody(Card);

    #[async_trait::async_trait]
    impl Scorer for Moody {
        async fn score(
            &self,
            text: &Text,
            _: Option<&str>,
            priority: Priority,
        ) -> Result<Analysis, ScoringError> {
            assert!(text.as_str() != "panic");
            assert!(priority == Priority::Bulk);
            Err(ScoringError::NoWorkers)
        }

        fn card(&self) -> &Card {
            &self.0
        }

        fn statistics(&self) -> Statistics {
            Statistics::default()
        }

        async fn close(&self) {}
    }

    #[tokio::test]
    async fn each_has_its_own_outcome_and_gets_back_what_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings::new(StoreUrl::Sled(folder.path().into()));
        let store = heartstrings_store::open(&settings).unwrap();
        let card = Card {
            id: "moody".into(),
            revision: String::new(),
            languages: vec![],
            window_tokens: 256,
            emotion_thresholds: vec![],
            precision: String::new(),
            device: String::new(),
            accuracy: serde_json::Map::new(),
        };
        let service = Service::new(Arc::new(Moody(card)), store);
        let draft = |text: &str, kept: u8| {
            let draft =
                ReviewDraft { subject: "film".into(), text: text.into(), ..ReviewDraft::default() };
            Ok((draft, kept))
        };
        let items = [draft("good", 1), draft(" ", 2), Err("unread"), draft("panic", 4)];
        let told = service.clone().create_each(stream::iter(items), |index, kept, outcome| {
            let outcome = match outcome {
                Ok(_) => "stored".to_owned(),
                Err(BulkError::Unread(why)) => why.to_owned(),
                Err(BulkError::Invalid(violations)) => violations[0].pointer.clone(),
                Err(BulkError::Service(error)) => format!("{error:?}"),
                Err(BulkError::Panicked) => "panicked".to_owned(),
            };
            (index, kept, outcome)
        });
        let told: Vec<_> = told.buffered(4).collect().await;
        let expected = [
            (0, Some(1), "Scoring(NoWorkers)"),
            (1, Some(2), "/text"),
            (2, None, "unread"),
            (3, Some(4), "panicked"),
        ];
        assert_eq!(told, expected.map(|(index, kept, text)| (index, kept, text.to_owned())));
    }
}
