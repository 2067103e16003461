//! What sled does when it cannot read something, as errors of the store.

use crate::StoreError;
use heartstrings_core::review::ReviewId;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        // Of a damaged page sled prints a trace that it has not taken.
        StoreError::Io(error.to_string().replace(" backtrace ()", ""))
    }
}

/// Reads something; sled panics at some of what it does not expect, which becomes an error.
pub fn guarded<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(StoreError::Io(reason_of(&*panic).to_owned())))
}

/// The message of a panic.
pub fn reason_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason given")
}

/// The same outcome, an error of the disk or the log as damage of this review.
pub fn named<T>(id: &ReviewId, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
    outcome.map_err(|error| match error {
        StoreError::Io(why) => {
            let what = format!("review {:?}", id.as_str());
            StoreError::Damaged { what, why: format!("its place in the log cannot be read: {why}") }
        }
        error => error,
    })
}
