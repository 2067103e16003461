//! What a store has done, counted.

use std::time::Duration;

/// Upper bounds of the group size histogram, in operations.
pub const GROUP_BOUNDS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// What a store has done since it was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Operations that were committed: writes, and those that found nothing to change.
    pub operations: u64,
    /// Groups of operations that shared one sync, by their size: those up to each of
    /// [`GROUP_BOUNDS`], then those above all.
    pub groups: [u64; GROUP_BOUNDS.len() + 1],
    /// Seconds that commits have taken, syncs included.
    pub commit_seconds: f64,
    /// Commits that failed.
    pub failures: u64,
    /// How often a damaged review or subject was left out of a list.
    pub left_out: u64,
    /// Whether the disk has failed and only reads work.
    pub read_only: bool,
}

impl Statistics {
    /// Counts a commit.
    pub(super) fn note(&mut self, operations: usize, time: Duration, succeeded: bool) {
        let size = operations as u64;
        self.operations += size;
        self.groups[GROUP_BOUNDS.partition_point(|bound| *bound < size)] += 1;
        self.commit_seconds += time.as_secs_f64();
        self.failures += u64::from(!succeeded);
    }
}
