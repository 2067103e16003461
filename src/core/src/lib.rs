//! Reviews, what the model says of them, and exact aggregates over both.
//!
//! Plain data and arithmetic, without input or output: nothing here knows of models, stores or HTTP.

pub mod aggregate;
pub mod analysis;
pub mod fixed;
pub mod review;
