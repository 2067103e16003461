//! Memory for bodies: how much of what clients send is held at the same time, over all of them.
//!
//! Each body has its own limit, but many connections of many addresses could each send one. What
//! they send is counted as it comes, not as it is announced: a promise costs its sender nothing,
//! and must not keep others out.

use super::problem::{Kind, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seconds after which a client that found no room is told to come again.
const RETRY_AFTER: u64 = 2;

/// The bytes of all bodies that are held. Clones share the count.
#[derive(Clone)]
pub struct Bodies {
    used: Arc<AtomicUsize>,
    most: usize,
}

/// Bytes of one body that are held; they count until this is dropped.
pub struct Held {
    bytes: usize,
    bodies: Bodies,
}

impl Bodies {
    /// Room for `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { used: Arc::default(), most }
    }

    /// A body of which nothing has come yet.
    pub fn begin(&self) -> Held {
        Held { bytes: 0, bodies: self.clone() }
    }
}

impl Held {
    /// Counts some more bytes, or says that there is no room for them.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let most = self.bodies.most;
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= most);
        let room = self.bodies.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        if room.is_err() {
            let detail = format!(
                "the bodies of all requests together fill the {} MiB that there are for them; try \
                 again in {RETRY_AFTER} s",
                most >> 20
            );
            return Err(Problem::new(Kind::BodiesFull, detail).retry_after(RETRY_AFTER));
        }
        self.bytes += bytes;
        Ok(())
    }

    /// Parts with so many of its bytes, or all that it has.
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { bytes, bodies: self.bodies.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bodies.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_makes_room() {
        let bodies = Bodies::new(10);
        let (mut one, mut other) = (bodies.begin(), bodies.begin());
        assert!(one.grow(6).is_ok() && other.grow(5).is_err() && other.grow(4).is_ok());
        let part = one.split(4);
        drop(one);
        assert!(other.grow(3).is_err(), "the part is still held");
        assert!(other.grow(2).is_ok());
        drop(part);
        assert!(other.grow(4).is_ok() && other.grow(1).is_err());
        assert_eq!(other.split(100).bytes, 10, "no more than there is");
    }
}
