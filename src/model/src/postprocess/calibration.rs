//! Calibration: from logits to probabilities.

use crate::config::ModelConfig;
use heartstrings_core::analysis::{EMOTIONS, Label, Sentiment};
use heartstrings_core::fixed::Fixed;
use heartstrings_inference::HeadScores;

/// Calibrated scores of a window or sentence, each in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Probability of one to five stars; the sum is 1.
    pub stars: [f64; 5],
    /// Probability of each emotion.
    pub emotions: [f64; EMOTIONS.len()],
    /// Valence, arousal, dominance.
    pub affect: [f64; 3],
    /// Intensity by the model's formula.
    pub intensity: f64,
    /// Probability of being mixed; 0 when the model has no head for it.
    pub mixed: f64,
}

impl Scores {
    /// The start of a weighted sum.
    pub const ZERO: Scores = Scores {
        stars: [0.0; 5],
        emotions: [0.0; EMOTIONS.len()],
        affect: [0.0; 3],
        intensity: 0.0,
        mixed: 0.0,
    };

    /// Calibrates the logits of the heads.
    pub fn of(raw: &HeadScores, config: &ModelConfig) -> Self {
        let stars = softmax(&raw.stars.map(f64::from), config.stars.temperature);
        let emotions =
            raw.emotions.map(|logit| sigmoid(f64::from(logit) / config.emotions.temperature));
        let affect = raw.affect.map(|logit| sigmoid(f64::from(logit)));
        let formula = &config.intensity.formula;
        // Anger, fear, joy and sadness; the fifth output is a valence.
        let emotion = raw.intensity[..4].iter().map(|l| sigmoid(f64::from(*l))).sum::<f64>() / 4.0;
        let intensity = formula.bias
            + formula.arousal * affect[1]
            + formula.mean_emotion * emotion
            + formula.not_neutral * (1.0 - stars[2])
            + formula.extreme_star * (stars[0] + stars[4]);
        let mixed = sigmoid(f64::from(raw.mixed));
        Self { stars, emotions, affect, intensity: intensity.clamp(0.0, 1.0), mixed }
    }

    /// Adds `weight` times `other`.
    pub fn add(&mut self, weight: f64, other: &Scores) {
        let mix = |sums: &mut [f64], values: &[f64]| {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
        };
        mix(&mut self.stars, &other.stars);
        mix(&mut self.emotions, &other.emotions);
        mix(&mut self.affect, &other.affect);
        self.intensity += weight * other.intensity;
        self.mixed += weight * other.mixed;
    }

    /// Probability of one or two stars.
    pub fn negative(&self) -> f64 {
        self.stars[0] + self.stars[1]
    }

    /// Probability of four or five stars.
    pub fn positive(&self) -> f64 {
        self.stars[3] + self.stars[4]
    }

    /// Sentiment in three classes and one score. The label is never `mixed`.
    pub fn sentiment(&self) -> Sentiment {
        let negative = Fixed::from_f64(self.negative());
        let positive = Fixed::from_f64(self.positive());
        let rest = Fixed::ONE.micros() - negative.micros() - positive.micros();
        // If both are rounded up, the rest may be minus one millionth.
        let neutral = Fixed::from_micros(rest.max(0));
        let expected: f64 = (1..).zip(self.stars).map(|(stars, p)| f64::from(stars) * p).sum();
        let score = Fixed::from_f64(((expected - 3.0) / 2.0).clamp(-1.0, 1.0));
        let classes =
            [(Label::Neutral, neutral), (Label::Positive, positive), (Label::Negative, negative)];
        // Among equal classes the first of the list wins: a tie is neutral.
        let likeliest = classes.into_iter().rev().max_by_key(|(_, probability)| *probability);
        let label = agreeing(likeliest.map_or(Label::Neutral, |(label, _)| label), score);
        let confidence = classes.into_iter().find(|(class, _)| *class == label);
        Sentiment {
            label,
            score,
            confidence: confidence.map_or(neutral, |(_, probability)| probability),
            negative,
            neutral,
            positive,
        }
    }
}

