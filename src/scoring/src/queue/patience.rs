//! How long whoever looks at a screen may have to wait before a text is refused.
//!
//! A rush is let in, up to the time that is set. A text that would have to wait longer is the sign that
//! more comes in than can be done. Then a long queue lets everybody wait and serves nobody sooner, so it
//! is let run down to half of that time, and kept there until no text has been refused for a while. Two
//! limits, of which the lower one holds until the pressure is gone, are what keeps a queue from
//! standing at the higher one.

use std::time::{Duration, Instant};

/// What is left of the time when there is more work than can be done.
const SHARE: f64 = 0.5;

/// A longest wait that shrinks under overload.
pub struct Patience {
    most: Duration,
    last_refusal: Option<Instant>,
}

impl Patience {
    /// At most so long.
    pub fn new(most: Duration) -> Self {
        Self { most, last_refusal: None }
    }

    /// Longest expected wait, in seconds, with which a text is taken at this moment.
    pub fn seconds(&self, now: Instant) -> f64 {
        let most = self.most.as_secs_f64();
        let is_pressed = self.last_refusal.is_some_and(|refusal| now < refusal + self.most);
        if is_pressed { most * SHARE } else { most }
    }

    /// Takes note that a text was refused because it would have waited too long.
    pub fn refused(&mut self, now: Instant) {
        self.last_refusal = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_low_from_a_refusal_until_there_was_none_for_a_while() {
        let mut patience = Patience::new(Duration::from_secs(4));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(patience.seconds(at(0)), 4.0, "a rush is let in");
        for second in 0..60 {
            patience.refused(at(second));
            assert_eq!(patience.seconds(at(second)), 2.0, "after {second} s");
        }
        assert_eq!(patience.seconds(at(62)), 2.0);
        assert_eq!(patience.seconds(at(63)), 4.0, "nobody was refused for a while");
    }
}
