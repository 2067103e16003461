//! Scores of a text and of its sentences, from the scores of windows and segments.

use super::calibration::{Scores, sigmoid, softmax};
use crate::config::ModelConfig;
use heartstrings_inference::{Document, WindowScores};

/// Weight of a window that is entirely neutral, relative to about 1 for one that is sure of a side. It is above zero,
/// so that a text of neutral windows only has a mean.
const NEUTRAL_WEIGHT: f64 = 0.05;

/// Tokens and calibrated scores of a sentence.
pub type WeightedScores = (f64, Scores);

/// Intensity of anger, fear, joy and sadness, and valence as in tweets, each from 0 to 1: means over windows.
pub fn emotion_intensity(
    config: &ModelConfig,
    document: &Document,
    windows: &[WindowScores],
) -> [f64; 5] {
    let mut mean = [0.0; 5];
    for (weight, window) in window_weights(config, document, windows).zip(windows) {
        for (sum, logit) in mean.iter_mut().zip(window.whole.intensity) {
            *sum += weight * sigmoid(f64::from(logit));
        }
    }
    mean
}

/// Probability of one to five stars of the whole text.
pub fn star_probabilities(
    config: &ModelConfig,
    document: &Document,
    windows: &[WindowScores],
) -> [f64; 5] {
    window_mean(config, document, windows).stars
}

/// Weighted means over the windows: of the logits for stars, of probabilities for all else.
pub fn window_mean(config: &ModelConfig, document: &Document, windows: &[WindowScores]) -> Scores {
    let mut mean = Scores::ZERO;
    let mut stars = [0.0; 5];
    for (weight, window) in window_weights(config, document, windows).zip(windows) {
        mean.add(weight, &Scores::of(&window.whole, config));
        for (sum, logit) in stars.iter_mut().zip(window.whole.stars) {
            *sum += weight * f64::from(logit);
        }
    }
    mean.stars = softmax(&stars, config.stars.temperature);
    mean
}

/// Weight of each window, summing to 1: its share of the tokens, times its distance from neutral. A review
/// that retells the plot for a page and then praises the film is a positive review. Of
/// the weightings that docs/ACCURACY.md compares this one has the least error in stars.
fn window_weights(
    config: &ModelConfig,
    document: &Document,
    windows: &[WindowScores],
) -> impl Iterator<Item = f64> + use<> {
    let distance = |window: &WindowScores| {
        let scores = Scores::of(&window.whole, config);
        (scores.positive() - scores.negative()).abs() + NEUTRAL_WEIGHT
    };
    let windows = document.windows.iter().zip(windows);
    // A text without tokens has one window, whose weight must not be zero.
    let weights: Vec<f64> =
        windows.map(|(w, scores)| w.content_tokens().max(1) as f64 * distance(scores)).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(move |weight| weight / total)
}

/// Tokens and scores of each sentence. A sentence that was too long for a window has the mean of its parts. A
/// sentence that repeats an earlier one has the scores of that one, and no tokens: it counts once.
pub fn sentence_scores(
    config: &ModelConfig,
    document: &Document,
    windows: &[WindowScores],
) -> Vec<WeightedScores> {
    let mut sums = vec![(0.0, Scores::ZERO); document.sentences.len()];
    for (window, scores) in document.windows.iter().zip(windows) {
        for (segment, raw) in window.segments.iter().zip(&scores.segments) {
            let tokens = (segment.end - segment.start) as f64;
            let (weight, sum) = &mut sums[segment.sentence];
            *weight += tokens;
            sum.add(tokens, &Scores::of(raw, config));
        }
    }
    if document.tokens() == 0 {
        // There is no segment, so the sentence gets the scores of the window.
        return vec![(1.0, window_mean(config, document, windows)); sums.len()];
    }
    let firsts: Vec<WeightedScores> = sums
        .into_iter()
        .map(|(weight, sum)| {
            let mut mean = Scores::ZERO;
            mean.add(1.0 / weight.max(1.0), &sum);
            (weight, mean)
        })
        .collect();
    let alike = document.first_alike.iter().enumerate();
    alike.map(|(i, first)| if i == *first { firsts[i] } else { (0.0, firsts[*first].1) }).collect()
}

/// Intensity of sentences together: the root mean square, weighted by tokens, as for the loudness of sound. A plain
/// mean would let a page of plot hide an outburst; the maximum would let one outburst count as a page of
/// them. `None` without tokens.
pub fn rms_intensity(sentences: &[WeightedScores]) -> Option<f64> {
    let total: f64 = sentences.iter().map(|(tokens, _)| tokens).sum();
    let squares: f64 =
        sentences.iter().map(|(tokens, scores)| tokens * scores.intensity.powi(2)).sum();
    (total > 0.0).then(|| (squares / total).sqrt())
}
