//! From what the network says of the windows to what the model says of the text.

use super::calibration::{Scores, sigmoid, softmax};
use super::config::MixedConfig;
use super::document::Model;
use heartstrings_core::analysis::{Affect, Analysis, Emotions, Label, Sentence};
use heartstrings_core::fixed::Fixed;
use heartstrings_inference::{Document, WindowScores};

/// What a window counts that takes no side at all, beside 1 for one that is sure of a side: enough
/// for a text of nothing else.
const NEUTRAL_WEIGHT: f64 = 0.05;

impl Model {
    /// Combines the scores of a document's windows, given in their order.
    ///
    /// Sentiment, emotions and affect are means over windows, weighted by their tokens and by how
    /// much they judge; those of the stars are taken before the softmax.
    /// Intensity is that of the sentences together: a window is read as a whole, but what is felt
    /// in it is said in sentences.
    pub fn conclude(&self, document: &Document, windows: &[WindowScores]) -> Analysis {
        let sentences = self.sentence_scores(document, windows);
        let mut scores = self.window_mean(document, windows);
        scores.intensity = loudness(&sentences).unwrap_or(scores.intensity);
        let mut sentiment = scores.sentiment();
        if is_mixed(&sentences, &self.config.mixed) {
            sentiment.label = Label::Mixed;
        }
        let [valence, arousal, dominance] = scores.affect.map(Fixed::from_f64);
        Analysis {
            model: self.config.id.clone(),
            language: document.language.tag.clone(),
            tokens: document.tokens() as u32,
            windows: document.windows.len() as u32,
            sentiment,
            intensity: Fixed::from_f64(scores.intensity),
            emotions: self.emotions(&scores),
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

    /// Intensity of anger, fear, joy and sadness, and valence as in tweets, each 0 to 1: means
    /// over windows, weighted as everything else is. No analysis holds them; the intensity of a text is
    /// made of them, and `heartstrings evaluate` measures them.
    pub fn emotion_intensity(&self, document: &Document, windows: &[WindowScores]) -> [f64; 5] {
        let mut mean = [0.0; 5];
        for (weight, window) in self.shares(document, windows).zip(windows) {
            for (sum, logit) in mean.iter_mut().zip(window.whole.intensity) {
                *sum += weight * sigmoid(f64::from(logit));
            }
        }
        mean
    }

    /// Probability of one to five stars. An analysis holds what follows of them; `heartstrings evaluate`
    /// asks which is the likeliest.
    pub fn star_probabilities(&self, document: &Document, windows: &[WindowScores]) -> [f64; 5] {
        self.window_mean(document, windows).stars
    }

    /// The windows as one: means of the stars' logits and of everything else's probabilities.
    fn window_mean(&self, document: &Document, windows: &[WindowScores]) -> Scores {
        let mut mean = Scores::ZERO;
        let mut stars = [0.0; 5];
        for (weight, window) in self.shares(document, windows).zip(windows) {
            mean.add(weight, &Scores::of(&window.whole, &self.config));
            for (sum, logit) in stars.iter_mut().zip(window.whole.stars) {
                *sum += weight * f64::from(logit);
            }
        }
        mean.stars = softmax(&stars, self.config.stars.temperature);
        mean
    }

    /// How much each window counts: its share of the tokens, times how far it is from taking no
    /// side. A review that tells the plot for a page and then weeps is a review that weeps. Of
    /// the ways that docs/ACCURACY.md compares this one has the least error in stars.
    fn shares(&self, document: &Document, windows: &[WindowScores]) -> impl Iterator<Item = f64> {
        let judges = |window: &WindowScores| {
            let scores = Scores::of(&window.whole, &self.config);
            (scores.positive() - scores.negative()).abs() + NEUTRAL_WEIGHT
        };
        let windows = document.windows.iter().zip(windows);
        // The window of a text without tokens is all there is.
        let weights: Vec<f64> =
            windows.map(|(w, said)| w.content_tokens().max(1) as f64 * judges(said)).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(move |weight| weight / total)
    }

    /// Tokens and scores of each sentence. One that was too long for a window is the mean of
    /// its parts.
    fn sentence_scores(&self, document: &Document, windows: &[WindowScores]) -> Vec<(f64, Scores)> {
        let mut sums = vec![(0.0, Scores::ZERO); document.sentences.len()];
        for (window, scores) in document.windows.iter().zip(windows) {
            for (segment, raw) in window.segments.iter().zip(&scores.segments) {
                let tokens = (segment.end - segment.start) as f64;
                let (weight, sum) = &mut sums[segment.sentence];
                *weight += tokens;
                sum.add(tokens, &Scores::of(raw, &self.config));
            }
        }
        if document.tokens() == 0 {
            // Nothing was read, so the window says all there is to say of the sentence.
            return vec![(1.0, self.window_mean(document, windows)); sums.len()];
        }
        sums.into_iter()
            .map(|(weight, sum)| {
                let mut mean = Scores::ZERO;
                mean.add(1.0 / weight.max(1.0), &sum);
                (weight, mean)
            })
            .collect()
    }

    fn emotions(&self, scores: &Scores) -> Emotions {
        let probabilities = scores.emotions.map(Fixed::from_f64);
        let present = probabilities
            .iter()
            .zip(&self.config.emotions.thresholds)
            .enumerate()
            .filter(|(_, (probability, threshold))| **probability >= Fixed::from_f64(**threshold))
            .fold(0, |bits, (index, _)| bits | 1 << index);
        Emotions { probabilities, present }
    }
}

/// Whether both sides have their share of the sentences, which come with their tokens.
fn is_mixed(sentences: &[(f64, Scores)], rule: &MixedConfig) -> bool {
    let (mut negative, mut positive, mut total) = (0.0, 0.0, 0.0);
    for (tokens, scores) in sentences {
        total += tokens;
        if is_two_sided(scores, rule) {
            negative += tokens / 2.0;
            positive += tokens / 2.0;
        } else if scores.negative() >= rule.strong {
            negative += tokens;
        } else if scores.positive() >= rule.strong {
            positive += tokens;
        }
    }
    negative >= rule.share * total && positive >= rule.share * total && total > 0.0
}

fn is_two_sided(scores: &Scores, rule: &MixedConfig) -> bool {
    rule.two_sided.as_ref().is_some_and(|two_sided| {
        scores.mixed >= two_sided.threshold
            && scores.negative().max(scores.positive()) < two_sided.sure
    })
}

/// How loud sentences are together, as loudness is measured: the root of the mean of squares,
/// weighted by tokens. A plain mean would let a page of plot silence a cry; the loudest sentence
/// alone would let a cry pass for a page of them.
fn loudness(sentences: &[(f64, Scores)]) -> Option<f64> {
    let total: f64 = sentences.iter().map(|(tokens, _)| tokens).sum();
    let squares: f64 =
        sentences.iter().map(|(tokens, scores)| tokens * scores.intensity.powi(2)).sum();
    (total > 0.0).then(|| (squares / total).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;
    use crate::config::TwoSidedConfig;
    use heartstrings_inference::{HeadScores, Model as _};

    const RULE: MixedConfig = MixedConfig {
        strong: 0.7,
        share: 0.2,
        two_sided: Some(TwoSidedConfig { threshold: 0.6, sure: 0.8 }),
    };

    /// A sentence of ten tokens.
    fn sentence(negative: f64, positive: f64, mixed: f64) -> (f64, Scores) {
        let stars = [0.0, negative, 1.0 - negative - positive, positive, 0.0];
        (10.0, Scores { stars, mixed, ..Scores::ZERO })
    }

    #[test]
    fn praise_and_blame_in_different_sentences_are_mixed() {
        let (praise, blame) = (sentence(0.0, 0.9, 0.0), sentence(0.9, 0.0, 0.0));
        let fact = sentence(0.1, 0.1, 0.0);
        assert!(is_mixed(&[praise, blame], &RULE));
        assert!(is_mixed(&[praise, blame, fact, fact], &RULE));
        assert!(!is_mixed(&[praise, fact, fact], &RULE));
        assert!(!is_mixed(&[praise, praise, praise, praise, praise, blame], &RULE));
        assert!(!is_mixed(&[], &RULE));
    }

    #[test]
    fn one_sentence_is_mixed_when_its_head_says_so_and_no_side_is_sure() {
        assert!(is_mixed(&[sentence(0.4, 0.4, 0.7)], &RULE));
        assert!(!is_mixed(&[sentence(0.4, 0.4, 0.5)], &RULE));
        // "The cast was good, but I hated it": both are said, and the verdict is clear.
        assert!(!is_mixed(&[sentence(0.85, 0.05, 0.9)], &RULE));
        assert!(!is_mixed(&[sentence(0.05, 0.85, 0.9)], &RULE));
        let without_head = MixedConfig { two_sided: None, ..RULE };
        assert!(!is_mixed(&[sentence(0.4, 0.4, 0.7)], &without_head));
    }

    /// What is concluded of a text of two windows, from the logits of their stars.
    fn two_windows(first: [f32; 5], second: [f32; 5]) -> Analysis {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let model = Model::load(&folder, Precision::Fp32).unwrap();
        let document = model.prepare(&"The room was clean. ".repeat(80), Some("en")).unwrap();
        assert_eq!(document.windows.len(), 2);
        let said = |stars| HeadScores {
            stars,
            emotions: [0.0; 28],
            affect: [0.0; 3],
            intensity: [0.0; 5],
            mixed: 0.0,
        };
        let wholes = [said(first), said(second)];
        let scores: Vec<_> = document
            .windows
            .iter()
            .zip(wholes)
            .map(|(window, whole)| WindowScores {
                whole,
                segments: vec![whole; window.segments.len()],
            })
            .collect();
        model.conclude(&document, &scores)
    }

    #[test]
    fn a_sure_window_outweighs_one_that_is_not() {
        let sentiment = two_windows([8.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]).sentiment;
        // The mean of the two windows' probabilities would be below 0.7.
        assert!(sentiment.negative.to_f64() > 0.85, "{sentiment:?}");
    }

    #[test]
    fn what_is_told_does_not_drown_what_is_felt() {
        let (plot, tears) = ([0.0, 0.0, 8.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0, 6.0]);
        let sentiment = two_windows(plot, tears).sentiment;
        assert!(sentiment.positive.to_f64() > 0.9, "{sentiment:?}");
        let sentiment = two_windows(plot, plot).sentiment;
        assert!(sentiment.neutral.to_f64() > 0.9, "{sentiment:?}");
    }

    #[test]
    fn a_two_sided_sentence_counts_half_for_either_side() {
        let (two_sided, praise) = (sentence(0.4, 0.4, 0.7), sentence(0.0, 0.9, 0.0));
        assert!(is_mixed(&[two_sided, praise], &RULE));
        assert!(!is_mixed(&[two_sided, praise, praise], &RULE));
    }
}
