//! The store that ships: an embedded sled database, fenced in.
//!
//! One tree holds everything under prefixed keys ([`keys`]). All writes go through one thread
//! ([`writer`]), which takes whatever waits, works out the records, index entries and cells of
//! the whole group, applies them as one atomic batch, and answers only after the group is on disk
//! ([`durability`]). So there are no transactions that run twice, no races between a check and a
//! write, and one sync serves everyone who waited for it. Reads ([`reader`]) go straight to the
//! tree; a lock that the writer holds while it applies a batch lets a read of several keys see
//! all of a group or none of it.

mod cell_record;
mod cells;
mod checksums;
mod closing;
mod cursor;
mod damage;
mod durability;
mod evidence;
mod facets;
mod group;
mod index;
mod keys;
mod listing;
mod lists;
pub mod maintenance;
mod open;
mod parts;
mod ranges;
mod reader;
mod rebuild;
mod record;
mod removal;
mod requests;
mod snapshot;
mod sums;
#[cfg(test)]
mod tests;
mod unreadable;
mod verify;
mod writer;

pub use open::SledOptions;

use super::{
    Answered, Created, Cursor, IdempotencyKey, Page, Removed, Replaced, ReviewQuery, Scope,
    Snapshot, Statistics, Status, Store, StoreError, SubjectQuery, SubjectTotals, Totals,
};
use async_trait::async_trait;
use closing::Closing;
use heartstrings_core::aggregate::{DateRange, Interval, Summary};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;
use jiff::civil::Date;
use reader::Reader;
use snapshot::SledSnapshot;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tracing::Instrument;
use writer::{Answer, Operation, Writer};

/// A store in a sled database.
pub struct SledStore {
    reader: Arc<Reader>,
    writer: Writer,
    /// Stands last, because fields are dropped in their order: it waits for what the others held.
    _closing: Closing,
}

impl SledStore {
    /// Opens the database in a folder, making it when there is none.
    ///
    /// Takes time with the size of the database. Fails with a message for the operator when
    /// another process has it open, or when it is damaged; nothing is deleted then.
    pub fn open(options: &SledOptions) -> Result<Self, StoreError> {
        Self::start(open::open(options)?, options)
    }

    /// Opens a database whatever it has lost, to save what is left; the sentences say what is
    /// known to be gone. Nothing should be written to it.
    pub fn open_damaged(options: &SledOptions) -> Result<(Self, Vec<String>), StoreError> {
        // A rebuild that was interrupted has changed no review.
        let opened = open::open_for_rebuild(options)?;
        let losses = open::losses(&opened, options, false)?;
        Ok((Self::start(opened, options)?, losses))
    }

    fn start(opened: open::Opened, options: &SledOptions) -> Result<Self, StoreError> {
        let reader = Arc::new(Reader::new(&opened));
        let writer = Writer::start(opened, Arc::clone(&reader), options)?;
        let closing = Closing::new(&options.path, writer.status_handle());
        Ok(Self { reader, writer, _closing: closing })
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
        match self.writer.submit(Operation::Settle).await? {
            Answer::Settled => Ok(Some(found)),
            other => Err(other.unexpected()),
        }
    }
}

#[async_trait]
impl Store for SledStore {
    async fn create(
        &self,
        review: Review,
        key: Option<IdempotencyKey>,
    ) -> Result<Created, StoreError> {
        match self.writer.submit(Operation::Create(Box::new(review), key)).await? {
            Answer::Created(created) => Ok(created),
            other => Err(other.unexpected()),
        }
    }

    async fn answered(&self, key: &IdempotencyKey) -> Result<Option<Answered>, StoreError> {
        let key = *key;
        self.settled(move |reader| reader.answered(&key, Timestamp::now())).await
    }

    async fn existing(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let id = id.clone();
        self.settled(move |reader| reader.get(&id)).await
    }

    async fn replace(&self, review: Review) -> Result<Replaced, StoreError> {
        match self.writer.submit(Operation::Replace(Box::new(review))).await? {
            Answer::Replaced(replaced) => Ok(replaced),
            other => Err(other.unexpected()),
        }
    }

    async fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.get(&id)).await
    }

    async fn delete(&self, id: &ReviewId) -> Result<bool, StoreError> {
        match self.writer.submit(Operation::Delete(id.clone())).await? {
            Answer::Deleted(found) => Ok(found),
            other => Err(other.unexpected()),
        }
    }

    async fn delete_some(&self, subject: &Subject) -> Result<Removed, StoreError> {
        match self.writer.submit(Operation::DeleteSome(subject.clone())).await? {
            Answer::Removed(removed) => Ok(removed),
            other => Err(other.unexpected()),
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
    ) -> Result<Option<Vec<(Date, Summary)>>, StoreError> {
        let scope = scope.clone();
        self.read(move |reader| reader.timeline(&scope, interval, range)).await
    }

    async fn reanalyze(
        &self,
        id: &ReviewId,
        expected: Timestamp,
        analysis: Analysis,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let analysis = Box::new(analysis);
        let operation = Operation::Reanalyze { id: id.clone(), expected, analysis, now };
        match self.writer.submit(operation).await? {
            Answer::Reanalyzed(taken) => Ok(taken),
            other => Err(other.unexpected()),
        }
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(SledSnapshot::take(&self.reader)))
    }

    fn status(&self) -> Status {
        self.writer.status()
    }

    fn statistics(&self) -> Statistics {
        let left_out = self.reader.damaged.load(Ordering::Relaxed);
        Statistics { left_out, ..self.writer.statistics() }
    }

    async fn close(&self) -> Result<(), StoreError> {
        match self.writer.submit(Operation::Close).await? {
            Answer::Closed => Ok(()),
            other => Err(other.unexpected()),
        }
    }
}

#[cfg(test)]
impl SledStore {
    /// Opens a database whose syncs are another's.
    fn open_with(
        options: &SledOptions,
        files: Box<dyn durability::Sync>,
    ) -> Result<Self, StoreError> {
        Self::start(open::Opened { files, ..open::open(options)? }, options)
    }
}

/// Everything that is in the database, its own settings apart.
#[cfg(test)]
fn contents_of(store: &SledStore) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let all = store.reader.tree.iter().filter_map(Result::ok);
    let pairs = all.map(|(key, value)| (key.to_vec(), value.to_vec()));
    pairs.filter(|(key, _)| key[0] != b'm').collect()
}
