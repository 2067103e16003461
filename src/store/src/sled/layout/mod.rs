//! What stands in the database: keys, and the bytes of values.
//!
//! Layouts are frozen. Each version of a record has plain structs of its own, with conversions to
//! and from the types that the rest of the program uses, so that those can change and old databases
//! stay readable. A new version is a new file beside `v1`, a match arm where its record is decoded
//! ([`review`], [`request`], [`cell`]), and golden bytes in `golden/`, which never change.

pub mod cell;
pub mod cell_keys;
mod cell_v1;
mod cell_v2;
pub mod checksums;
pub mod chunks;
pub mod entry;
pub mod filter_index;
#[cfg(test)]
mod golden;
pub mod keys;
pub mod request;
pub mod review;
mod seal;
pub mod sort_index;
mod v1;
