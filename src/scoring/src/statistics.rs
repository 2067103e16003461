//! Counters of scoring.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the batch size histogram, in tokens.
pub const BATCH_BOUNDS: [u64; 8] = [16, 32, 64, 128, 256, 512, 1_024, 2_048];

/// Counters since the start, and the present state of the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Tokens that wait now.
    pub queue_tokens: u64,
    /// Most tokens that may wait.
    pub queue_capacity_tokens: u64,
    /// Whole seconds in which the texts that wait now should be scored.
    pub queue_seconds: u64,
    /// Scoring threads that are alive. Fewer than were started if some have failed permanently.
    pub workers: u64,
    /// Texts that were scored.
    pub texts: u64,
    /// Texts that were refused because the queue was full, or that missed their deadline.
    pub rejected: u64,
    /// Texts whose client disconnected before they were scored.
    pub abandoned: u64,
    /// Windows that the network has read.
    pub windows: u64,
    /// Tokens that the network has read.
    pub tokens: u64,
    /// Rows that the network has computed: tokens and padding.
    pub rows: u64,
    /// Seconds that workers have spent in the network, all workers together.
    pub forward_seconds: f64,
    /// Batches by tokens: those up to each of [`BATCH_BOUNDS`], then those above all.
    pub batches: [u64; BATCH_BOUNDS.len() + 1],
    /// Interactive batches that were scored between the layers of a bulk batch.
    pub interruptions: u64,
    /// Batches in which the network failed.
    pub failures: u64,
    /// Texts that were answered from the cache or by joining another request.
    pub cache_hits: u64,
    /// Texts that were not in the cache.
    pub cache_misses: u64,
}

/// The counters behind [`Statistics`].
#[derive(Default)]
pub struct Counters {
    pub texts: AtomicU64,
    pub rejected: AtomicU64,
    pub abandoned: AtomicU64,
    pub interruptions: AtomicU64,
    pub failures: AtomicU64,
    pub workers: AtomicU64,
    windows: AtomicU64,
    tokens: AtomicU64,
    rows: AtomicU64,
    forward_nanos: AtomicU64,
    batches: [AtomicU64; BATCH_BOUNDS.len() + 1],
}

/// Adds one to a counter.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    /// Counts a batch that the network has scored. `time` is the time of its forward.
    pub fn batch(&self, windows: usize, tokens: usize, rows: usize, time: Duration) {
        let add = |counter: &AtomicU64, amount: u64| counter.fetch_add(amount, Ordering::Relaxed);
        let bin = BATCH_BOUNDS.partition_point(|bound| *bound < tokens as u64);
        add(&self.batches[bin], 1);
        add(&self.windows, windows as u64);
        add(&self.tokens, tokens as u64);
        add(&self.rows, rows as u64);
        add(&self.forward_nanos, u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// All counters, with an empty queue and no cache.
    pub fn read(&self) -> Statistics {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            workers: get(&self.workers),
            texts: get(&self.texts),
            rejected: get(&self.rejected),
            abandoned: get(&self.abandoned),
            windows: get(&self.windows),
            tokens: get(&self.tokens),
            rows: get(&self.rows),
            forward_seconds: get(&self.forward_nanos) as f64 / 1e9,
            batches: std::array::from_fn(|bin| get(&self.batches[bin])),
            interruptions: get(&self.interruptions),
            failures: get(&self.failures),
            ..Statistics::default()
        }
    }
}
