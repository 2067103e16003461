//! Calibration: from logits to probabilities.

use crate::config::ModelConfig;
use heartstrings_core::analysis::{EMOTIONS, Label, Sentiment};
use heartstrings_core::fixed::Fixed;
use heartstrings_inference::HeadScores;

/// Farthest score from zero with which a text may be called neutral: two thirds of a star.
const NEUTRAL_SCORE: f64 = 1.0 / 3.0;

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
    ///
    /// The label is the likeliest class, unless the score says otherwise: a side whose score is not on that
    /// side is neutral, and a neutral text whose score is beyond [`NEUTRAL_SCORE`] takes the side of its score.
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
        let likeliest = classes
            .into_iter()
            // Among equal classes the first of the list wins: a tie is neutral.
            .rev()
            .max_by_key(|(_, probability)| *probability)
            .map_or(Label::Neutral, |(label, _)| label);
        let beyond = Fixed::from_f64(NEUTRAL_SCORE).micros();
        let label = match (likeliest, score.micros()) {
            (Label::Neutral, score) if score > beyond => Label::Positive,
            (Label::Neutral, score) if score < -beyond => Label::Negative,
            (Label::Positive, ..=0) | (Label::Negative, 0..) => Label::Neutral,
            (likeliest, _) => likeliest,
        };
        let confidence = match label {
            Label::Positive => positive,
            Label::Negative => negative,
            Label::Neutral | Label::Mixed => neutral,
        };
        Sentiment { label, score, confidence, negative, neutral, positive }
    }
}

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
    fn the_label_has_no_other_sign_than_the_score() {
        let label = |stars| with_stars(stars).sentiment().label;
        // Four stars are likeliest, but the score is -0.01.
        assert_eq!(label([0.29, 0.1, 0.16, 0.45, 0.0]), Label::Neutral);
        // Three stars are likeliest, but the score is 0.4.
        assert_eq!(label([0.0, 0.1, 0.46, 0.0, 0.44]), Label::Positive);
        assert_eq!(label([0.44, 0.0, 0.46, 0.1, 0.0]), Label::Negative);
        let sure = with_stars([0.44, 0.0, 0.46, 0.1, 0.0]).sentiment();
        assert_eq!(sure.confidence, sure.negative);
    }

    proptest! {
        #[test]
        fn the_classes_sum_to_one_and_the_label_agrees_with_the_score(
            logits in proptest::array::uniform5(-20f64..20.0), temperature in 0.3f64..3.0,
        ) {
            let sentiment = with_stars(softmax(&logits, temperature)).sentiment();
            let classes = [sentiment.negative, sentiment.neutral, sentiment.positive];
            let sum: i32 = classes.iter().map(|c| c.micros()).sum();
            prop_assert!((1_000_000..=1_000_001).contains(&sum));
            let score = sentiment.score.to_f64();
            prop_assert!((-1.0..=1.0).contains(&score));
            let (agrees, confidence) = match sentiment.label {
                Label::Positive => (score > 0.0, sentiment.positive),
                Label::Negative => (score < 0.0, sentiment.negative),
                Label::Neutral => (score.abs() <= NEUTRAL_SCORE + 1e-6, sentiment.neutral),
                Label::Mixed => (false, sentiment.neutral),
            };
            prop_assert!(agrees, "{:?}", sentiment);
            prop_assert_eq!(sentiment.confidence, confidence);
            // Nothing but the score takes the label from the likeliest class.
            let likeliest = *classes.iter().max().unwrap();
            let is_split = likeliest > confidence;
            let explained = match sentiment.label {
                Label::Neutral => sentiment.neutral < likeliest
                    && ((sentiment.positive == likeliest && score <= 0.0)
                        || (sentiment.negative == likeliest && score >= 0.0)),
                _ => sentiment.neutral == likeliest && score.abs() > NEUTRAL_SCORE - 1e-6,
            };
            prop_assert!(!is_split || explained, "{:?}", sentiment);
        }
    }
}
