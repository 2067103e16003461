//! The transformer. This is the only crate that links libtorch.
//!
//! [`Model::load`] reads a model folder once. The result is an
//! [`inference::Model`](heartstrings_inference::Model): it turns a text into windows (`text`), scores them
//! (`network`, which computes with `compute`) and turns the scores into an analysis (`postprocess`).

mod compute;
mod config;
mod error;
mod model;
mod network;
mod postprocess;
mod text;

pub use compute::{Compute, Device, Precision, prepare_process, set_thread_count};
pub use config::ModelConfig;
pub use error::ModelError;
pub use model::Model;
pub use network::Network;
