//! The analysis of a text.

use super::aggregate::{rms_intensity, sentence_scores, window_mean};
use super::calibration::Scores;
use super::mixed::mixed_confidence;
use crate::config::ModelConfig;
use heartstrings_core::analysis::{Affect, Analysis, Emotions, Label, Sentence};
use heartstrings_core::fixed::Fixed;
use heartstrings_inference::{Document, WindowScores};

/// Combines the scores of a document's windows, given in their order.
///
/// Sentiment, emotions and affect are weighted means over windows. The intensity combines those of the sentences:
/// the network reads a window as a whole, but a feeling is expressed in a sentence.
pub fn analysis(config: &ModelConfig, document: &Document, windows: &[WindowScores]) -> Analysis {
    let sentences = sentence_scores(config, document, windows);
    let mut scores = window_mean(config, document, windows);
    scores.intensity = rms_intensity(&sentences).unwrap_or(scores.intensity);
    let mut sentiment = scores.sentiment();
    if let Some(confidence) = mixed_confidence(&sentences, &scores, &config.mixed) {
        sentiment.label = Label::Mixed;
        sentiment.confidence = Fixed::from_f64(confidence);
    }
    let [valence, arousal, dominance] = scores.affect.map(Fixed::from_f64);
    Analysis {
        model: config.id.clone(),
        language: document.language.tag.clone(),
        tokens: (document.tokens() + document.repeated_tokens) as u32,
        windows: document.windows.len() as u32,
        sentiment,
        intensity: Fixed::from_f64(scores.intensity),
        emotions: emotions(config, &scores),
        affect: Affect { valence, arousal, dominance },
        sentences: document
            .sentences
            .iter()
            .zip(&sentences)
            .map(|(&(start, end), (_, scores))| Sentence {
                start,
                end,
                sentiment: scores.sentiment(),
                intensity: Fixed::from_f64(scores.intensity),
            })
            .collect(),
        warnings: document.language.warning.into_iter().collect(),
    }
}

/// The emotions, of which those that reach their threshold are present.
fn emotions(config: &ModelConfig, scores: &Scores) -> Emotions {
    let probabilities = scores.emotions.map(Fixed::from_f64);
    let present = probabilities
        .iter()
        .zip(&config.emotions.thresholds)
        .enumerate()
        .filter(|(_, (probability, threshold))| **probability >= Fixed::from_f64(**threshold))
        .fold(0, |bits, (index, _)| bits | 1 << index);
    Emotions { probabilities, present }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Precision};
    use heartstrings_inference::{HeadScores, Model as _};

    /// The analysis of a text of two windows, from the logits of their stars.
    fn two_windows(first: [f32; 5], second: [f32; 5]) -> Analysis {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let model = Model::load(&folder, Precision::Fp32).unwrap();
        let text: String = (10..70).map(|number| format!("Room {number} was clean. ")).collect();
        let document = model.prepare(&text, Some("en")).unwrap();
        assert_eq!(document.windows.len(), 2);
        let wholes = [first, second].map(|stars| HeadScores { stars, ..HeadScores::default() });
        let scores: Vec<_> = document
            .windows
            .iter()
            .zip(wholes)
            .map(|(window, whole)| WindowScores {
                whole,
                segments: vec![whole; window.segments.len()],
            })
            .collect();
        model.postprocess(&document, &scores)
    }

    #[test]
    fn a_sure_window_outweighs_an_unsure_one() {
        let sentiment = two_windows([8.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]).sentiment;
        // The mean of the two windows' probabilities would be below 0.7.
        assert!(sentiment.negative.to_f64() > 0.85, "{sentiment:?}");
    }

    #[test]
    fn neutral_windows_do_not_hide_a_judgement() {
        let (plot, tears) = ([0.0, 0.0, 8.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0, 6.0]);
        let sentiment = two_windows(plot, tears).sentiment;
        assert!(sentiment.positive.to_f64() > 0.9, "{sentiment:?}");
        let sentiment = two_windows(plot, plot).sentiment;
        assert!(sentiment.neutral.to_f64() > 0.9, "{sentiment:?}");
    }
}
