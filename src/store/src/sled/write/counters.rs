//! What the writer has done, counted.

use std::time::Duration;

/// Upper bounds of the group size histogram, in operations.
pub const GROUP_BOUNDS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// What was committed since the start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters {
    /// Operations that were committed: writes, and those that found nothing to change.
    pub operations: u64,
    /// Groups of operations that shared one sync, by their size: those up to each of
    /// [`GROUP_BOUNDS`], then those above all.
    pub groups: [u64; GROUP_BOUNDS.len() + 1],
    /// Seconds that commits have taken, syncs included.
    pub commit_seconds: f64,
    /// Commits that failed.
    pub failures: u64,
}

impl Counters {
    /// Counts a commit.
    pub fn note(&mut self, operations: usize, time: Duration, succeeded: bool) {
        let size = operations as u64;
        self.operations += size;
        self.groups[GROUP_BOUNDS.partition_point(|bound| *bound < size)] += 1;
        self.commit_seconds += time.as_secs_f64();
        self.failures += u64::from(!succeeded);
    }
}
