//! The description of a model: the facts in its `config.json` and the digest of its weights.

use serde_json::{Map, Value};

/// The description of a model, as `GET /v1/model` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Name of the model; every analysis carries it.
    pub id: String,
    /// SHA-256 of the weights, 64 hexadecimal digits.
    pub revision: String,
    /// Languages it was trained on, BCP 47.
    pub languages: Vec<String>,
    /// Most tokens of a window, its two framing tokens included.
    pub window_tokens: usize,
    /// Threshold of each emotion in the order of [`heartstrings_core::analysis::EMOTIONS`].
    pub emotion_thresholds: Vec<f64>,
    /// Number format of the forward: `fp32`, `bf16` or `int16`.
    pub precision: String,
    /// Device of the forward: `cpu` or `cuda`.
    pub device: String,
    /// Published accuracy: name of the measure to its value, as the publisher of the model states them.
    pub accuracy: Map<String, Value>,
}
