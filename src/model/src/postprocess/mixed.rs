//! The rule for mixed texts.

use super::aggregate::WeightedScores;
use super::calibration::Scores;
use crate::config::MixedConfig;

/// Whether both sides have their share of the sentences.
pub fn is_mixed(sentences: &[WeightedScores], rule: &MixedConfig) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TwoSidedConfig;

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
    fn praise_and_criticism_in_different_sentences_are_mixed() {
        let (praise, criticism) = (sentence(0.0, 0.9, 0.0), sentence(0.9, 0.0, 0.0));
        let fact = sentence(0.1, 0.1, 0.0);
        assert!(is_mixed(&[praise, criticism], &RULE));
        assert!(is_mixed(&[praise, criticism, fact, fact], &RULE));
        assert!(!is_mixed(&[praise, fact, fact], &RULE));
        assert!(!is_mixed(&[praise, praise, praise, praise, praise, criticism], &RULE));
        assert!(!is_mixed(&[], &RULE));
    }

    #[test]
    fn one_sentence_is_mixed_if_its_head_says_so_and_no_side_is_sure() {
        assert!(is_mixed(&[sentence(0.4, 0.4, 0.7)], &RULE));
        assert!(!is_mixed(&[sentence(0.4, 0.4, 0.5)], &RULE));
        // "The cast was good, but I hated it": both sides, but a clear verdict.
        assert!(!is_mixed(&[sentence(0.85, 0.05, 0.9)], &RULE));
        assert!(!is_mixed(&[sentence(0.05, 0.85, 0.9)], &RULE));
        let without_head = MixedConfig { two_sided: None, ..RULE };
        assert!(!is_mixed(&[sentence(0.4, 0.4, 0.7)], &without_head));
    }

    #[test]
    fn a_two_sided_sentence_counts_half_for_either_side() {
        let (two_sided, praise) = (sentence(0.4, 0.4, 0.7), sentence(0.0, 0.9, 0.0));
        assert!(is_mixed(&[two_sided, praise], &RULE));
        assert!(!is_mixed(&[two_sided, praise, praise], &RULE));
    }
}
