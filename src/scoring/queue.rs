//! The bounded, fair queue between those who ask and those who score.
//!
//! It is bounded by tokens, because a token is what costs time: a thousand one-line texts and
//! one long one are the same to it. When it is full, a text is refused at once with the time
//! after which there should be room, instead of letting everybody wait longer and longer. So it is when
//! the wait would be long, by the speed so far: whoever is accepted waits about as long under any load.
//!
//! It is fair. Whoever looks at a screen and bulk work are two lanes that share four to one when
//! both have work; each lane's time is the tokens it was served, and the lane that is behind is
//! next. Within the first lane it is self-clocked fair queueing (Golestani 1994): each window is due
//! at the lane's clock plus its tokens, those of one text one after the other, and what is due
//! first goes first and sets the clock. So a short text that comes after a long document goes
//! before all of it but its next window, and nothing starves. Bulk work is one long row.

use super::job::{Job, Ticket};
use super::{Priority, ScoringError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// How much faster time passes for bulk work.
const BULK_WEIGHT: u64 = 4;
/// Share of the queue that bulk work may fill: the rest is for those who look at a screen.
const BULK_SHARE: usize = 2;

/// Batches after which the speed is known well enough to refuse anyone because of it.
const TIMED: u32 = 20;

/// Windows that wait to be scored.
pub struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    /// Told whenever bulk work has left.
    room: Notify,
    capacity: usize,
    /// Longest expected wait of whoever looks at a screen, in seconds.
    patience: f64,
}

/// When a window is due, and a number that tells equals apart.
type Due = (u64, u64);

/// Windows that are scored together.
pub struct Batch {
    /// The windows; one at least.
    pub tickets: Vec<Ticket>,
    /// Who waits for them; a batch is never of both kinds.
    pub priority: Priority,
}

/// Where a job's windows stand, for taking them out again.
pub struct Places {
    priority: Priority,
    due: Vec<Due>,
}

/// Windows of one kind that wait.
#[derive(Default)]
struct Lane {
    waiting: BTreeMap<Due, Ticket>,
    tokens: usize,
    /// What it was served, in tokens times its weight.
    time: u64,
    /// When the last window that was handed out was due.
    clock: u64,
}

struct State {
    interactive: Lane,
    bulk: Lane,
    /// Windows of a batch in which the network failed; each is tried once more, alone.
    again: VecDeque<Ticket>,
    /// Tokens of `again`.
    again_tokens: usize,
    number: u64,
    /// Tokens that one second is known to get through.
    tokens_per_second: f64,
    /// Batches that were timed, up to [`TIMED`].
    timed: u32,
    closed: bool,
    /// Nothing will be taken any more.
    given_up: bool,
}

impl Queue {
    /// A queue that holds up to `capacity` tokens, in which whoever looks at a screen is refused when
    /// the wait would be longer than `patience`.
    pub fn new(capacity: usize, patience: Duration) -> Self {
        let state = State {
            interactive: Lane::default(),
            bulk: Lane::default(),
            again: VecDeque::new(),
            again_tokens: 0,
            number: 0,
            // A guess until the first batches have been timed.
            tokens_per_second: 2_000.0,
            timed: 0,
            closed: false,
            given_up: false,
        };
        let (state, patience) = (Mutex::new(state), patience.as_secs_f64());
        Self { state, wake: Condvar::new(), room: Notify::new(), capacity, patience }
    }

    /// Whether a text would be refused right now; asked before the work of cutting it up.
    pub fn check(&self, priority: Priority) -> Result<(), ScoringError> {
        self.lock().admit(0, priority, self)
    }

    /// Lets a job's windows wait. A single text larger than the whole queue is taken when
    /// nothing else waits.
    pub fn push(&self, job: &Arc<Job>) -> Result<Places, ScoringError> {
        let (cost, priority) = (job.cost(), job.priority());
        let mut state = self.lock();
        state.admit(cost, priority, self)?;
        let due = state.insert(job);
        drop(state);
        // A window wakes one worker: the others would find nothing.
        if due.len() == 1 {
            self.wake.notify_one();
        } else {
            self.wake.notify_all();
        }
        Ok(Places { priority, due })
    }

    /// Takes out what still waits of a job whose client has gone.
    pub fn forget(&self, places: &Places) {
        let mut state = self.lock();
        for due in &places.due {
            state.lane(places.priority).remove(due);
        }
        drop(state);
        self.room.notify_waiters();
    }

