//! The bounded queue between those who ask and those who score.
//!
//! It is bounded by tokens, because a token is what costs time: a thousand one-line texts and
//! one long one are the same to it. When it is full, a text is refused at once with the time
//! after which there should be room, instead of letting everybody wait longer and longer.
//!
//! Windows leave in batches of similar length. The oldest one is always in the next batch, so
//! nothing starves; the others are those nearest to it in length, so little padding is computed.

use super::ScoringError;
use super::job::{Job, Ticket};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How far into the queue a batch looks for windows of the same length.
const LOOK_AHEAD: usize = 256;
/// Least share of a batch that must be tokens of a text rather than padding.
const LEAST_FILLED: f64 = 0.9;

/// Windows that wait to be scored.
pub struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    capacity: usize,
}

struct State {
    waiting: VecDeque<Ticket>,
    /// Tokens of all waiting windows.
    tokens: usize,
    /// Tokens that one second is known to get through.
    tokens_per_second: f64,
    closed: bool,
}

impl Queue {
    /// A queue that holds up to `capacity` tokens.
    pub fn new(capacity: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            tokens: 0,
            // A guess until the first batches have been timed.
            tokens_per_second: 2_000.0,
            closed: false,
        };
        Self { state: Mutex::new(state), wake: Condvar::new(), capacity }
    }

    /// Whether a text would be refused right now; asked before the work of cutting it up.
    pub fn check(&self) -> Result<(), ScoringError> {
        self.lock().admit(0, self.capacity)
    }

    /// Lets a job's windows wait. A single text larger than the whole queue is taken when
    /// nothing else waits.
    pub fn push(&self, job: &Arc<Job>) -> Result<(), ScoringError> {
        let cost = job.cost();
        let mut state = self.lock();
        state.admit(cost, self.capacity)?;
        state.tokens += cost;
        state.waiting.extend(job.tickets());
        drop(state);
        self.wake.notify_all();
        Ok(())
    }

    /// The next batch of at most `budget` tokens, padding included, or more when a single window
    /// is larger. Waits for one; `None` when the queue is closed and empty.
    ///
    /// With several `workers` a batch takes no more than its share of what waits, so that a
    /// long text is scored by all of them at once.
    pub fn take(&self, budget: usize, workers: usize) -> Option<Vec<Ticket>> {
        let mut state = self.lock();
        loop {
            state.drop_abandoned();
            if !state.waiting.is_empty() {
                return Some(state.batch(budget, workers));
            }
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes how long a worker needed for how many tokens, for the estimate of waiting times.
    pub fn note_speed(&self, tokens: usize, seconds: f64, workers: usize) {
        let speed = tokens as f64 / seconds.max(1e-6) * workers as f64;
        let mut state = self.lock();
        state.tokens_per_second += 0.1 * (speed - state.tokens_per_second);
    }

    /// Takes nothing more; what waits is still handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }

    // No code that can panic runs while the lock is held, so a poisoned lock holds good state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&self, cost: usize, capacity: usize) -> Result<(), ScoringError> {
        if self.closed {
            return Err(ScoringError::Closed);
        }
        if self.tokens > 0 && self.tokens + cost > capacity {
            let seconds = self.tokens as f64 / self.tokens_per_second.max(1.0);
            return Err(ScoringError::QueueFull { retry_after: seconds.ceil().max(1.0) as u64 });
        }
        Ok(())
    }

    /// Forgets windows at the head whose client has gone, before they cost a forward.
    fn drop_abandoned(&mut self) {
        while self.waiting.front().is_some_and(Ticket::is_abandoned) {
            self.remove(0);
        }
    }

    fn batch(&mut self, budget: usize, workers: usize) -> Vec<Ticket> {
        let share = self.tokens.div_ceil(workers.max(1)).min(budget);
        let Some(first) = self.remove(0) else { return Vec::new() };
        let mut longest = first.cost();
        let mut tokens = longest;
        let mut batch = vec![first];
        let mut taken = Vec::new();
        for (place, cost) in self.nearest_in_length(longest) {
            let longest_then = longest.max(cost);
            let padded = longest_then * (taken.len() + 2);
            let filled = (tokens + cost) as f64 / padded as f64;
            if padded > share || filled < LEAST_FILLED {
                break;
            }
            taken.push(place);
            (longest, tokens) = (longest_then, tokens + cost);
        }
        // From the back, so that the places before stay true.
        taken.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
        let others = taken.into_iter().filter_map(|place| self.remove(place));
        batch.extend(others.filter(|ticket| !ticket.is_abandoned()));
        batch
    }

    /// Positions and costs of the windows near the head, nearest to `length` first.
    fn nearest_in_length(&self, length: usize) -> Vec<(usize, usize)> {
        let costs = self.waiting.iter().take(LOOK_AHEAD).map(Ticket::cost);
        let mut near: Vec<_> = costs.enumerate().collect();
        near.sort_by_key(|(place, cost)| (cost.abs_diff(length), *place));
        near
    }

    fn remove(&mut self, place: usize) -> Option<Ticket> {
        let ticket = self.waiting.remove(place)?;
        self.tokens -= ticket.cost();
        Some(ticket)
    }
}
