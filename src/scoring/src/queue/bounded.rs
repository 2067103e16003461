//! The queue: the schedule behind a lock, and the signals for workers and for bulk work.

use super::batch::Batch;
use super::lane::EntryKey;
use super::schedule::Schedule;
use crate::error::ScoringError;
use crate::job::{Entry, Job};
use crate::scorer::Priority;
use heartstrings_inference::HelperPool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Windows that wait to be scored.
pub struct Queue {
    schedule: Mutex<Schedule>,
    /// Wakes workers.
    wake: Condvar,
    /// Notified whenever bulk work has left the queue.
    space_freed: Notify,
}

/// The next task of a worker.
pub enum Task {
    /// Score a batch.
    Score(Batch),
    /// Help another worker, until that one dismisses its helpers or a window waits.
    Help(Arc<HelperPool>),
}

/// The queue entries of a job, for cancelling them.
pub struct QueuedJob {
    priority: Priority,
    keys: Vec<EntryKey>,
}

impl Queue {
    /// A queue that holds up to `capacity` tokens. It refuses interactive requests whose expected delay is longer
    /// than `max_delay`, or than half of it under lasting overload.
    pub fn new(capacity: usize, max_delay: Duration) -> Self {
        let schedule = Mutex::new(Schedule::new(capacity, max_delay));
        Self { schedule, wake: Condvar::new(), space_freed: Notify::new() }
    }

    /// Whether any text would be refused now. It is asked before a text is tokenized.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn check(&self, priority: Priority) -> Result<(), ScoringError> {
        self.lock().admit(0, priority, Instant::now())
    }

    /// Adds the windows of a job. A single text larger than the whole queue is accepted when
    /// no other waits.
    ///
    /// # Errors
    /// Why the text is refused.
    pub fn push(&self, job: &Arc<Job>) -> Result<QueuedJob, ScoringError> {
        let (cost, priority) = (job.cost(), job.priority());
        let mut schedule = self.lock();
        schedule.admit(cost, priority, Instant::now())?;
        let keys = schedule.insert(job);
        drop(schedule);
        // One window wakes one worker; the others would find no work.
        if keys.len() == 1 {
            self.wake.notify_one();
        } else {
            self.wake.notify_all();
        }
        Ok(QueuedJob { priority, keys })
    }

    /// Removes the windows that still wait of a job whose client has disconnected.
    pub fn cancel(&self, queued: &QueuedJob) {
        let mut schedule = self.lock();
        for key in &queued.keys {
            schedule.lane(queued.priority).remove(key);
        }
        drop(schedule);
        self.space_freed.notify_waiters();
    }

    /// Waits until bulk work has left the queue. Enable the future before [`Self::push`], or a notification between
    /// the refusal and the wait is lost.
    pub fn space_freed(&self) -> Notified<'_> {
        self.space_freed.notified()
    }

    /// The next task: a batch of about `budget` tokens, or a worker to help if no window waits. Blocks until there is
    /// one; `None` when the queue is closed and empty.
    ///
    /// With several `workers` a batch takes no more than its share of the waiting windows, so that all of them score a
    /// long text at once, unless one batch with the help of the others is done sooner.
    pub fn take(&self, budget: usize, workers: usize) -> Option<Task> {
        let mut schedule = self.lock();
        loop {
            if let Some(entry) = schedule.retries.pop_front() {
                schedule.retry_tokens -= entry.cost();
                let priority = entry.priority();
                return Some(Task::Score(Batch { priority, entries: vec![entry] }));
            }
            while let Some(priority) = schedule.next_lane() {
                let batch = schedule.batch(priority, budget, workers);
                if priority == Priority::Bulk {
                    self.space_freed.notify_waiters();
                }
                if batch.is_some() {
                    return batch.map(Task::Score);
                }
            }
            if schedule.is_closed {
                return None;
            }
            if let Some(pool) = schedule.help_requests.assign() {
                return Some(Task::Help(pool));
            }
            schedule.idle_workers += 1;
            schedule = self.wake.wait(schedule).unwrap_or_else(PoisonError::into_inner);
            schedule.idle_workers -= 1;
        }
    }

    /// Asks an idle worker to help this pool, unless a window waits.
    pub fn request_help(&self, pool: &Arc<HelperPool>) {
        let mut schedule = self.lock();
        if schedule.is_empty() && schedule.idle_workers > 0 && schedule.help_requests.request(pool)
        {
            drop(schedule);
            // One worker at a time: the caller asks again between parts of its forward.
            self.wake.notify_one();
        }
    }

    /// Makes the helpers of this pool leave.
    pub fn dismiss_helpers(&self, pool: &Arc<HelperPool>) {
        self.lock().help_requests.dismiss(pool);
    }

    /// Records that a worker has stopped helping this pool.
    pub fn helper_left(&self, pool: &Arc<HelperPool>) {
        self.lock().help_requests.helper_left(pool);
    }

    /// Whether a window waits, which a helper should score instead of helping.
    pub fn has_work(&self) -> bool {
        !self.lock().is_empty()
    }

    /// A batch of interactive requests, if any waits.
    pub fn take_interactive(&self, budget: usize, workers: usize) -> Option<Batch> {
        let mut schedule = self.lock();
        schedule.batch(Priority::Interactive, budget, workers)
    }

    /// Queues the windows of a failed batch again. Each will be a batch of its own.
    pub fn retry(&self, entries: impl Iterator<Item = Entry>) {
        let mut schedule = self.lock();
        for mut entry in entries {
            entry.has_failed = true;
            schedule.retry_tokens += entry.cost();
            schedule.retries.push_back(entry);
        }
        drop(schedule);
        self.wake.notify_all();
    }

    /// Records that a batch of `tokens` tokens took `seconds`, while `concurrent` batches ran at once, for
    /// the estimate of delays.
    pub fn record_speed(&self, tokens: usize, seconds: f64, concurrent: f64) {
        self.lock().record_speed(tokens as f64 / seconds.max(1e-6) * concurrent);
    }

    /// Whole seconds in which all windows that wait now should be scored, at least 1.
    pub fn backlog_seconds(&self) -> u64 {
        self.lock().backlog_seconds()
    }

    /// Tokens that wait.
    pub fn tokens(&self) -> usize {
        self.lock().tokens()
    }

    /// Rejects further texts. Windows that wait are still handed out.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.wake.notify_all();
        self.space_freed.notify_waiters();
    }

    /// Fails all texts that wait, and rejects further ones, because no worker is left. Returns whether that is
    /// unexpected; at the end of a closed and empty queue it is not.
    pub fn fail_all(&self) -> bool {
        let mut schedule = self.lock();
        schedule.has_failed = true;
        let is_unexpected = !schedule.is_closed || schedule.tokens() > 0;
        let all = schedule.drain();
        drop(schedule);
        all.into_iter().for_each(|entry| entry.fail(ScoringError::NoWorkers));
        self.space_freed.notify_waiters();
        is_unexpected
    }

    // No code that can panic runs while the lock is held, so a poisoned lock holds good schedule.
    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
