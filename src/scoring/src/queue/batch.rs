//! The windows that are scored together.

use crate::job::Entry;
use crate::scorer::Priority;

/// Windows that are scored together.
pub struct Batch {
    /// The windows; at least one.
    pub entries: Vec<Entry>,
    /// Their priority; a batch is never of both kinds.
    pub priority: Priority,
}
