//! The one thread that writes: group commit.

use super::durability::{self, Sync};
use super::evidence::Evidence;
use super::group::{self, Group};
use super::keys;
use super::open::{Opened, SledOptions, abandon, reason_of};
use super::reader::Reader;
use crate::{Created, IdempotencyKey, Removed, Replaced, Statistics, Status, StoreError};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::oneshot;
use tracing::Instrument;

/// Operations that may wait. Scoring is far slower than writing, so a full channel means that
/// the disk has stalled.
const WAITING: usize = 4_096;

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
    /// Change nothing; the answer says that everything before is on disk.
    Settle,
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
    /// Of a wait for the disk.
    Settled,
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
            evidence: opened.evidence,
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

    /// What goes on saying how writing goes when the writer itself has ended.
    pub fn status_handle(&self) -> Arc<Mutex<Status>> {
        Arc::clone(&self.status)
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
    evidence: Evidence,
    reader: Arc<Reader>,
    status: Arc<Mutex<Status>>,
    counters: Arc<Mutex<Statistics>>,
    path: PathBuf,
    free_disk_floor: u64,
    closed: bool,
}

impl Thread {
    fn run(&mut self, waiting: &Receiver<(Operation, Reply)>) {
        while let Some(first) = self.wait(waiting) {
            let mut group = vec![first];
            group.extend(waiting.try_iter().take(group::MOST - 1));
            self.commit(group);
        }
        self.write_down();
        // sled syncs what it closes, and panics when that fails: it is abandoned when a sync of our own
        // fails first. After a failed flush, as of a damaged database, it closes quietly.
        if !self.is_stopped()
            && let Err(error) = self.files.sync()
        {
            self.stop(error.to_string());
        }
        if self.is_stopped() {
            abandon(self.db.clone());
        }
    }

    /// Waits for the first operation of a group; `None` when there will be no more. Meanwhile the
    /// evidence is brought up to date, when nobody waits for an answer.
    fn wait(&mut self, waiting: &Receiver<(Operation, Reply)>) -> Option<(Operation, Reply)> {
        loop {
            let Some(due) = self.evidence.due().filter(|_| !self.is_stopped()) else {
                return waiting.recv().ok();
            };
            match waiting.recv_timeout(due) {
                Ok(first) if !due.is_zero() => return Some(first),
                outcome => {
                    self.write_down();
                    match outcome {
                        Ok(first) => return Some(first),
                        Err(RecvTimeoutError::Disconnected) => return None,
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        }
    }

    /// Writes down beside the log how far it goes.
    fn write_down(&mut self) {
        if !self.is_stopped()
            && let Err(error) = self.evidence.update()
        {
            self.stop(error.to_string());
        }
    }

    fn is_stopped(&self) -> bool {
        matches!(*self.lock_status(), Status::ReadOnly(_))
    }

    /// Commits a group and answers everyone in it.
    fn commit(&mut self, group: Vec<(Operation, Reply)>) {
        let (started, size) = (Instant::now(), group.len());
        let (operations, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        // sled panics at what it does not expect to find. Nobody knows what is in its memory then.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.answers(operations)));
        let answers = outcome.unwrap_or_else(|panic| {
            let error = self.stop(format!("the database panicked: {}", reason_of(&*panic)));
            std::iter::repeat_with(|| Err(error.clone())).take(size).collect()
        });
        let is_stopped = self.is_stopped();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.note(size, started.elapsed(), !is_stopped);
        drop(counters);
        for (reply, answer) in replies.into_iter().zip(answers) {
            // The client may have gone; what it asked for is done all the same.
            let _ = reply.send(answer);
        }
    }

    /// The answers to operations, once what they have changed is on disk.
    fn answers(&mut self, operations: Vec<Operation>) -> Vec<Result<Answer, StoreError>> {
        let mut answers = Vec::with_capacity(operations.len());
        let disk = self.check_disk();
        let mut group = Group::new(&self.tree, &self.reader);
        for operation in operations {
            let is_close = matches!(operation, Operation::Close);
            answers.push(match (&operation, &disk) {
                _ if self.closed => Err(StoreError::Closed),
                (Operation::Create(..) | Operation::Replace(_), Err(full)) => Err(full.clone()),
                _ => group.add(operation),
            });
            self.closed |= is_close;
        }
        let changed = group.changed_records();
        let is_unread = |answer: &&Result<_, _>| matches!(answer, Err(StoreError::Io(_)));
        let outcome = match answers.iter().find(is_unread) {
            Some(Err(unread)) => Err(unread.clone()),
            _ => group.into_batch().and_then(|batch| self.write(batch, &changed)),
        };
        // A disk that cannot be read gives no ground to write on.
        let outcome = outcome.map_err(|error| match error {
            StoreError::Io(why) => self.stop(why),
            error => error,
        });
        let settle = |answer| match (answer, &outcome) {
            (Ok(_) | Err(StoreError::Io(_)), Err(error)) => Err(error.clone()),
            // An operation that failed on its own keeps its own reason.
            (answer, _) => answer,
        };
        answers.into_iter().map(settle).collect()
    }

    /// Applies a batch and returns when it is on disk. [`StoreError::Io`] when that has failed.
    fn write(&mut self, batch: Option<sled::Batch>, changed: &[Vec<u8>]) -> Result<(), StoreError> {
        let stopped = match &*self.lock_status() {
            Status::ReadOnly(why) => Some(why.clone()),
            Status::Ok => None,
        };
        if let Some(why) = stopped {
            return Err(StoreError::WritesStopped(why));
        }
        let Some(mut batch) = batch else {
            // Nothing new. What was read to answer is on disk: it was written by a group before
            // this one, and that was synced, or else writing has stopped.
            return Ok(());
        };
        let commits = self.evidence.commits() + 1;
        batch.insert(keys::COMMITS, &commits.to_le_bytes());
        let applied = {
            let _alone = self.reader.lock_out();
            self.reader.snapshots.keep(&self.tree, changed)?;
            self.tree.apply_batch(batch)
        };
        applied?;
        durability::sync(&self.db, &mut *self.files)?;
        self.evidence.note(commits);
        Ok(())
    }

    /// Stops writing, and says so. After a failed write nobody knows what is on disk, and asking again would lie: the kernel
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
