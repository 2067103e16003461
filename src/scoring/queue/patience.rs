//! How long whoever looks at a screen may have to wait before a text is refused.
//!
//! A rush is let in, up to the time that is set. More work than can be done, for longer than that, is no
//! rush: then a long queue lets everybody wait and serves nobody sooner, so it is kept short until no text
//! has been refused for a while. CoDel (RFC 8289) tells the two apart in the same way, by how long a
//! queue stays.

use std::time::{Duration, Instant};

/// What is left of the time when there is more work than can be done.
const SHARE: f64 = 0.25;

/// A longest wait that shrinks under lasting overload.
pub struct Patience {
    most: Duration,
    /// The first and the last refusal of a time in which no two were farther apart than `most`.
    refusals: Option<(Instant, Instant)>,
}

impl Patience {
    /// At most so long.
    pub fn new(most: Duration) -> Self {
        Self { most, refusals: None }
    }

    /// Longest expected wait, in seconds, with which a text is taken at this moment.
    pub fn seconds(&self, now: Instant) -> f64 {
        let most = self.most.as_secs_f64();
        match self.refusals {
            Some((first, last)) if now < last + self.most && last > first + self.most => {
                most * SHARE
            }
            _ => most,
        }
    }

    /// Takes note that a text was refused because it would have waited too long.
    pub fn refused(&mut self, now: Instant) {
        let first = self.refusals.filter(|(_, last)| now < *last + self.most);
        self.refusals = Some((first.map_or(now, |(first, _)| first), now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rush_is_let_in_and_lasting_overload_is_not() {
        let mut patience = Patience::new(Duration::from_secs(8));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..=8 {
            patience.refused(at(second));
            assert_eq!(patience.seconds(at(second)), 8.0, "after {second} s it may be a rush");
        }
        for second in 9..60 {
            patience.refused(at(second));
            assert_eq!(patience.seconds(at(second)), 2.0, "after {second} s");
        }
        assert_eq!(patience.seconds(at(66)), 2.0);
        assert_eq!(patience.seconds(at(67)), 8.0, "nobody was refused for a while");
        patience.refused(at(68));
        assert_eq!(patience.seconds(at(69)), 8.0, "another rush");
    }

    #[test]
    fn refusals_far_apart_are_no_overload() {
        let mut patience = Patience::new(Duration::from_secs(8));
        let start = Instant::now();
        for refusal in 0..10 {
            let now = start + Duration::from_secs(8 * refusal);
            patience.refused(now);
            assert_eq!(patience.seconds(now), 8.0);
        }
    }
}
