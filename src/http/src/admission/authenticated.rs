//! Who sent a request, once the gate has found the key.

use heartstrings_keys::Key;
use std::sync::Arc;

/// The key that a request was sent with; an extension of the request. Absent without a valid key.
#[derive(Clone)]
pub struct Authenticated(pub Arc<Key>);
