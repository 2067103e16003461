//! Answers: problems, what clients see of reviews and aggregates, and conditional requests.

pub mod analysis;
pub mod conditional;
pub mod guarded_body;
pub mod problem;
pub mod problem_kind;
pub mod review;
mod service_errors;
pub mod summary;
