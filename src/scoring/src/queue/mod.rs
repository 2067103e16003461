//! The bounded, fair queue between those who ask and those who score.
//!
//! It is bounded by tokens, because a token is what costs time: a thousand one-line texts and
//! one long one are the same to it. When it is full, a text is refused at once with the time
//! after which there should be room, instead of letting everybody wait longer and longer. So it is when
//! the wait would be long, by the speed so far: whoever is accepted waits about as long under any load
//! ([`patience`]).
//!
//! It is fair. Whoever looks at a screen and bulk work are two lanes that share four to one when
//! both have work; each lane's time is the tokens it was served, and the lane that is behind is
//! next. Within the first lane what is due first goes first ([`lane`]): a short text that comes after a
//! long document goes before all of it but its next window, and a long one is passed for a while and
//! no longer. Bulk work is one long row.
//!
//! No core is idle while a text waits for its answer: where there are fewer windows than workers, those
//! that have none help the others ([`help`]).

mod help;
mod lane;
mod patience;
mod state;

use super::job::{Job, Ticket};
use super::{Priority, ScoringError};
use heartstrings_inference::HelperPool;
use lane::Due;
use state::State;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Windows that wait to be scored.
pub struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    /// Told whenever bulk work has left.
    room: Notify,
}

/// Windows that are scored together.
pub struct Batch {
    /// The windows; one at least.
    pub tickets: Vec<Ticket>,
    /// Who waits for them; a batch is never of both kinds.
    pub priority: Priority,
}

/// What a worker does next.
pub enum Task {
    /// Scores these.
    Score(Batch),
    /// Helps another worker, until it sends its helpers away or something waits to be scored.
    Help(Arc<HelperPool>),
}

/// Where a job's windows stand, for taking them out again.
pub struct Places {
    priority: Priority,
    due: Vec<Due>,
}

impl Queue {
    /// A queue that holds up to `capacity` tokens, in which whoever looks at a screen is refused when
    /// the wait would be longer than `patience`, or than a quarter of it under lasting overload.
    pub fn new(capacity: usize, patience: Duration) -> Self {
        let state = Mutex::new(State::new(capacity, patience));
        Self { state, wake: Condvar::new(), room: Notify::new() }
    }

    /// Whether a text would be refused right now; asked before the work of cutting it up.
    pub fn check(&self, priority: Priority) -> Result<(), ScoringError> {
        self.lock().admit(0, priority, Instant::now())
    }

    /// Lets a job's windows wait. A single text larger than the whole queue is taken when
    /// nothing else waits.
    pub fn push(&self, job: &Arc<Job>) -> Result<Places, ScoringError> {
        let (cost, priority) = (job.cost(), job.priority());
        let mut state = self.lock();
        state.admit(cost, priority, Instant::now())?;
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

    /// The next thing to do: a batch of about `budget` tokens, or somebody to help if none waits. Waits
    /// for one; `None` when the queue is closed and empty.
    ///
    /// With several `workers` a batch takes no more than its share of what waits, so that a
    /// long text is scored by all of them at once; unless one batch with the others' help is sooner done.
    pub fn take(&self, budget: usize, workers: usize) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some(ticket) = state.again.pop_front() {
                state.again_tokens -= ticket.cost();
                let priority = ticket.priority();
                return Some(Task::Score(Batch { priority, tickets: vec![ticket] }));
            }
            while let Some(priority) = state.first() {
                let batch = state.batch(priority, budget, workers);
                if priority == Priority::Bulk {
                    self.room.notify_waiters();
                }
                if batch.is_some() {
                    return batch.map(Task::Score);
                }
            }
            if state.closed {
                return None;
            }
            if let Some(team) = state.help.somebody() {
                return Some(Task::Help(team));
            }
            state.free += 1;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.free -= 1;
        }
    }

    /// Asks those who have nothing to do to help this team, as long as nothing waits.
    pub fn gather(&self, team: &Arc<HelperPool>) {
        let mut state = self.lock();
        if state.is_empty() && state.free > 0 && state.help.ask(team) {
            drop(state);
            // One at a time: whoever asks does so again and again.
            self.wake.notify_one();
        }
    }

    /// Sends those away who help this team.
    pub fn dismiss(&self, team: &Arc<HelperPool>) {
        self.lock().help.dismiss(team);
    }

    /// Notes that one who was sent to help this team has left it.
    pub fn helped(&self, team: &Arc<HelperPool>) {
        self.lock().help.left(team);
    }

    /// Whether something waits to be scored: whoever helps should do that instead.
    pub fn has_work(&self) -> bool {
        !self.lock().is_empty()
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

    /// Notes how long a batch needed for how many tokens, when so many went on at the same time, for
    /// the estimate of waiting times.
    pub fn note_speed(&self, tokens: usize, seconds: f64, at_once: f64) {
        self.lock().note_speed(tokens as f64 / seconds.max(1e-6) * at_once);
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
