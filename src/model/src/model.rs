//! The model: a folder with configuration, tokenizer and weights, loaded once.

use super::compute::{Compute, set_thread_count};
use super::config::ModelConfig;
use super::error::ModelError;
use super::network::{Network, Weights};
use super::postprocess;
use super::text::{self, Tokenizer};
use heartstrings_core::analysis::Analysis;
use heartstrings_inference::{self as inference, Card, Document, WindowScores};
use std::path::Path;

/// A loaded model. A process needs one; every thread makes a [`Network`] of its own.
pub struct Model {
    config: ModelConfig,
    tokenizer: Tokenizer,
    weights: Weights,
    card: Card,
}

impl Model {
    /// Loads the model in `folder`. `compute` is a [`Precision`](super::Precision), or a precision and a device.
    ///
    /// # Errors
    /// Names the file that is missing or not usable, or the device or precision that this machine lacks.
    pub fn load(folder: &Path, compute: impl Into<Compute>) -> Result<Self, ModelError> {
        let config = ModelConfig::read(folder)?;
        let tokenizer = Tokenizer::read(folder)?;
        let weights = Weights::read(folder, &config.heads, compute.into())?;
        let card = Card {
            id: config.id.clone(),
            revision: weights.revision.clone(),
            languages: config.languages.clone(),
            window_tokens: config.window_tokens,
            emotion_thresholds: config.emotions.thresholds.clone(),
            precision: weights.compute.precision.to_string(),
            device: weights.compute.device.to_string(),
            accuracy: config.accuracy.clone(),
        };
        Ok(Self { config, tokenizer, weights, card })
    }

    /// A network for one thread.
    pub fn network(&self) -> Network {
        Network::new(&self.weights)
    }

    /// Intensity of anger, fear, joy and sadness, and valence as in tweets, each from 0 to 1: means over
    /// windows, weighted as in an analysis. An analysis does not hold them. Its intensity is computed from
    /// them, and `heartstrings evaluate` measures them.
    pub fn emotion_intensity(&self, document: &Document, windows: &[WindowScores]) -> [f64; 5] {
        postprocess::emotion_intensity(&self.config, document, windows)
    }

    /// Probability of one to five stars. An analysis holds the sentiment that follows from them;
    /// `heartstrings evaluate` compares the likeliest with labels.
    pub fn star_probabilities(&self, document: &Document, windows: &[WindowScores]) -> [f64; 5] {
        postprocess::star_probabilities(&self.config, document, windows)
    }
}

impl inference::Model for Model {
    fn card(&self) -> &Card {
        &self.card
    }

    fn prepare(&self, text: &str, language: Option<&str>) -> Result<Document, String> {
        let config = &self.config;
        text::prepare(text, language, &config.languages, &self.tokenizer, config.window_tokens)
    }

    fn network(&self, threads: usize) -> Box<dyn inference::Network> {
        // libtorch keeps this number for each thread that calls it.
        set_thread_count(threads);
        Box::new(Model::network(self))
    }

    fn postprocess(&self, document: &Document, windows: &[WindowScores]) -> Analysis {
        postprocess::analysis(&self.config, document, windows)
    }
}
