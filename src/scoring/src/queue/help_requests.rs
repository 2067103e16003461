//! The workers that want helper threads, and the helpers that they have.

use heartstrings_inference::{HelperPool, MAX_POOL_THREADS};
use std::sync::Arc;

/// The pools that accept helpers.
#[derive(Default)]
pub struct HelpRequests {
    open: Vec<Request>,
    /// Whether there has ever been a request. Without a network that can be shared there is none.
    any_so_far: bool,
}

struct Request {
    pool: Arc<HelperPool>,
    helpers: usize,
}

impl HelpRequests {
    /// Whether there has ever been a request, which means that the network can be shared.
    pub fn any_so_far(&self) -> bool {
        self.any_so_far
    }

    /// Number of helpers in all pools.
    pub fn helpers(&self) -> usize {
        self.open.iter().map(|request| request.helpers).sum()
    }

    /// Requests helpers for a pool. Returns whether it has space for more.
    pub fn request(&mut self, pool: &Arc<HelperPool>) -> bool {
        self.any_so_far = true;
        match self.find(pool) {
            Some(request) => request.helpers < MAX_POOL_THREADS - 1,
            None => {
                pool.open();
                self.open.push(Request { pool: Arc::clone(pool), helpers: 0 });
                true
            }
        }
    }

    /// Assigns an idle worker to the pool with the fewest helpers, if any has space.
    pub fn assign(&mut self) -> Option<Arc<HelperPool>> {
        let not_full =
            self.open.iter_mut().filter(|request| request.helpers < MAX_POOL_THREADS - 1);
        let chosen = not_full.min_by_key(|request| request.helpers)?;
        chosen.helpers += 1;
        Some(Arc::clone(&chosen.pool))
    }

    /// Records that a helper has left a pool.
    pub fn helper_left(&mut self, pool: &Arc<HelperPool>) {
        if let Some(request) = self.find(pool) {
            request.helpers = request.helpers.saturating_sub(1);
        }
    }

    /// Ends a pool's request and makes its helpers leave.
    pub fn dismiss(&mut self, pool: &Arc<HelperPool>) {
        pool.close();
        self.open.retain(|request| !Arc::ptr_eq(&request.pool, pool));
    }

    fn find(&mut self, pool: &Arc<HelperPool>) -> Option<&mut Request> {
        self.open.iter_mut().find(|request| Arc::ptr_eq(&request.pool, pool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_with_the_fewest_helpers_gets_the_next_one() {
        let (mut requests, one, two) = (HelpRequests::default(), Arc::default(), Arc::default());
        assert!(requests.assign().is_none());
        assert!(requests.request(&one) && requests.request(&two));
        let mut next = || requests.assign().map(|pool| Arc::ptr_eq(&pool, &one));
        let chosen: Vec<_> = (0..2 * (MAX_POOL_THREADS - 1)).map(|_| next()).collect();
        let of_one = chosen.iter().filter(|is_one| **is_one == Some(true)).count();
        assert_eq!(of_one, MAX_POOL_THREADS - 1);
        assert_eq!(chosen[0], chosen[2]);
        assert_eq!(next(), None, "both are full");
        requests.helper_left(&one);
        assert!(requests.request(&one) && !requests.request(&two));
        requests.dismiss(&one);
        requests.dismiss(&two);
        assert_eq!((requests.helpers(), requests.assign().is_none()), (0, true));
    }
}
