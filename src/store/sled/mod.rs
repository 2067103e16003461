//! The store that ships: an embedded sled database, fenced in.
//!
//! One tree holds everything under prefixed keys ([`keys`]). All writes go through one thread
//! ([`writer`]), which takes whatever waits, works out the records, index entries and cells of
//! the whole group, applies them as one atomic batch, and answers only after the group is on disk
//! ([`durability`]). So there are no transactions that run twice, no races between a check and a
//! write, and one sync serves everyone who waited for it. Reads ([`reader`]) go straight to the
//! tree; a lock that the writer holds while it applies a batch lets a read of several keys see
//! all of a group or none of it.

mod cells;
mod cursor;
mod damage;
mod durability;
mod group;
mod index;
mod keys;
mod lists;
pub mod maintenance;
mod open;
mod reader;
mod rebuild;
mod record;
mod requests;
mod snapshot;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use open::SledOptions;

use super::{
    Answered, Created, IdempotencyKey, Page, Removed, Replaced, ReviewQuery, Scope, Snapshot,
    Statistics, Status, Store, StoreError, SubjectQuery, SubjectTotals, Totals,
};
use crate::aggregate::{DateRange, Interval};
use crate::analysis::Analysis;
use crate::review::{Review, ReviewId, Subject};
use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use reader::Reader;
use snapshot::SledSnapshot;
use std::sync::Arc;
use tracing::Instrument;
use writer::{Answer, Operation, Writer};

/// A store in a sled database.
pub struct SledStore {
    reader: Arc<Reader>,
    writer: Writer,
}

impl SledStore {
    /// Opens the database in a folder, making it when there is none.
    ///
    /// Takes time with the size of the database. Fails with a message for the operator when
    /// another process has it open, or when it is damaged; nothing is deleted then.
    pub fn open(options: &SledOptions) -> Result<Self, StoreError> {
        let opened = open::open(options)?;
        let reader = Arc::new(Reader::new(opened.tree.clone(), opened.cursor_key));
        let writer = Writer::start(opened, Arc::clone(&reader), options)?;
        Ok(Self { reader, writer })
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
        self.read(move |reader| reader.answered(&key, Timestamp::now())).await
    }

    async fn replace(&self, review: Review) -> Result<Replaced, StoreError> {
        match self.writer.submit(Operation::Replace(Box::new(review))).await? {
            Answer::Replaced(replaced) => Ok(replaced),
            other => Err(other.unexpected()),
        }
    }

    async fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.review(&id)).await
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
    ) -> Result<Option<Vec<(Date, Totals)>>, StoreError> {
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
        self.writer.statistics()
    }

    async fn close(&self) -> Result<(), StoreError> {
        match self.writer.submit(Operation::Close).await? {
            Answer::Closed => Ok(()),
            other => Err(other.unexpected()),
        }
    }
}

/// Everything that is in the database, its own settings apart.
#[cfg(test)]
fn contents_of(store: &SledStore) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let all = store.reader.tree.iter().filter_map(Result::ok);
    let pairs = all.map(|(key, value)| (key.to_vec(), value.to_vec()));
    pairs.filter(|(key, _)| key[0] != b'm').collect()
}