/// The label that agrees with a score. The likeliest class and the expected stars can disagree: one star with a
/// probability of 0.3 outweighs two times 0.35 of three and four stars. A side never has the other sign, and a text
/// whose score is beyond [`NEUTRAL_SCORE`] is not called neutral.
fn agreeing(likeliest: Label, score: Fixed) -> Label {
    let beyond = Fixed::from_f64(NEUTRAL_SCORE).micros();
    match (likeliest, score.micros()) {
        (Label::Neutral, score) if score > beyond => Label::Positive,
        (Label::Neutral, score) if score < -beyond => Label::Negative,
        (Label::Positive, score) if score < 0 => Label::Neutral,
        (Label::Negative, score) if score > 0 => Label::Neutral,
        (label, _) => label,
    }
}

/// Largest score of a neutral text, on either side: a third of the scale belongs to each class.
const NEUTRAL_SCORE: f64 = 1.0 / 3.0;

/// The logistic function, in (0, 1).
pub fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Softmax of `logits` divided by `temperature`.
pub fn softmax(logits: &[f64; 5], temperature: f64) -> [f64; 5] {
    let scaled = logits.map(|logit| logit / temperature);
    let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials = scaled.map(|logit| (logit - largest).exp());
    let sum: f64 = exponentials.iter().sum();
    exponentials.map(|e| e / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with_stars(stars: [f64; 5]) -> Scores {
        Scores { stars, ..Scores::ZERO }
    }

    #[test]
    fn the_score_is_the_expected_stars_rescaled() {
        assert_eq!(with_stars([0.0, 0.0, 0.0, 0.0, 1.0]).sentiment().score, Fixed::ONE);
        assert_eq!(with_stars([0.0, 0.0, 1.0, 0.0, 0.0]).sentiment().score, Fixed::ZERO);
        let half = with_stars([0.5, 0.0, 0.0, 0.0, 0.5]).sentiment();
        assert_eq!(half.score, Fixed::ZERO);
        assert_eq!(half.neutral, Fixed::ZERO);
    }

    #[test]
    fn a_tie_is_neutral() {
        let tie = with_stars([0.2, 0.1333333, 0.3333334, 0.1333333, 0.2]).sentiment();
        assert_eq!(tie.label, Label::Neutral);
    }

    #[test]
    fn label_and_score_agree() {
        let of = |stars| with_stars(stars).sentiment();
        // Each of these has another likeliest class than its score says.
        let praised = of([0.0, 0.0, 0.51, 0.0, 0.49]);
        assert_eq!((praised.label, praised.confidence), (Label::Positive, praised.positive));
        let blamed = of([0.45, 0.0, 0.5, 0.05, 0.0]);
        assert_eq!((blamed.label, blamed.confidence), (Label::Negative, blamed.negative));
        let split = of([0.4, 0.0, 0.1, 0.5, 0.0]);
        assert_eq!((split.label, split.confidence), (Label::Neutral, split.neutral));
    }

    proptest! {
        #[test]
        fn the_classes_sum_to_one_and_the_label_agrees(
            logits in proptest::array::uniform5(-20f64..20.0), temperature in 0.3f64..3.0,
        ) {
            let sentiment = with_stars(softmax(&logits, temperature)).sentiment();
            let classes = [sentiment.negative, sentiment.neutral, sentiment.positive];
            let sum: i32 = classes.iter().map(|c| c.micros()).sum();
            prop_assert!((1_000_000..=1_000_001).contains(&sum));
            let score = sentiment.score.to_f64();
            let (own, agrees) = match sentiment.label {
                Label::Positive => (sentiment.positive, score >= 0.0),
                Label::Negative => (sentiment.negative, score <= 0.0),
                _ => (sentiment.neutral, score.abs() <= 0.5),
            };
            prop_assert!(agrees, "{sentiment:?}");
            prop_assert_eq!(sentiment.confidence, own);
            prop_assert!((-1_000_000..=1_000_000).contains(&sentiment.score.micros()));
        }
    }
}
