//! What waits, who is admitted, and what is scored next, under the queue's lock.

use super::Batch;
use super::help::Help;
use super::lane::{Due, Lane};
use super::patience::Patience;
use crate::job::{Job, Ticket};
use crate::{Priority, ScoringError};
use heartstrings_inference::MOST_CORES;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much faster time passes for bulk work.
const BULK_WEIGHT: u64 = 4;
/// Share of the queue that bulk work may fill: the rest is for those who look at a screen.
const BULK_SHARE: usize = 2;
/// Batches after which the speed is known well enough to refuse anyone because of it.
const TIMED: u32 = 20;
/// What a helper adds to a batch, of what it does by itself: the linear layers are shared, the rest is
/// not. Measured with one.
const HELP: f64 = 0.7;

/// What a queue holds.
pub struct State {
    /// Most tokens that wait.
    capacity: usize,
    patience: Patience,
    interactive: Lane,
    bulk: Lane,
    /// Windows of a batch in which the network failed; each is tried once more, alone.
    pub again: VecDeque<Ticket>,
    /// Tokens of `again`.
    pub again_tokens: usize,
    number: u64,
    /// Tokens that one second is known to get through.
    tokens_per_second: f64,
    /// Batches that were timed, up to [`TIMED`].
    timed: u32,
    /// Workers that wait for something to do.
    pub free: usize,
    /// Who could do with help, and who has it.
    pub help: Help,
    pub closed: bool,
    /// Nothing will be taken any more.
    pub given_up: bool,
}

impl State {
    /// An empty queue that holds up to `capacity` tokens, in which whoever looks at a screen is refused
    /// when the wait would be longer than `most`.
    pub fn new(capacity: usize, most: Duration) -> Self {
        Self {
            capacity,
            patience: Patience::new(most),
            interactive: Lane::default(),
            bulk: Lane::default(),
            again: VecDeque::new(),
            again_tokens: 0,
            number: 0,
            // A guess until the first batches have been timed.
            tokens_per_second: 2_000.0,
            timed: 0,
            free: 0,
            help: Help::default(),
            closed: false,
            given_up: false,
        }
    }

    /// Tokens that wait.
    pub fn tokens(&self) -> usize {
        self.interactive.tokens + self.bulk.tokens + self.again_tokens
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.interactive.is_empty() && self.bulk.is_empty() && self.again.is_empty()
    }

