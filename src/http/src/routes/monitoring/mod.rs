//! For those who run the service: health, readiness, metrics.

pub mod health;
pub mod metrics;
pub mod ready;
mod status;
