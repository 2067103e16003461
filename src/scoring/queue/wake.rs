//! How workers that have nothing to do learn that there is something.
//!
//! To wake a thread that sleeps, and a core with it, takes a tenth of a millisecond or more, and what the core
//! had at hand is gone by then. So whoever has just scored something looks out for more for a moment before it
//! sleeps, and lets every other thread go first meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a worker looks out: about as long as a client with one text after the other takes to send the next.
const LOOKOUT: Duration = Duration::from_millis(1);

/// Wakes those who wait.
#[derive(Default)]
pub struct Wake {
    /// A number that changes with each piece of news.
    news: AtomicU64,
    sleepers: Condvar,
}

impl Wake {
    /// There is something for one.
    pub fn one(&self) {
        self.news.fetch_add(1, Ordering::Release);
        self.sleepers.notify_one();
    }

    /// There is something for all.
    pub fn all(&self) {
        self.news.fetch_add(1, Ordering::Release);
        self.sleepers.notify_all();
    }

    /// Lets go of the lock until there is news, or for no reason. Who has had nothing to do `since` a moment ago
    /// looks out, who has so for longer sleeps.
    pub fn wait<'a, T>(
        &self,
        lock: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
        since: Instant,
    ) -> MutexGuard<'a, T> {
        if since.elapsed() >= LOOKOUT {
            return self.sleepers.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        // Whoever has news changes the number after letting go of the lock.
        let seen = self.news.load(Ordering::Acquire);
        drop(guard);
        while self.news.load(Ordering::Acquire) == seen && since.elapsed() < LOOKOUT {
            thread::yield_now();
        }
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, mpsc};

    /// News that comes at any moment of looking out or sleeping is heard.
    #[test]
    fn no_news_is_missed() {
        let shared = Arc::new((Mutex::new(0_u32), Wake::default()));
        let (tell, told) = mpsc::channel();
        let listener = Arc::clone(&shared);
        thread::spawn(move || {
            let (lock, wake) = &*listener;
            for round in 1..=300 {
                let since = Instant::now();
                let mut news = lock.lock().unwrap();
                while *news < round {
                    news = wake.wait(lock, news, since);
                }
                drop(news);
                tell.send(round).unwrap();
            }
        });
        for round in 1..=300 {
            // From far within the look-out to well after it.
            thread::sleep(LOOKOUT * (round % 5) / 2);
            *shared.0.lock().unwrap() = round;
            shared.1.one();
            assert_eq!(
                told.recv_timeout(Duration::from_secs(60)),
                Ok(round),
                "nobody has heard it"
            );
        }
    }
}
