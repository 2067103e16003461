//! How a store is doing, and what it has done.

/// How a store is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Reads and writes work.
    Ok,
    /// Reads work, writes don't; the sentence says why.
    ReadOnly(String),
}

/// What a store has done since it was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Operations that were committed: writes, and those that found nothing to change.
    pub operations: u64,
    /// Operations that were committed together.
    pub commits: Sizes,
    /// Seconds that commits have taken, syncs included.
    pub commit_seconds: f64,
    /// Commits that failed.
    pub failures: u64,
    /// How often a damaged review or subject was left out of a list.
    pub left_out: u64,
    /// Whether the disk has failed and only reads work.
    pub read_only: bool,
}

/// A histogram of sizes. Each store has bounds of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Upper bounds, smallest first.
    pub bounds: &'static [u64],
    /// How many there were up to each bound, and not up to the one before; then those above all.
    pub counts: Vec<u64>,
}
