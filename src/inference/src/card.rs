//! What a model says of itself: its `config.json` and the digest of its weights.

use serde_json::{Map, Value};

/// A model in words and numbers, as `GET /v1/model` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Name of the model; every analysis carries it.
    pub id: String,
    /// SHA-256 of the weights, 64 hexadecimal digits.
    pub revision: String,
    /// Languages it was trained on, BCP 47.
    pub languages: Vec<String>,
    /// Tokens of a window, the two that frame it included.
    pub window_tokens: usize,
    /// Threshold of each emotion in the order of [`heartstrings_core::analysis::EMOTIONS`].
    pub emotion_thresholds: Vec<f64>,
    /// Number format that the forward runs in: `fp32`, `bf16` or `int16`.
    pub precision: String,
    /// What the forward runs on: `cpu` or `cuda`.
    pub device: String,
    /// Published accuracy: name of the measure to its value, as the model's maker states them.
    pub accuracy: Map<String, Value>,
}
