//! From what the network says of the windows to what the model says of the text.

use super::calibration::Scores;
use super::document::{Document, Model};
use super::network::WindowScores;
use crate::analysis::{Affect, Analysis, Emotions, Label, Sentence};
use crate::fixed::Fixed;

impl Model {
    /// Combines the scores of a document's windows, given in their order.
    ///
    /// Sentiment, emotions and affect are means over windows, weighted by their tokens.
    /// Intensity is the mean over sentences, weighted by their tokens: a window is read as a
    /// whole, but what is felt in it is said in sentences.
    pub fn conclude(&self, document: &Document, windows: &[WindowScores]) -> Analysis {
        let sentences = self.sentence_scores(document, windows);
        let mut scores = self.window_mean(document, windows);
        scores.intensity = sentence_mean(&sentences).unwrap_or(scores.intensity);
        let mut sentiment = scores.sentiment();
        if self.is_mixed(&sentences) {
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

    fn window_mean(&self, document: &Document, windows: &[WindowScores]) -> Scores {
        // A text without tokens is one window without weight.
        let weights = document.windows.iter().map(|w| w.content_tokens().max(1) as f64);
        let total: f64 = weights.clone().sum();
        let mut mean = Scores::ZERO;
        for (weight, window) in weights.zip(windows) {
            mean.add(weight / total, &Scores::of(&window.whole, &self.config));
        }
        mean
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

    fn is_mixed(&self, sentences: &[(f64, Scores)]) -> bool {
        let rule = &self.config.mixed;
        let total: f64 = sentences.iter().map(|(tokens, _)| tokens).sum();
        let share_of = |side: fn(&Scores) -> f64| {
            let strong = sentences.iter().filter(|(_, scores)| side(scores) >= rule.strong);
            strong.map(|(tokens, _)| tokens).sum::<f64>() / total
        };
        let negative = share_of(|scores| scores.stars[0] + scores.stars[1]);
        let positive = share_of(|scores| scores.stars[3] + scores.stars[4]);
        negative >= rule.share && positive >= rule.share
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

fn sentence_mean(sentences: &[(f64, Scores)]) -> Option<f64> {
    let total: f64 = sentences.iter().map(|(tokens, _)| tokens).sum();
    let sum: f64 = sentences.iter().map(|(tokens, scores)| tokens * scores.intensity).sum();
    (total > 0.0).then(|| sum / total)
}
