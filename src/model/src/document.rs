//! A text on its way through the model.

use super::compute::Compute;
use super::config::{ModelConfig, ModelError};
use super::cpu::set_thread_count;
use super::language;
use super::network::Network;
use super::sentences;
use super::tokenizer::{Tokenizer, Tokens};
use super::weights::Weights;
use super::windows;
use heartstrings_core::analysis::Analysis;
use heartstrings_inference::{self as inference, Card, Document, WindowScores};
use std::path::Path;

/// A loaded model. One is enough for a process; every thread makes a [`Network`] of its own.
pub struct Model {
    pub(super) config: ModelConfig,
    tokenizer: Tokenizer,
    weights: Weights,
    card: Card,
}

impl Model {
    /// Loads the model in `folder` to compute as asked for: in a [`Precision`](super::Precision)
    /// alone, or on a device too.
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

    /// Sentences as character offsets, and their tokens. A sentence that the tokenizer makes
    /// nothing of (control characters only) is joined to the one before it.
    fn tokenize(&self, text: &str) -> Result<(Vec<Span>, Vec<Tokens>), String> {
        let mut spans: Vec<Span> = Vec::new();
        let mut all = Vec::new();
        let mut chars = CharOffsets::new(text);
        let mut orphan_start = None;
        for range in sentences::split(text) {
            let tokens = self.tokenizer.encode(&text[range.clone()])?;
            let (start, end) = (chars.at(range.start), chars.at(range.end));
            if !tokens.ids.is_empty() {
                spans.push((orphan_start.take().unwrap_or(start), end));
                all.push(tokens);
            } else if let Some(last) = spans.last_mut() {
                last.1 = end;
            } else {
                orphan_start.get_or_insert(start);
            }
        }
        if spans.is_empty() {
            spans.push((0, chars.at(text.len())));
        }
        Ok((spans, all))
    }
}

impl inference::Model for Model {
    fn card(&self) -> &Card {
        &self.card
    }

    fn prepare(&self, text: &str, language: Option<&str>) -> Result<Document, String> {
        let language = language::of(text, language, &self.config.languages);
        let (sentences, tokens) = self.tokenize(text)?;
        let windows = windows::plan(
            &tokens,
            self.config.window_tokens,
            self.tokenizer.cls,
            self.tokenizer.sep,
        );
        Ok(Document { windows, sentences, language })
    }

    fn network(&self, threads: usize) -> Box<dyn inference::Network> {
        // libtorch keeps this number for each thread that calls it.
        set_thread_count(threads);
        Box::new(Model::network(self))
    }

    fn conclude(&self, document: &Document, windows: &[WindowScores]) -> Analysis {
        Model::conclude(self, document, windows)
    }
}

/// Start and end of a sentence in code points.
type Span = (u32, u32);

/// Turns rising byte offsets into character offsets in one walk over the text.
struct CharOffsets<'a> {
    text: &'a str,
    byte: usize,
    chars: u32,
}

impl<'a> CharOffsets<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, byte: 0, chars: 0 }
    }

    fn at(&mut self, byte: usize) -> u32 {
        self.chars += self.text[self.byte..byte].chars().count() as u32;
        self.byte = byte;
        self.chars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_code_points() {
        let mut chars = CharOffsets::new("é😭x");
        assert_eq!([chars.at(0), chars.at(2), chars.at(6), chars.at(7)], [0, 1, 2, 3]);
    }
}
