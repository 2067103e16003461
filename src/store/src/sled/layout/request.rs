//! What came of a request with an idempotency key, as a record.

use super::{seal, v1};
use crate::{IDEMPOTENCY, StoreError};
use heartstrings_core::review::{Fingerprint, ReviewId};
use jiff::Timestamp;

/// What came of a request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Digest of what it said.
    pub fingerprint: Fingerprint,
    /// The review that it made.
    pub id: ReviewId,
    /// When it was taken, in microseconds since 1970.
    pub taken_at: i64,
}

impl RequestRecord {
    /// Whether the key still counts at a time.
    pub fn is_remembered(&self, now: Timestamp) -> bool {
        now.as_microsecond() - self.taken_at < IDEMPOTENCY.as_micros() as i64
    }
}

/// Bytes of a request.
pub fn encode(request: &RequestRecord) -> Result<Vec<u8>, StoreError> {
    let RequestRecord { fingerprint, id, taken_at } = request;
    let (fingerprint, id) = (fingerprint.0, id.as_str());
    seal::seal(v1::VERSION, &v1::RequestV1 { fingerprint, id, taken_at: *taken_at })
}

/// A request from its bytes.
pub fn decode(bytes: &[u8]) -> Result<RequestRecord, StoreError> {
    read(bytes)
        .map_err(|why| StoreError::Damaged { what: "the record of an idempotency key".into(), why })
}

fn read(bytes: &[u8]) -> Result<RequestRecord, String> {
    match seal::version(bytes)? {
        v1::VERSION => {
            let v1::RequestV1 { fingerprint, id, taken_at } = seal::read(bytes)?;
            let id = id.parse().map_err(|error| format!("{error}"))?;
            Ok(RequestRecord { fingerprint: Fingerprint(fingerprint), id, taken_at })
        }
        other => Err(seal::unknown(other)),
    }
}
