//! A model whose tokens are words and punctuation marks, for tests that depend on the length of a text.

use heartstrings_core::analysis::{Affect, Analysis, EMOTIONS, Emotions, Label, Sentiment};
use heartstrings_core::fixed::Fixed;
use heartstrings_inference::{
    Card, Document, FRAME, Language, Model, Network, Segment, Window, WindowScores,
};

/// Most tokens of a window, its two framing tokens included.
const WINDOW_TOKENS: usize = 256;

/// Tokenizes words, and gives every text the same neutral analysis. A test brings its own network.
pub struct Words(Card);

impl Default for Words {
    fn default() -> Self {
        Self(Card {
            id: "words".into(),
            revision: String::new(),
            languages: vec!["en".into()],
            window_tokens: WINDOW_TOKENS,
            emotion_thresholds: vec![],
            precision: String::new(),
            device: String::new(),
            accuracy: serde_json::Map::new(),
        })
    }
}

impl Model for Words {
    fn card(&self) -> &Card {
        &self.0
    }

    fn prepare(&self, text: &str, _: Option<&str>) -> Result<Document, String> {
        let sentences: Vec<usize> =
            text.split_inclusive('.').map(tokens).filter(|tokens| *tokens > 0).collect();
        let mut windows = vec![window()];
        for (sentence, tokens) in sentences.iter().enumerate() {
            if windows.last().is_some_and(|w| w.ids.len() + tokens > WINDOW_TOKENS) {
                windows.push(window());
            }
            let Some(window) = windows.last_mut() else { continue };
            // The last framing token of a window stays the last in number.
            let start = window.ids.len() - 1;
            window.ids.extend(std::iter::repeat_n(1, *tokens));
            window.segments.push(Segment { sentence, start, end: start + tokens });
        }
        let first_alike = (0..sentences.len()).collect();
        let sentences = sentences.iter().map(|_| (0, 0)).collect();
        let language = Language { tag: "en".into(), warning: None };
        Ok(Document { windows, sentences, first_alike, repeated_tokens: 0, language })
    }

    fn network(&self, _: usize) -> Box<dyn Network> {
        unreachable!("tests bring networks of their own")
    }

    fn postprocess(&self, document: &Document, _: &[WindowScores]) -> Analysis {
        let (zero, one) = (Fixed::ZERO, Fixed::ONE);
        Analysis {
            model: self.0.id.clone(),
            language: document.language.tag.clone(),
            tokens: document.tokens() as u32,
            windows: document.windows.len() as u32,
            sentiment: Sentiment {
                label: Label::Neutral,
                score: zero,
                confidence: one,
                negative: zero,
                neutral: one,
                positive: zero,
            },
            intensity: zero,
            emotions: Emotions { probabilities: [zero; EMOTIONS.len()], present: 0 },
            affect: Affect { valence: zero, arousal: zero, dominance: zero },
            sentences: vec![],
            warnings: vec![],
        }
    }
}

/// A window of framing tokens only.
fn window() -> Window {
    Window { ids: vec![0; FRAME], segments: Vec::new() }
}

/// Number of words and punctuation marks of a text.
fn tokens(text: &str) -> usize {
    let marks = text.chars().filter(char::is_ascii_punctuation).count();
    marks + text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}
