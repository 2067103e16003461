//! The scorer of the service.

use super::cache::Cached;
use super::deadline::Deadline;
use super::engine::Engine;
use super::scorer::Scorer;
use std::sync::Arc;
use std::time::Duration;

/// Combines an engine, a cache of `cache_bytes` bytes (none for 0), and a deadline for interactive requests.
pub fn assemble(engine: Engine, cache_bytes: u64, deadline: Duration) -> Arc<dyn Scorer> {
    let mut scorer: Arc<dyn Scorer> = Arc::new(engine);
    if cache_bytes > 0 {
        scorer = Arc::new(Cached::new(scorer, cache_bytes));
    }
    Arc::new(Deadline::new(scorer, deadline))
}