    /// Those of a priority.
    pub fn lane(&mut self, priority: Priority) -> &mut Lane {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Bulk => &mut self.bulk,
        }
    }

    /// Whether a text of `cost` tokens may wait; why not otherwise.
    pub fn admit(
        &mut self,
        cost: usize,
        priority: Priority,
        now: Instant,
    ) -> Result<(), ScoringError> {
        if self.closed {
            return Err(ScoringError::Closed);
        }
        if self.given_up {
            return Err(ScoringError::NoWorkers);
        }
        let (all, bulk, capacity) = (self.tokens(), self.bulk.tokens, self.capacity);
        let refused = match priority {
            Priority::Interactive => {
                let is_long = self.wait(cost) > self.patience.seconds(now);
                if all > 0 && is_long {
                    self.patience.refused(now);
                }
                all > 0 && (all + cost > capacity || is_long)
            }
            Priority::Bulk => {
                bulk > 0 && (bulk + cost > capacity / BULK_SHARE || all + cost > capacity)
            }
        };
        if refused {
            return Err(ScoringError::QueueFull { retry_after: self.seconds_of_work() });
        }
        Ok(())
    }

    /// Seconds that a text of `cost` tokens would wait for what goes before it, by the speed so far;
    /// none as long as that is a guess. A long text that waits is no reason to refuse a short one,
    /// which goes before it.
    fn wait(&self, cost: usize) -> f64 {
        if self.timed < TIMED {
            return 0.0;
        }
        let tokens = self.interactive.tokens_before(cost) + self.again_tokens;
        // Bulk work that waits takes its fifth meanwhile.
        let share = if self.bulk.is_empty() { 1.0 } else { 0.8 };
        tokens as f64 / (share * self.tokens_per_second.max(1.0))
    }

    /// Whole seconds in which what waits now should be done, at least 1.
    pub fn seconds_of_work(&self) -> u64 {
        (self.tokens() as f64 / self.tokens_per_second.max(1.0)).ceil().max(1.0) as u64
    }

    /// Notes what one batch made of a second.
    pub fn note_speed(&mut self, tokens_per_second: f64) {
        self.tokens_per_second += 0.1 * (tokens_per_second - self.tokens_per_second);
        self.timed = (self.timed + 1).min(TIMED);
    }

    /// Lets the windows of a job wait, one after the other; says when they are due.
    pub fn insert(&mut self, job: &Arc<Job>) -> Vec<Due> {
        let now = self.interactive.time.max(self.bulk.time);
        let mut number = self.number;
        let lane = self.lane(job.priority());
        if lane.is_empty() {
            // Time does not wait for those who have nothing to do.
            lane.time = now;
        }
        let due = lane.insert(job, &mut number);
        self.number = number;
        due
    }

    /// Takes out everything that waits.
    pub fn drain(&mut self) -> Vec<Ticket> {
        self.again_tokens = 0;
        let mut all: Vec<Ticket> = self.again.drain(..).collect();
        all.extend(self.interactive.drain());
        all.extend(self.bulk.drain());
        all
    }

    /// The lane that is next.
    pub fn first(&self) -> Option<Priority> {
        let is_behind = self.bulk.time < self.interactive.time;
        match (self.interactive.is_empty(), self.bulk.is_empty()) {
            (false, false) if is_behind => Some(Priority::Bulk),
            (false, _) => Some(Priority::Interactive),
            (true, false) => Some(Priority::Bulk),
            (true, true) => None,
        }
    }

    /// The windows of a lane that are due first; `None` when it holds none that anyone waits for.
    pub fn batch(&mut self, priority: Priority, budget: usize, workers: usize) -> Option<Batch> {
        let parts = if self.goes_together(budget) { 1 } else { workers.max(1) };
        let share = self.tokens().div_ceil(parts).min(budget);
        let lane = self.lane(priority);
        let (mut tickets, mut tokens) = (Vec::new(), 0);
        while let Some((due, cost)) = lane.head() {
            if !tickets.is_empty() && tokens + cost > share {
                break;
            }
            let Some(ticket) = lane.remove(&due) else { break };
            if !ticket.is_abandoned() {
                tokens += cost;
                tickets.push(ticket);
            }
        }
        lane.serve(tokens, if priority == Priority::Bulk { BULK_WEIGHT } else { 1 });
        (!tickets.is_empty()).then_some(Batch { tickets, priority })
    }

    /// Whether what waits is one batch, and sooner done by one worker with the help of those that are
    /// free than by each of them with its share. A share is no smaller than the longest window.
    fn goes_together(&self, budget: usize) -> bool {
        let (free, waiting) = (self.free + self.help.count(), self.tokens());
        if waiting > budget || !self.help.is_known() {
            return false;
        }
        let longest = self.interactive.longest().max(self.bulk.longest());
        let apart = longest.max(waiting.div_ceil(free + 1)) as f64;
        let helpers = free.min(MOST_CORES - 1);
        waiting as f64 / (1.0 + HELP * helpers as f64) < apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::bench::model;

    /// Windows that an otherwise idle engine of two workers scores first, when these texts wait.
    fn first(sentences: &[usize]) -> usize {
        let model = model();
        let mut state = State { free: 1, ..State::new(131_072, Duration::from_secs(4)) };
        state.help.ask(&Arc::default());
        let jobs = sentences.iter().map(|count| {
            let text = "It is a sentence of about ten words, I believe. ".repeat(*count);
            Job::new(model.prepare(&text, Some("en")).unwrap(), Priority::Interactive)
        });
        let jobs: Vec<_> = jobs.collect();
        jobs.iter().for_each(|(job, _)| drop(state.insert(job)));
        state.batch(Priority::Interactive, 512, 2).unwrap().tickets.len()
    }

    /// A text of some 1,100 tokens.
    fn long() -> (Arc<Job>, impl Sized) {
        let text = "It is a sentence of about ten words, I believe. ".repeat(100);
        Job::new(model().prepare(&text, Some("en")).unwrap(), Priority::Interactive)
    }

    #[test]
    fn the_queue_runs_down_once_a_text_was_refused() {
        let mut state = State::new(131_072, Duration::from_secs(4));
        for _ in 0..200 {
            state.note_speed(1_000.0);
        }
        let jobs = [(); 6].map(|()| long());
        let start = Instant::now();
        let admit = |state: &mut State, second, cost| {
            state.admit(cost, Priority::Interactive, start + Duration::from_secs(second)).is_ok()
        };
        let insert = |state: &mut State, jobs: &[(Arc<Job>, _)]| {
            jobs.iter().for_each(|(job, _)| drop(state.insert(job)));
        };
        insert(&mut state, &jobs[..3]);
        assert!(admit(&mut state, 0, 1_100), "three seconds of work are no reason");
        insert(&mut state, &jobs[3..]);
        assert!(!admit(&mut state, 0, 1_100));
        drop(state.drain());
        insert(&mut state, &jobs[..3]);
        assert!(!admit(&mut state, 0, 1_100), "three seconds of work are too much now");
        assert!(admit(&mut state, 0, 10), "a short text goes before the long ones");
        assert!(admit(&mut state, 4, 1_100), "nobody was refused for a while");
    }

    #[test]
    fn unequal_windows_go_together_and_equal_ones_apart() {
        assert_eq!(first(&[16, 2]), 2);
        assert_eq!(first(&[10, 10]), 1);
        assert_eq!(first(&[2, 2, 2, 2]), 2);
    }
}
