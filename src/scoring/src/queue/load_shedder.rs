//! The limit on the expected queueing delay of interactive requests.
//!
//! A burst is accepted up to the configured delay. A request beyond it is refused, and a refusal means
//! that more work arrives than can be done. A long queue would then delay all requests without serving any of them
//! sooner. So the limit is halved, the queue shrinks to that, and stays there until no request has been refused for a
//! while. The two limits keep a queue from staying at the higher one.

use std::time::{Duration, Instant};

/// The share of the limit that holds under overload.
const OVERLOAD_SHARE: f64 = 0.5;

/// A limit on the expected delay that is lower under overload.
pub struct LoadShedder {
    max_delay: Duration,
    last_refusal: Option<Instant>,
}

impl LoadShedder {
    /// A limit of `max_delay` without overload.
    pub fn new(max_delay: Duration) -> Self {
        Self { max_delay, last_refusal: None }
    }

    /// The longest expected delay, in seconds, with which a request is accepted at this moment.
    pub fn limit(&self, now: Instant) -> f64 {
        let max_delay = self.max_delay.as_secs_f64();
        let overloaded = self.last_refusal.is_some_and(|refusal| now < refusal + self.max_delay);
        if overloaded { max_delay * OVERLOAD_SHARE } else { max_delay }
    }

    /// Records that a request was refused because of its expected delay.
    pub fn record_refusal(&mut self, now: Instant) {
        self.last_refusal = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_low_from_a_refusal_until_there_was_none_for_a_while() {
        let mut shedder = LoadShedder::new(Duration::from_secs(4));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(shedder.limit(at(0)), 4.0, "a burst is accepted");
        for second in 0..60 {
            shedder.record_refusal(at(second));
            assert_eq!(shedder.limit(at(second)), 2.0, "after {second} s");
        }
        assert_eq!(shedder.limit(at(62)), 2.0);
        assert_eq!(shedder.limit(at(63)), 4.0, "no request was refused for a while");
    }
}
