//! The state of a queue: the waiting windows, admission, and the choice of the next batch.

use super::batch::Batch;
use super::help_requests::HelpRequests;
use super::lane::{EntryKey, Lane};
use super::load_shedder::LoadShedder;
use crate::error::ScoringError;
use crate::job::{Entry, Job};
use crate::scorer::Priority;
use heartstrings_inference::MAX_POOL_THREADS;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Weight of a bulk token in virtual time; that of an interactive token is 1. Bulk work gets one fifth.
const BULK_WEIGHT: u64 = 4;
/// Bulk work may fill the capacity divided by this. The rest is for interactive requests.
const BULK_DIVISOR: usize = 2;
/// Batches after which the speed is known well enough to refuse a request because of it.
const MIN_TIMED: u32 = 20;
/// Throughput that a helper adds to a batch, as a share of its throughput alone. Only the linear layers are
/// shared. Measured with one helper.
const HELPER_SPEEDUP: f64 = 0.7;

/// The state of a queue, which the queue's lock protects.
pub struct Schedule {
    /// Most tokens that may wait.
    capacity: usize,
    load_shedder: LoadShedder,
    interactive: Lane,
    bulk: Lane,
    /// Windows of batches in which the network failed; each is scored once more, alone.
    pub retries: VecDeque<Entry>,
    /// Tokens of `retries`.
    pub retry_tokens: usize,
    number: u64,
    /// Smoothed throughput of all workers.
    tokens_per_second: f64,
    /// Number of batches that were timed, up to [`MIN_TIMED`].
    timed: u32,
    /// Workers that wait for a task.
    pub idle_workers: usize,
    /// Workers that want helpers.
    pub help_requests: HelpRequests,
    /// Whether further texts are rejected because the service is stopping.
    pub is_closed: bool,
    /// Whether there is no worker left.
    pub has_failed: bool,
}

impl Schedule {
    /// An empty queue that holds up to `capacity` tokens and refuses interactive requests whose expected delay is
    /// longer than `max_delay`.
    pub fn new(capacity: usize, max_delay: Duration) -> Self {
        Self {
            capacity,
            load_shedder: LoadShedder::new(max_delay),
            interactive: Lane::default(),
            bulk: Lane::default(),
            retries: VecDeque::new(),
            retry_tokens: 0,
            number: 0,
            // A guess until the first batches have been timed.
            tokens_per_second: 2_000.0,
            timed: 0,
            idle_workers: 0,
            help_requests: HelpRequests::default(),
            is_closed: false,
            has_failed: false,
        }
    }

    /// Tokens that wait.
    pub fn tokens(&self) -> usize {
        self.interactive.tokens + self.bulk.tokens + self.retry_tokens
    }

    /// Whether no window waits.
    pub fn is_empty(&self) -> bool {
        self.interactive.is_empty() && self.bulk.is_empty() && self.retries.is_empty()
    }

