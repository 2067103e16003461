//! Scoring: a text goes in, an [`Analysis`](heartstrings_core::analysis::Analysis) comes out.
//!
//! [`Scorer`] is the interface of this crate, and [`Engine`] the scorer that runs a model. It cuts a
//! text into windows ([`heartstrings_inference`]); the windows wait in a bounded and fair [`queue`];
//! threads of its own ([`worker`]) take them in batches; and the last window of a text to be
//! scored completes the analysis. [`Cached`] wraps it and scores the same text only once. [`Deadline`] wraps
//! that and limits the waiting time of interactive requests. [`assemble()`] combines the three.

mod assemble;
mod cache;
mod deadline;
mod engine;
mod error;
mod job;
mod queue;
mod scorer;
mod single_flight;
mod statistics;
#[cfg(test)]
mod tests;
mod worker;

pub use assemble::assemble;
pub use cache::Cached;
pub use deadline::Deadline;
pub use engine::{Engine, EngineOptions};
pub use error::ScoringError;
pub use scorer::{Priority, Scorer};
pub use statistics::{BATCH_BOUNDS, Statistics};
