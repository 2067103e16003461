//! Durable reviews and the aggregates over them, behind one trait.
//!
//! What a store promises:
//!
//! - A write whose future resolved to `Ok` is on disk: it survives `kill -9` and a power cut.
//! - A review, its index entries and its share of every aggregate cell change together or not
//!   at all; a reader sees either all of a write or none of it.
//! - Aggregates equal a recount of the reviews, bit for bit, after any history.
//! - After a failed sync nothing is written any more ([`StoreError::WritesStopped`]); reads go on.
//!
//! A store knows nothing of HTTP, models or tokens. The map:
//!
//! - `store`: the trait [`Store`]; `query`, `cursor`, `error`, `statistics`: what goes in and out of it.
//! - `maintenance`: the trait [`Maintenance`], for the commands that take care of a store.
//! - `settings` and `open`: which store. [`open()`] and [`open_for_maintenance`] are the only places
//!   that know which there are.
//! - `sled`: the store that ships, an embedded database.
//! - `conformance`: tests of every promise above, which each store runs.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod cursor;
mod error;
mod maintenance;
mod open;
mod query;
mod settings;
mod sled;
mod statistics;
mod store;

pub use cursor::Cursor;
pub use error::{OpenError, StoreError};
pub use maintenance::{Findings, Maintenance, Rebuilt, Restoration, Salvage};
pub use open::{open, open_for_maintenance};
pub use query::{
    PAGE_TEXT_BYTES, Page, ReviewFilter, ReviewQuery, ReviewSort, Scope, SubjectQuery, SubjectSort,
    SubjectTotals, Totals,
};
pub use settings::{StoreSettings, StoreUrl};
pub use statistics::{Sizes, Statistics, Status};
pub use store::{
    Answered, Created, Duplicate, IDEMPOTENCY, IdempotencyKey, Replaced, Snapshot, Store,
    TakeTotals,
};
