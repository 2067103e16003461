//! Attempts at scoring a text that are under way, so that who asks the same meanwhile joins.

use super::Priority;
use super::job::Answer;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is scored, and for whom. Bulk work and those who look at a screen wait in different
/// lanes, so neither joins the other: the one would wait too long, the other be refused.
pub type Key = ([u8; 32], Priority);

/// An attempt that several may wait for. It goes on as long as one of them does, whoever began
/// it.
pub type Attempt = Shared<BoxFuture<'static, Answer>>;

/// The attempts that are under way.
#[derive(Default)]
pub struct Attempts(Mutex<State>);

#[derive(Default)]
struct State {
    under_way: HashMap<Key, Entry>,
    begun: u64,
}

struct Entry {
    /// Tells an attempt from a later one with the same key.
    number: u64,
    attempt: WeakShared<BoxFuture<'static, Answer>>,
}

/// Takes an attempt off the list when it is done, or when nobody waits for it any more.
struct Leaving {
    attempts: Arc<Attempts>,
    key: Key,
    number: u64,
}

impl Attempts {
    /// The attempt at `key` that is under way, or else the one that `begin` gives; and whether it
    /// is the latter.
    pub fn join(
        self: &Arc<Self>,
        key: Key,
        begin: impl FnOnce() -> BoxFuture<'static, Answer>,
    ) -> (Attempt, bool) {
        let mut state = self.lock();
        let under_way = state.under_way.get(&key).and_then(|entry| entry.attempt.upgrade());
        if let Some(attempt) = under_way {
            return (attempt, false);
        }
        state.begun += 1;
        let number = state.begun;
        let leaving = Leaving { attempts: Arc::clone(self), key, number };
        let scoring = begin();
        let attempt = async move {
            let answer = scoring.await;
            drop(leaving);
            answer
        };
        let attempt = attempt.boxed().shared();
        if let Some(attempt) = attempt.downgrade() {
            state.under_way.insert(key, Entry { number, attempt });
        }
        (attempt, true)
    }

    // A map whose lock is poisoned has lost no entry: each change is a single call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let mut state = self.attempts.lock();
        if state.under_way.get(&self.key).is_some_and(|entry| entry.number == self.number) {
            state.under_way.remove(&self.key);
        }
    }
}
