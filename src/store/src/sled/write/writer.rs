//! The one thread that writes: group commit.

use super::counters::Counters;
use super::group::{self, Group};
use super::job::{Job, Operation, job};
use crate::sled::damage::reason_of;
use crate::sled::disk::commit_watermark::CommitWatermark;
use crate::sled::disk::durability::{self, Durable};
use crate::sled::disk::open::{Opened, SledOptions, abandon};
use crate::sled::layout::keys;
use crate::sled::read::Reader;
use crate::{OpenError, Status, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tracing::Instrument;

/// Operations that may wait. Scoring is far slower than writing, so a full channel means that
/// the disk has stalled.
const WAITING: usize = 4_096;

/// The handle to the writer thread. Dropping it waits for the thread to finish.
pub struct Writer {
    sender: Option<SyncSender<Box<dyn Job>>>,
    status: Arc<Mutex<Status>>,
    counters: Arc<Mutex<Counters>>,
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
        let counters = Arc::new(Mutex::new(Counters::default()));
        let mut thread = Thread {
            db: opened.db,
            tree: opened.tree,
            files: opened.files,
            watermark: opened.watermark,
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
            .map_err(|error| OpenError::Failed(format!("cannot start the writer: {error}")))?;
        Ok(Self { sender: Some(sender), status, counters, thread: Some(thread) })
    }

    /// Writes something and waits until it is on disk.
    pub async fn submit<O: Operation>(&self, operation: O) -> Result<O::Reply, StoreError> {
        let (job, reply) = job(operation);
        let sender = self.sender.as_ref().ok_or(StoreError::Closed)?;
        sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        let committed = reply.instrument(tracing::info_span!("store.write")).await;
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
    pub fn counters(&self) -> Counters {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    files: Box<dyn Durable>,
    watermark: CommitWatermark,
    reader: Arc<Reader>,
    status: Arc<Mutex<Status>>,
    counters: Arc<Mutex<Counters>>,
    path: PathBuf,
    free_disk_floor: u64,
    closed: bool,
}

impl Thread {
    fn run(&mut self, waiting: &Receiver<Box<dyn Job>>) {
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
    /// watermark is brought up to date, when nobody waits for an answer.
    fn wait(&mut self, waiting: &Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
        loop {
            let Some(due) = self.watermark.due().filter(|_| !self.is_stopped()) else {
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
            && let Err(error) = self.watermark.update()
        {
            self.stop(error.to_string());
        }
    }

    fn is_stopped(&self) -> bool {
        matches!(*self.lock_status(), Status::ReadOnly(_))
    }

    /// Commits a group and replies to everyone in it.
    fn commit(&mut self, mut group: Vec<Box<dyn Job>>) {
        let started = Instant::now();
        // sled panics at what it does not expect to find. Nobody knows what is in its memory then.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.write_group(&mut group)));
        let commit = outcome.unwrap_or_else(|panic| {
            let error = self.stop(format!("the database panicked: {}", reason_of(&*panic)));
            group.iter_mut().for_each(|job| job.refuse(error.clone()));
            Err(error)
        });
        let is_stopped = self.is_stopped();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.note(group.len(), started.elapsed(), !is_stopped);
        drop(counters);
        group.into_iter().for_each(|job| job.reply(&commit));
    }

    /// Does what a group asks for; returns when all that it has changed is on disk.
    fn write_group(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let disk = self.check_disk();
        let mut group = Group::new(&self.reader);
        for job in &mut *jobs {
            match &disk {
                _ if self.closed => job.refuse(StoreError::Closed),
                Err(full) if job.needs_room() => job.refuse(full.clone()),
                _ => job.apply(&mut group),
            }
            self.closed |= job.closes();
        }
        let changed = group.changed_records();
        let outcome = match jobs.iter().find_map(|job| job.unread()) {
            Some(unread) => Err(unread.clone()),
            None => group.into_batch().and_then(|batch| self.write(batch, &changed)),
        };
        // A disk that cannot be read gives no ground to write on.
        outcome.map_err(|error| match error {
            StoreError::Io(why) => self.stop(why),
            error => error,
        })
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
        let commits = self.watermark.commits() + 1;
        batch.insert(keys::COMMITS, &commits.to_le_bytes());
        let applied = {
            let _alone = self.reader.lock_out();
            self.reader.snapshots.keep(&self.tree, changed)?;
            self.tree.apply_batch(batch)
        };
        applied?;
        durability::sync(&self.db, &mut *self.files)?;
        self.watermark.note(commits);
        Ok(())
    }

    /// Stops writing, and says so. After a failed write nobody knows what is on disk, and asking
    /// again would lie: the kernel reports a failed sync once. So nothing is written any more until a restart has recovered.
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
