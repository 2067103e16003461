//! The only room that knows libtorch.
//!
//! [`Model::load`] reads a model folder once. [`Model::prepare`] turns a text into a
//! [`Document`]: its sentences and its windows of token ids. A [`Network`] (one for each thread,
//! all sharing the same weights) turns a batch of windows into [`WindowScores`], and
//! [`Model::conclude`] turns those into an [`Analysis`](crate::analysis::Analysis). What comes
//! out for a window depends on that window alone, whatever rides in the same batch.

mod attention;
mod calibration;
mod card;
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
mod team;
mod tokenizer;
mod weights;
mod windows;

pub use card::Card;
pub use compute::{Compute, Device, Precision};
pub use config::{ModelConfig, ModelError};
pub use cpu::{prepare_process, set_thread_count};
pub use document::{Document, Model};
pub use network::{HeadScores, Network, WindowScores};
pub use team::{MOST_CORES, Team};
pub use windows::{Segment, Window};
