//! A bound on the memory that the bodies of all requests take together.
//!
//! Each body has a limit of its own, but many connections of many addresses could each send one.
//! Bytes are counted as they arrive, not as `Content-Length` announces them: an announcement costs
//! its sender nothing, and must not keep others out.

use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `Retry-After` of a refusal, in seconds.
const RETRY_AFTER: u64 = 2;

/// Counts the bytes of all bodies in memory. Clones share the count.
#[derive(Clone)]
pub struct BodyMemory {
    used: Arc<AtomicUsize>,
    most: usize,
}

/// Bytes of one body in memory; they count until this is dropped.
pub struct HeldBytes {
    bytes: usize,
    memory: BodyMemory,
}

impl BodyMemory {
    /// A bound of `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { used: Arc::default(), most }
    }

    /// A body of which nothing has come yet.
    pub fn begin(&self) -> HeldBytes {
        HeldBytes { bytes: 0, memory: self.clone() }
    }
}

impl HeldBytes {
    /// Counts `bytes` more, or fails with 503 when they would exceed the bound.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let most = self.memory.most;
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= most);
        let room = self.memory.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
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

    /// Moves `bytes` of them, at most all, into a count of their own.
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { bytes, memory: self.memory.clone() }
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_makes_room() {
        let memory = BodyMemory::new(10);
        let (mut one, mut other) = (memory.begin(), memory.begin());
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