    /// Waits until bulk work has left. To be called before a text is refused, so that nothing
    /// that leaves meanwhile is missed.
    pub fn room(&self) -> Notified<'_> {
        self.room.notified()
    }

    /// The next batch of about `budget` tokens. Waits for one; `None` when the queue is closed
    /// and empty.
    ///
    /// With several `workers` a batch takes no more than its share of what waits, so that a
    /// long text is scored by all of them at once.
    pub fn take(&self, budget: usize, workers: usize) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if let Some(ticket) = state.again.pop_front() {
                state.again_tokens -= ticket.cost();
                return Some(Batch { priority: ticket.priority(), tickets: vec![ticket] });
            }
            while let Some(priority) = state.first() {
                let batch = state.batch(priority, budget, workers);
                if priority == Priority::Bulk {
                    self.room.notify_waiters();
                }
                if batch.is_some() {
                    return batch;
                }
            }
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A batch of those who look at a screen, if any of them waits.
    pub fn take_urgent(&self, budget: usize, workers: usize) -> Option<Batch> {
        let mut state = self.lock();
        state.batch(Priority::Interactive, budget, workers)
    }

    /// Puts windows back that the network has failed on in company.
    pub fn try_again(&self, tickets: impl Iterator<Item = Ticket>) {
        let mut state = self.lock();
        for mut ticket in tickets {
            ticket.has_failed = true;
            state.again_tokens += ticket.cost();
            state.again.push_back(ticket);
        }
        drop(state);
        self.wake.notify_all();
    }

    /// Notes how long a worker needed for how many tokens, for the estimate of waiting times.
    pub fn note_speed(&self, tokens: usize, seconds: f64, workers: usize) {
        let speed = tokens as f64 / seconds.max(1e-6) * workers as f64;
        let mut state = self.lock();
        state.tokens_per_second += 0.1 * (speed - state.tokens_per_second);
        state.timed = (state.timed + 1).min(TIMED);
    }

    /// Whole seconds in which what waits now should be done, at least 1.
    pub fn seconds_of_work(&self) -> u64 {
        self.lock().seconds_of_work()
    }

    /// Tokens that wait.
    pub fn tokens(&self) -> usize {
        self.lock().tokens()
    }

    /// Takes nothing more; what waits is still handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
        self.room.notify_waiters();
    }

    /// Fails what waits, and whatever comes: there is nobody left to take it. Says whether that
    /// is news: at the end of a closed queue it is not.
    pub fn give_up(&self) -> bool {
        let mut state = self.lock();
        state.given_up = true;
        let is_news = !state.closed || state.tokens() > 0;
        let all = state.drain();
        drop(state);
        all.into_iter().for_each(|ticket| ticket.fail(ScoringError::NoWorkers));
        self.room.notify_waiters();
        is_news
    }

    // No code that can panic runs while the lock is held, so a poisoned lock holds good state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tokens(&self) -> usize {
        self.interactive.tokens + self.bulk.tokens + self.again_tokens
    }

    fn lane(&mut self, priority: Priority) -> &mut Lane {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Bulk => &mut self.bulk,
        }
    }

    fn admit(&self, cost: usize, priority: Priority, queue: &Queue) -> Result<(), ScoringError> {
        if self.closed {
            return Err(ScoringError::Closed);
        }
        if self.given_up {
            return Err(ScoringError::NoWorkers);
        }
        let (all, bulk, capacity) = (self.tokens(), self.bulk.tokens, queue.capacity);
        let refused = match priority {
            Priority::Interactive => {
                all > 0 && (all + cost > capacity || self.wait(cost) > queue.patience)
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
        let due = self.interactive.clock + cost as u64;
        let before = self.interactive.waiting.range(..=(due, u64::MAX));
        let tokens = before.map(|(_, ticket)| ticket.cost()).sum::<usize>() + self.again_tokens;
        // Bulk work that waits takes its fifth meanwhile.
        let share = if self.bulk.waiting.is_empty() { 1.0 } else { 0.8 };
        tokens as f64 / (share * self.tokens_per_second.max(1.0))
    }

    fn seconds_of_work(&self) -> u64 {
        (self.tokens() as f64 / self.tokens_per_second.max(1.0)).ceil().max(1.0) as u64
    }

    /// Lets the windows of a job wait, one after the other; says when they are due.
    fn insert(&mut self, job: &Arc<Job>) -> Vec<Due> {
        let now = self.interactive.time.max(self.bulk.time);
        let (priority, mut number) = (job.priority(), self.number);
        let lane = self.lane(priority);
        if lane.waiting.is_empty() {
            // Time does not wait for those who have nothing to do.
            lane.time = now;
        }
        let mut at = lane.clock;
        let mut all = Vec::new();
        for ticket in job.tickets() {
            let cost = ticket.cost();
            if priority == Priority::Interactive {
                at += cost as u64;
            }
            number += 1;
            lane.tokens += cost;
            lane.waiting.insert((at, number), ticket);
            all.push((at, number));
        }
        self.number = number;
        all
    }

    /// Takes out everything that waits.
    fn drain(&mut self) -> Vec<Ticket> {
        self.again_tokens = 0;
        let mut all: Vec<Ticket> = self.again.drain(..).collect();
        for lane in [&mut self.interactive, &mut self.bulk] {
            lane.tokens = 0;
            all.extend(std::mem::take(&mut lane.waiting).into_values());
        }
        all
    }

    /// The lane that is next.
    fn first(&self) -> Option<Priority> {
        let is_behind = self.bulk.time < self.interactive.time;
        match (self.interactive.waiting.is_empty(), self.bulk.waiting.is_empty()) {
            (false, false) if is_behind => Some(Priority::Bulk),
            (false, _) => Some(Priority::Interactive),
            (true, false) => Some(Priority::Bulk),
            (true, true) => None,
        }
    }

    /// The windows of a lane that are due first; `None` when it holds none that anyone waits for.
    fn batch(&mut self, priority: Priority, budget: usize, workers: usize) -> Option<Batch> {
        let share = self.tokens().div_ceil(workers.max(1)).min(budget);
        let lane = self.lane(priority);
        let (mut tickets, mut tokens) = (Vec::new(), 0);
        while let Some((due, cost)) = lane.head() {
            if !tickets.is_empty() && tokens + cost > share {
                break;
            }
            let Some(ticket) = lane.remove(&due) else { break };
            lane.clock = lane.clock.max(due.0);
            if !ticket.is_abandoned() {
                tokens += cost;
                tickets.push(ticket);
            }
        }
        lane.time += tokens as u64 * if priority == Priority::Bulk { BULK_WEIGHT } else { 1 };
        (!tickets.is_empty()).then_some(Batch { tickets, priority })
    }
}

impl Lane {
    fn head(&self) -> Option<(Due, usize)> {
        self.waiting.first_key_value().map(|(due, ticket)| (*due, ticket.cost()))
    }

    fn remove(&mut self, due: &Due) -> Option<Ticket> {
        let ticket = self.waiting.remove(due)?;
        self.tokens -= ticket.cost();
        Some(ticket)
    }
}