    /// The lane of a priority.
    pub fn lane(&mut self, priority: Priority) -> &mut Lane {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Bulk => &mut self.bulk,
        }
    }

    /// Whether a text of `cost` tokens may wait.
    ///
    /// # Errors
    /// Why it may not.
    pub fn admit(
        &mut self,
        cost: usize,
        priority: Priority,
        now: Instant,
    ) -> Result<(), ScoringError> {
        if self.is_closed {
            return Err(ScoringError::Closed);
        }
        if self.has_failed {
            return Err(ScoringError::NoWorkers);
        }
        let (all, bulk, capacity) = (self.tokens(), self.bulk.tokens, self.capacity);
        let refused = match priority {
            Priority::Interactive => {
                let is_late = self.expected_delay(cost) > self.load_shedder.limit(now);
                if all > 0 && is_late {
                    self.load_shedder.record_refusal(now);
                }
                all > 0 && (all + cost > capacity || is_late)
            }
            Priority::Bulk => {
                bulk > 0 && (bulk + cost > capacity / BULK_DIVISOR || all + cost > capacity)
            }
        };
        if refused {
            return Err(ScoringError::QueueFull { retry_after: self.backlog_seconds() });
        }
        Ok(())
    }

    /// Expected queueing delay of a text of `cost` tokens in seconds, by the speed so far; zero while the
    /// speed is a guess. A long text that waits is no reason to refuse a short one,
    /// which overtakes it.
    fn expected_delay(&self, cost: usize) -> f64 {
        if self.timed < MIN_TIMED {
            return 0.0;
        }
        let tokens = self.interactive.tokens_before(cost) + self.retry_tokens;
        // Bulk work that waits gets its fifth meanwhile.
        let share = if self.bulk.is_empty() { 1.0 } else { 0.8 };
        tokens as f64 / (share * self.tokens_per_second.max(1.0))
    }

    /// Whole seconds in which all windows that wait now should be scored, at least 1.
    pub fn backlog_seconds(&self) -> u64 {
        (self.tokens() as f64 / self.tokens_per_second.max(1.0)).ceil().max(1.0) as u64
    }

    /// Records the throughput during one batch, for the smoothed throughput.
    pub fn record_speed(&mut self, tokens_per_second: f64) {
        self.tokens_per_second += 0.1 * (tokens_per_second - self.tokens_per_second);
        self.timed = (self.timed + 1).min(MIN_TIMED);
    }

    /// Adds the windows of a job. Returns their keys.
    pub fn insert(&mut self, job: &Arc<Job>) -> Vec<EntryKey> {
        let now = self.interactive.time.max(self.bulk.time);
        let mut number = self.number;
        let lane = self.lane(job.priority());
        if lane.is_empty() {
            // A lane earns no credit while it is empty.
            lane.time = now;
        }
        let keys = lane.insert(job, &mut number);
        self.number = number;
        keys
    }

    /// Removes all windows that wait.
    pub fn drain(&mut self) -> Vec<Entry> {
        self.retry_tokens = 0;
        let mut all: Vec<Entry> = self.retries.drain(..).collect();
        all.extend(self.interactive.drain());
        all.extend(self.bulk.drain());
        all
    }

    /// Priority of the lane that is served next.
    pub fn next_lane(&self) -> Option<Priority> {
        let is_behind = self.bulk.time < self.interactive.time;
        match (self.interactive.is_empty(), self.bulk.is_empty()) {
            (false, false) if is_behind => Some(Priority::Bulk),
            (false, _) => Some(Priority::Interactive),
            (true, false) => Some(Priority::Bulk),
            (true, true) => None,
        }
    }

    /// The windows of a lane with the earliest deadlines, about `budget` tokens of them; `None` if it holds none whose
    /// client still waits.
    pub fn batch(&mut self, priority: Priority, budget: usize, workers: usize) -> Option<Batch> {
        let parts = if self.stays_whole(budget) { 1 } else { workers.max(1) };
        let share = self.tokens().div_ceil(parts).min(budget);
        let lane = self.lane(priority);
        let (mut entries, mut tokens) = (Vec::new(), 0);
        while let Some((key, cost)) = lane.head() {
            if !entries.is_empty() && tokens + cost > share {
                break;
            }
            let Some(entry) = lane.remove(&key) else { break };
            if !entry.is_abandoned() {
                tokens += cost;
                entries.push(entry);
            }
        }
        lane.serve(tokens, if priority == Priority::Bulk { BULK_WEIGHT } else { 1 });
        (!entries.is_empty()).then_some(Batch { entries, priority })
    }

    /// Whether all waiting windows fit into one batch, and one worker with the help of the idle ones scores it sooner
    /// than all of them with a share each. A share is no smaller than the longest window.
    fn stays_whole(&self, budget: usize) -> bool {
        let (idle, waiting) = (self.idle_workers + self.help_requests.helpers(), self.tokens());
        if waiting > budget || !self.help_requests.any_so_far() {
            return false;
        }
        let longest = self.interactive.longest().max(self.bulk.longest());
        let apart = longest.max(waiting.div_ceil(idle + 1)) as f64;
        let helpers = idle.min(MAX_POOL_THREADS - 1);
        waiting as f64 / (1.0 + HELPER_SPEEDUP * helpers as f64) < apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::harness::model;

    /// Number of windows in the first batch of an otherwise idle engine of two workers, when texts with these numbers
    /// of sentences wait.
    fn first(sentences: &[usize]) -> usize {
        let model = model();
        let mut schedule =
            Schedule { idle_workers: 1, ..Schedule::new(131_072, Duration::from_secs(4)) };
        schedule.help_requests.request(&Arc::default());
        let jobs = sentences.iter().map(|count| {
            let text = "It is a sentence of about ten words, I believe. ".repeat(*count);
            Job::new(model.prepare(&text, Some("en")).unwrap(), Priority::Interactive)
        });
        let jobs: Vec<_> = jobs.collect();
        jobs.iter().for_each(|(job, _)| drop(schedule.insert(job)));
        schedule.batch(Priority::Interactive, 512, 2).unwrap().entries.len()
    }

    /// A text of about 1,100 tokens.
    fn long() -> (Arc<Job>, impl Sized) {
        let text = "It is a sentence of about ten words, I believe. ".repeat(100);
        Job::new(model().prepare(&text, Some("en")).unwrap(), Priority::Interactive)
    }

    #[test]
    fn the_queue_runs_down_once_a_text_was_refused() {
        let mut schedule = Schedule::new(131_072, Duration::from_secs(4));
        for _ in 0..200 {
            schedule.record_speed(1_000.0);
        }
        let jobs = [(); 6].map(|()| long());
        let start = Instant::now();
        let admit = |schedule: &mut Schedule, second, cost| {
            schedule.admit(cost, Priority::Interactive, start + Duration::from_secs(second)).is_ok()
        };
        let insert = |schedule: &mut Schedule, jobs: &[(Arc<Job>, _)]| {
            jobs.iter().for_each(|(job, _)| drop(schedule.insert(job)));
        };
        insert(&mut schedule, &jobs[..3]);
        assert!(admit(&mut schedule, 0, 1_100), "three seconds of work are no reason");
        insert(&mut schedule, &jobs[3..]);
        assert!(!admit(&mut schedule, 0, 1_100));
        drop(schedule.drain());
        insert(&mut schedule, &jobs[..3]);
        assert!(!admit(&mut schedule, 0, 1_100), "three seconds of work are too much now");
        assert!(admit(&mut schedule, 0, 10), "a short text overtakes the long ones");
        assert!(admit(&mut schedule, 4, 1_100), "no request was refused for a while");
    }

    #[test]
    fn unequal_windows_are_one_batch_and_equal_ones_are_divided() {
        assert_eq!(first(&[16, 2]), 2);
        assert_eq!(first(&[10, 10]), 1);
        assert_eq!(first(&[2, 2, 2, 2]), 2);
    }
}
