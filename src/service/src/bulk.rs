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
