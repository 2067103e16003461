//! What came of requests that carried an `Idempotency-Key`, for as long as a key is remembered.
//!
//! Each has two entries, one by the key's digest and one by its time, so that old ones are found
//! and removed: a few whenever a new one comes, so there is nothing to run on the side.

use crate::sled::layout::keys::{self, end_of};
use crate::sled::layout::request::{self, RequestRecord};
use crate::sled::read::{Overlay, View};
use crate::{IDEMPOTENCY, IdempotencyKey, StoreError};
use heartstrings_core::review::Review;

/// Old requests that a new one clears away.
const CLEARED_AT_ONCE: usize = 4;

/// Adds to `changes` that this request made this review, and forgets a few old ones.
pub fn remember(
    tree: &sled::Tree,
    changes: &mut Overlay,
    key: &IdempotencyKey,
    review: &Review,
) -> Result<(), StoreError> {
    let taken_at = review.received_at.as_microsecond();
    // Entries before this time are of no use to anyone.
    let oldest = taken_at - IDEMPOTENCY.as_micros() as i64;
    let past = keys::request_time(oldest, &[0; 16]);
    debug_assert!(past < end_of(keys::REQUESTS_BY_TIME));
    for entry in tree.range(keys::REQUESTS_BY_TIME.to_vec()..past).take(CLEARED_AT_ONCE) {
        let (by_time, _) = entry?;
        if let Some(digest) = by_time.last_chunk::<16>() {
            changes.entry(keys::request(digest)).or_insert(None);
        }
        changes.insert(by_time.to_vec(), None);
    }
    // A key that is used again after its time leaves no entry of its first use behind.
    if let Some(old) = View::through(changes, tree).request(key)? {
        changes.insert(keys::request_time(old.taken_at, &key.0), None);
    }
    let request =
        RequestRecord { fingerprint: review.fingerprint, id: review.id.clone(), taken_at };
    changes.insert(keys::request(&key.0), Some(request::encode(&request)?));
    changes.insert(keys::request_time(taken_at, &key.0), Some(Vec::new()));
    Ok(())
}
