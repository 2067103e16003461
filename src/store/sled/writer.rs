//! The one thread that writes: group commit.

use super::durability::Sync;
use super::group::Group;
use super::open::{Opened, SledOptions, abandon};
use super::reader::Reader;
use crate::analysis::Analysis;
use crate::review::{Review, ReviewId, Subject};
use crate::store::{Created, IdempotencyKey, Removed, Replaced, Statistics, Status, StoreError};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::oneshot;
use tracing::Instrument;

/// Operations that may wait. Scoring is far slower than writing, so a full channel means that
/// the disk has stalled.
const WAITING: usize = 4_096;
/// Most operations of one group; bounds the memory of a batch and the wait of the first.
const GROUP: usize = 512;

/// Something to write.
pub enum Operation {
    /// Store a review unless its id is taken, or its idempotency key came before.
    Create(Box<Review>, Option<IdempotencyKey>),
    /// Store a review in place of what is there.
    Replace(Box<Review>),
    /// Remove a review.
    Delete(ReviewId),
    /// Remove some reviews of a subject.
    DeleteSome(Subject),
    /// Put a new analysis in the place of the old one.
    Reanalyze {
        /// Of this review,
        id: ReviewId,
        /// if it was last changed then,
        expected: Timestamp,
        /// with this analysis,
        analysis: Box<Analysis>,
        /// and this as the time of the change.
        now: Timestamp,
    },
    /// Finish what waits, sync, and take nothing more.
    Close,
}

/// What came of an operation.
#[derive(Debug)]
pub enum Answer {
    /// Of a create.
    Created(Created),
    /// Of a replace.
    Replaced(Replaced),
    /// Of a delete: whether there was something to remove.
    Deleted(bool),
    /// Of a delete of some.
    Removed(Removed),
    /// Of a new analysis: whether it was taken.
    Reanalyzed(bool),
    /// Of a close.
    Closed,
}

impl Answer {
    /// The error for an answer to another question; it cannot happen unless this file is wrong.
    pub fn unexpected(&self) -> StoreError {
        StoreError::Io(format!("the writer gave an unexpected answer: {self:?}"))
    }
}

type Reply = oneshot::Sender<Result<Answer, StoreError>>;

/// The handle to the writer thread. Dropping it waits for the thread to finish.
pub struct Writer {
    sender: Option<SyncSender<(Operation, Reply)>>,
    status: Arc<Mutex<Status>>,
    counters: Arc<Mutex<Statistics>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(
        opened: Opened,
        reader: Arc<Reader>,
        options: &SledOptions,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(WAITING);
        let status = Arc::new(Mutex::new(Status::Ok));
        let counters = Arc::new(Mutex::new(Statistics::default()));
        let mut thread = Thread {
            db: opened.db,
            tree: opened.tree,
            files: opened.files,
            reader,
            status: Arc::clone(&status),
            counters: Arc::clone(&counters),
            path: options.path.clone(),
            free_disk_floor: options.free_disk_floor,
            closed: false,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.run(&receiver))
            .map_err(|error| StoreError::Open(format!("cannot start the writer: {error}")))?;
        Ok(Self { sender: Some(sender), status, counters, thread: Some(thread) })
    }

    /// Writes something and waits until it is on disk.
    pub async fn submit(&self, operation: Operation) -> Result<Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let sender = self.sender.as_ref().ok_or(StoreError::Closed)?;
        sender.try_send((operation, reply)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        let committed = answer.instrument(tracing::info_span!("store.write")).await;
        committed.unwrap_or(Err(StoreError::Closed))
    }

    /// How writing goes.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was committed since the start.
    pub fn statistics(&self) -> Statistics {
        let read_only = self.status() != Status::Ok;
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Statistics { read_only, ..counters.clone() }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender the thread's loop ends.
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended in a panic");
        }
    }
}

struct Thread {
    db: sled::Db,
    tree: sled::Tree,
    files: Box<dyn Sync>,
    reader: Arc<Reader>,
    status: Arc<Mutex<Status>>,
    counters: Arc<Mutex<Statistics>>,
    path: PathBuf,
    free_disk_floor: u64,
    closed: bool,
}

impl Thread {
    fn run(&mut self, waiting: &Receiver<(Operation, Reply)>) {
        while let Ok(first) = waiting.recv() {
            let mut group = vec![first];
            group.extend(waiting.try_iter().take(GROUP - 1));
            self.commit(group);
        }
        if matches!(*self.lock_status(), Status::ReadOnly(_)) {
            abandon(self.db.clone());
        }
    }

    /// Commits a group and answers everyone in it.
    fn commit(&mut self, operations: Vec<(Operation, Reply)>) {
        let (started, size) = (Instant::now(), operations.len());
        let mut answers = Vec::with_capacity(operations.len());
        let mut replies = Vec::with_capacity(operations.len());
        let disk = self.check_disk();
        let mut group = Group::new(&self.tree, &self.reader);
        for (operation, reply) in operations {
            let is_close = matches!(operation, Operation::Close);
            let answer = match (&operation, &disk) {
                _ if self.closed => Err(StoreError::Closed),
                (Operation::Create(..) | Operation::Replace(_), Err(full)) => Err(full.clone()),
                _ => group.add(operation),
            };
            self.closed |= is_close;
            answers.push(answer);
            replies.push(reply);
        }
        let changed = group.changed_records();
        let outcome = group.into_batch().and_then(|batch| self.write(batch, &changed));
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.note(size, started.elapsed(), outcome.is_ok());
        drop(counters);
        for (reply, answer) in replies.into_iter().zip(answers) {
            // An operation that failed on its own keeps its own reason.
            let answer = answer.and_then(|answer| outcome.clone().map(|()| answer));
            // The client may have gone; what it asked for is done all the same.
            let _ = reply.send(answer);
        }
    }

    /// Applies a batch and returns when it is on disk.
    fn write(&mut self, batch: Option<sled::Batch>, changed: &[Vec<u8>]) -> Result<(), StoreError> {
        if let Status::ReadOnly(why) = &*self.lock_status() {
            return Err(StoreError::WritesStopped(why.clone()));
        }
        let Some(batch) = batch else {
            // Nothing new, but what was read to answer may not be on disk yet when it was
            // written by the group before; it is, because that group was answered after its
            // sync.
            return Ok(());
        };
        let applied = {
            let _alone = self.reader.lock_out();
            self.reader.snapshots.keep(&self.tree, changed)?;
            self.tree.apply_batch(batch)
        };
        let written = applied
            .map_err(|error| error.to_string())
            .and_then(|()| self.db.flush().map_err(|error| error.to_string()))
            .and_then(|_| self.files.sync().map_err(|error| error.to_string()));
        written.map_err(|why| self.stop(why))
    }

    /// After a failed write nobody knows what is on disk, and asking again would lie: the kernel
    /// reports a failed sync once. So nothing is written any more until a restart has recovered.
    fn stop(&self, why: String) -> StoreError {
        tracing::error!(why, "writing has failed; no more writes until a restart");
        *self.lock_status() = Status::ReadOnly(why.clone());
        StoreError::WritesStopped(why)
    }

    fn lock_status(&self) -> std::sync::MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails when the disk has less room than is to be kept free.
    fn check_disk(&self) -> Result<(), StoreError> {
        let Ok(disk) = rustix::fs::statvfs(&self.path) else { return Ok(()) };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free >= self.free_disk_floor {
            return Ok(());
        }
        Err(StoreError::DiskFull(format!(
            "{} MiB are free where {} is, and {} MiB are to be kept free",
            free >> 20,
            self.path.display(),
            self.free_disk_floor >> 20
        )))
    }
}
