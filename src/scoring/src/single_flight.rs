//! Joins requests for a text that is being scored already.

use super::job::Answer;
use super::scorer::Priority;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Digest of a text, and the priority. Requests of different priority do not join: an interactive one
/// would wait too long behind bulk work, and bulk work could be refused like an interactive request.
pub type Key = ([u8; 32], Priority);

/// One scoring of a text, for which several requests may wait. It goes on as long as one of them does, whichever
/// began it.
pub type Attempt = Shared<BoxFuture<'static, Answer>>;

/// The attempts in progress.
#[derive(Default)]
pub struct SingleFlight(Mutex<State>);

#[derive(Default)]
struct State {
    in_progress: HashMap<Key, InProgress>,
    begun: u64,
}

struct InProgress {
    /// Distinguishes an attempt from a later one with the same key.
    number: u64,
    attempt: WeakShared<BoxFuture<'static, Answer>>,
}

/// Removes an attempt from the map when it is done, or when no request waits for it any more.
struct RemoveOnDrop {
    attempts: Arc<SingleFlight>,
    key: Key,
    number: u64,
}

impl SingleFlight {
    /// The attempt for `key` that is in progress, or else the one that `begin` returns; and whether it
    /// is the latter.
    pub fn join(
        self: &Arc<Self>,
        key: Key,
        begin: impl FnOnce() -> BoxFuture<'static, Answer>,
    ) -> (Attempt, bool) {
        let mut state = self.lock();
        let in_progress = state.in_progress.get(&key).and_then(|entry| entry.attempt.upgrade());
        if let Some(attempt) = in_progress {
            return (attempt, false);
        }
        state.begun += 1;
        let number = state.begun;
        let remove = RemoveOnDrop { attempts: Arc::clone(self), key, number };
        let scoring = begin();
        let attempt = async move {
            let answer = scoring.await;
            drop(remove);
            answer
        };
        let attempt = attempt.boxed().shared();
        if let Some(attempt) = attempt.downgrade() {
            state.in_progress.insert(key, InProgress { number, attempt });
        }
        (attempt, true)
    }

    // Each change of the map is a single call, so a poisoned lock holds a good map.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let mut state = self.attempts.lock();
        if state.in_progress.get(&self.key).is_some_and(|entry| entry.number == self.number) {
            state.in_progress.remove(&self.key);
        }
    }
}
