//! `config.json` of a model folder: the encoder's shape in Hugging Face's words, and under
//! `heartstrings` everything that turns the heads' outputs into an analysis.

use crate::analysis::EMOTIONS;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Why a model could not be loaded. Every message names the file and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is missing or unreadable.
    #[error(
        "cannot read {path}: {why}. A model folder holds config.json, tokenizer.json and model.safetensors; point --model at one"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        why: String,
    },
    /// A file can be read but is not what it should be.
    #[error(
        "{path} is not usable: {why}. Restore it from the release, or make the model anew with `make model`"
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// This machine cannot run it as asked.
    #[error("{0}")]
    Unsupported(String),
    /// libtorch failed.
    #[error("libtorch failed: {0}")]
    Torch(String),
}

impl From<tch::TchError> for ModelError {
    fn from(error: tch::TchError) -> Self {
        ModelError::Torch(error.to_string())
    }
}

/// What `config.json` says beyond the shape of the encoder.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelConfig {
    /// Version of this very layout; 1.
    pub format: u32,
    /// Name of the model.
    pub id: String,
    /// Languages it was trained on.
    pub languages: Vec<String>,
    /// Most tokens of a window, its two framing tokens included.
    pub window_tokens: usize,
    /// The stars head.
    pub stars: StarsConfig,
    /// The emotions head.
    pub emotions: EmotionsConfig,
    /// The intensity head and what is made of it.
    pub intensity: IntensityConfig,
    /// When a text is mixed.
    pub mixed: MixedConfig,
    /// Published accuracy, shown as it stands.
    #[serde(default)]
    pub accuracy: Map<String, Value>,
}

/// Calibration of the stars head.
#[derive(Clone, Debug, Deserialize)]
pub struct StarsConfig {
    /// Logits are divided by this before the softmax (Guo et al. 2017).
    pub temperature: f64,
}

/// Calibration of the emotions head.
#[derive(Clone, Debug, Deserialize)]
pub struct EmotionsConfig {
    /// Names, in the order of [`EMOTIONS`].
    pub labels: Vec<String>,
    /// Probability from which an emotion counts as present.
    pub thresholds: Vec<f64>,
    /// Logits are divided by this before the sigmoid.
    pub temperature: f64,
}

/// How intensity is made.
#[derive(Clone, Debug, Deserialize)]
pub struct IntensityConfig {
    /// Weights of the four ingredients.
    pub formula: IntensityFormula,
}

/// Intensity of a sentence: a weighted sum, cut to [0, 1]. The model card says how the weights
/// were chosen.
#[derive(Clone, Debug, Deserialize)]
pub struct IntensityFormula {
    /// Constant term.
    pub bias: f64,
    /// Weight of arousal.
    pub arousal: f64,
    /// Weight of the mean intensity of anger, fear, joy and sadness.
    pub mean_emotion: f64,
    /// Weight of 1 − P(three stars).
    pub not_neutral: f64,
    /// Weight of P(one star) + P(five stars).
    pub extreme_star: f64,
}

/// When a text is mixed: at least `share` of its tokens stand in sentences that are negative
/// with probability `strong` or more, and as many in positive ones.
#[derive(Clone, Debug, Deserialize)]
pub struct MixedConfig {
    /// Probability from which a sentence takes a side strongly.
    pub strong: f64,
    /// Least share of the tokens on either side.
    pub share: f64,
}

impl ModelConfig {
    /// Reads and checks `config.json` in `folder`.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct File {
            max_position_embeddings: usize,
            heartstrings: ModelConfig,
        }
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|e| ModelError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let invalid = |why: String| ModelError::Invalid { path: path.clone(), why };
        let file: File = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        let config = file.heartstrings;
        if config.format != 1 {
            return Err(invalid(format!(
                "its format is {}, this version of heartstrings reads format 1",
                config.format
            )));
        }
        if config.emotions.labels != EMOTIONS {
            return Err(invalid("its emotions are not the 28 of GoEmotions in their order".into()));
        }
        if config.emotions.thresholds.len() != EMOTIONS.len() {
            return Err(invalid("it needs one threshold for each of the 28 emotions".into()));
        }
        if !(8..=file.max_position_embeddings).contains(&config.window_tokens) {
            return Err(invalid(format!(
                "window_tokens is {}; the encoder has {} positions",
                config.window_tokens, file.max_position_embeddings
            )));
        }
        let temperatures = [config.stars.temperature, config.emotions.temperature];
        if temperatures.iter().any(|t| t.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater)) {
            return Err(invalid("temperatures must be above zero".into()));
        }
        Ok(config)
    }
}
