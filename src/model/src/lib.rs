//! The transformer: the only crate that links libtorch.
//!
//! [`Model::load`] reads a model folder once; from there on it is an
//! [`inference::Model`](heartstrings_inference::Model).

mod attention;
mod calibration;
mod compute;
mod conclude;
mod config;
mod cpu;
mod document;
mod encoder;
mod integer;
mod language;
mod linear;
mod network;
mod packing;
mod processor;
mod sentences;
mod tokenizer;
mod weights;
mod windows;

pub use compute::{Compute, Device, Precision};
pub use config::{ModelConfig, ModelError};
pub use cpu::{prepare_process, set_thread_count};
pub use document::Model;
pub use network::Network;
