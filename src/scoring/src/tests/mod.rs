//! The engine with the real model's texts, and networks that count, wait or fail on purpose.

pub mod bench;
mod cache;
mod failures;
mod fairness;
mod limits;
mod words;
