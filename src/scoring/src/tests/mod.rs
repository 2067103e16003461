//! Tests of the engine, with networks that count, wait or fail on purpose.

mod cache;
mod failures;
mod fairness;
pub mod harness;
mod limits;
mod words;
