//! Writes: operations, the groups in which they are committed, and the one thread that does it.

mod cell_updates;
pub mod counters;
pub mod group;
mod index_updates;
mod job;
pub mod operation;
mod removal;
mod requests;
mod writer;

pub use writer::Writer;
