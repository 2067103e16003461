//! The trait of stores, by a reader and a writer.

use super::disk::lock_release::LockRelease;
use super::disk::open::{self, Opened, SledOptions};
use super::maintain::losses::{losses, open_whole, reader_of};
use super::read::{Reader, SledSnapshot};
use super::write::Writer;
use super::write::counters::{Counters, GROUP_BOUNDS};
use super::write::operation::{self, Removed};
use crate::{
    Created, Cursor, Duplicate, IdempotencyKey, Page, Replaced, ReviewQuery, Scope, Sizes,
    Snapshot, Statistics, Status, Store, StoreError, SubjectQuery, SubjectTotals, TakeTotals,
    Totals,
};
use async_trait::async_trait;
use heartstrings_core::aggregate::{DateRange, Interval};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tracing::Instrument;

/// A store in a sled database.
pub struct SledStore {
    pub(super) reader: Arc<Reader>,
    writer: Writer,
    /// Stands last, because fields are dropped in their order: it waits for what the others held.
    _release: LockRelease,
}

impl SledStore {
    /// Opens the database in a folder, making it when there is none.
    ///
    /// Takes time with the size of the database. Fails with a message for the operator when
    /// another process has it open, or when it is damaged; nothing is deleted then.
    pub fn open(options: &SledOptions) -> Result<Self, StoreError> {
        Self::start(open_whole(options)?, options)
    }

    /// Opens a database whatever it has lost, to save what is left; the sentences say what is
    /// known to be gone. Nothing should be written to it.
    pub fn open_damaged(options: &SledOptions) -> Result<(Self, Vec<String>), StoreError> {
        // A rebuild that was interrupted has changed no review.
        let opened = open::open(options)?;
        let losses = losses(&opened, options, false)?.told;
        Ok((Self::start(opened, options)?, losses))
    }

    fn start(opened: Opened, options: &SledOptions) -> Result<Self, StoreError> {
        let reader = Arc::new(reader_of(&opened));
        let writer = Writer::start(opened, Arc::clone(&reader), options)?;
        let release = LockRelease::new(&options.path, writer.status_handle());
        Ok(Self { reader, writer, _release: release })
    }

    /// Runs a read off the async threads: a cold page comes from disk.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        tokio::task::spawn_blocking(move || read(&reader))
            .instrument(tracing::info_span!("store.read"))
            .await
            .map_err(|error| StoreError::Io(error.to_string()))?
    }

    /// What a write wants to know beforehand, once it is on disk. A reader sees a group as soon as
    /// it is applied, so the writer is asked: its answer comes after the sync of all before it, or
    /// not at all when a sync has failed. A disk that cannot be read gives nothing: the write that
    /// follows meets it again, and knows what to do.
    async fn settled<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<Option<T>, StoreError> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let found = match self.read(read).await {
            Err(StoreError::Io(why)) => {
                tracing::warn!(why, "a write could not look up what is stored");
                None
            }
            found => found?,
        };
        let Some(found) = found else { return Ok(None) };
        self.writer.submit(operation::Settle).await?;
        Ok(Some(found))
    }

    /// All reviews as they are now.
    pub fn take_snapshot(&self) -> SledSnapshot {
        SledSnapshot::take(&self.reader)
    }

    /// Removes up to a few hundred reviews of a subject, the oldest first.
    pub async fn delete_some(&self, subject: &Subject) -> Result<Removed, StoreError> {
        self.writer.submit(operation::DeleteSome(subject.clone())).await
    }
}

#[async_trait]
impl Store for SledStore {
    async fn create(
        &self,
        review: Review,
        key: Option<IdempotencyKey>,
    ) -> Result<Created, StoreError> {
        self.writer.submit(operation::Create { review, key }).await
    }

    async fn duplicate(
        &self,
        id: Option<&ReviewId>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Duplicate>, StoreError> {
        let (id, key) = (id.cloned(), key.copied());
        if id.is_none() && key.is_none() {
            return Ok(None);
        }
        let now = Timestamp::now();
        self.settled(move |reader| reader.duplicate(id.as_ref(), key.as_ref(), now)).await
    }

    async fn replace(&self, review: Review) -> Result<Replaced, StoreError> {
        self.writer.submit(operation::Replace(review)).await
    }

    async fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.get(&id)).await
    }

    async fn delete(&self, id: &ReviewId) -> Result<bool, StoreError> {
        self.writer.submit(operation::Delete(id.clone())).await
    }

    async fn delete_subject(&self, subject: &Subject) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let removed = self.delete_some(subject).await?;
            deleted += removed.reviews as u64;
            if !removed.more {
                return Ok(deleted);
            }
        }
    }

    async fn reviews(&self, query: &ReviewQuery) -> Result<Page<Review>, StoreError> {
        let query = query.clone();
        self.read(move |reader| reader.reviews(&query)).await
    }

    async fn reviews_by_id(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Result<Review, StoreError>>, StoreError> {
        let cursor = cursor.cloned();
        self.read(move |reader| reader.reviews_by_id(cursor.as_ref())).await
    }

    async fn subjects(&self, query: &SubjectQuery) -> Result<Page<SubjectTotals>, StoreError> {
        let query = query.clone();
        self.read(move |reader| reader.subjects(&query)).await
    }

    async fn totals(&self, scope: &Scope, range: DateRange) -> Result<Option<Totals>, StoreError> {
        let scope = scope.clone();
        self.read(move |reader| reader.totals(&scope, range)).await
    }

    async fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
        mut take: TakeTotals,
    ) -> Result<bool, StoreError> {
        let scope = scope.clone();
        self.read(move |reader| reader.timeline(&scope, interval, range, &mut *take)).await
    }

    async fn reanalyze(
        &self,
        id: &ReviewId,
        expected: Timestamp,
        analysis: Analysis,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer.submit(operation::Reanalyze { id: id.clone(), expected, analysis, now }).await
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(self.take_snapshot()))
    }

    fn status(&self) -> Status {
        self.writer.status()
    }

    fn statistics(&self) -> Statistics {
        let Counters { operations, groups, commit_seconds, failures } = self.writer.counters();
        Statistics {
            operations,
            commits: Sizes { bounds: &GROUP_BOUNDS, counts: groups.to_vec() },
            commit_seconds,
            failures,
            left_out: self.reader.damaged.load(Ordering::Relaxed),
            read_only: self.writer.status() != Status::Ok,
        }
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.writer.submit(operation::Close).await
    }
}

#[cfg(test)]
impl SledStore {
    /// Opens a database whose syncs are another's.
    pub fn open_with(
        options: &SledOptions,
        files: Box<dyn super::disk::durability::Durable>,
    ) -> Result<Self, StoreError> {
        Self::start(Opened { files, ..open_whole(options)? }, options)
    }
}
