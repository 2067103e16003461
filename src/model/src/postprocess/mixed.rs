//! The rule for mixed texts.

use super::aggregate::WeightedScores;
use super::calibration::Scores;
use crate::config::MixedConfig;

/// How sure it is that a text is mixed, from 0 to 1; `None` when it is not.
///
/// A text is mixed when both sides have their share of its sentences and `whole` has no verdict. That is as sure
/// as the better of two proofs: one sentence with both sides, by its head, or two sentences, by the product of
/// the probabilities that one praises and the other blames.
pub fn mixed_confidence(
    sentences: &[WeightedScores],
    whole: &Scores,
    rule: &MixedConfig,
) -> Option<f64> {
    // Of a single sentence its own rule says whether it has a verdict.
    let is_single = sentences.iter().filter(|(tokens, _)| *tokens > 0.0).count() < 2;
    let is_sure = |sure| whole.negative().max(whole.positive()) >= sure;
    let has_verdict = !is_single && rule.verdict.is_some_and(is_sure);
    if has_verdict || !has_both_sides(sentences, rule) {
        return None;
    }
    let most =
        |of: fn(&Scores) -> f64| sentences.iter().map(|(_, scores)| of(scores)).fold(0.0, f64::max);
    let two_sided = sentences.iter().filter(|(_, scores)| is_two_sided(scores, rule));
    let by_head = two_sided.map(|(_, scores)| scores.mixed).fold(0.0, f64::max);
    Some((most(Scores::negative) * most(Scores::positive)).max(by_head).clamp(0.0, 1.0))
}

/// Whether both sides have their share of the sentences.
fn has_both_sides(sentences: &[WeightedScores], rule: &MixedConfig) -> bool {
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
        verdict: Some(0.8),
        two_sided: Some(TwoSidedConfig { threshold: 0.6, sure: 0.8 }),
    };

    /// Whether a text is mixed that takes no side as a whole.
    fn is_mixed(sentences: &[WeightedScores], rule: &MixedConfig) -> bool {
        mixed_confidence(sentences, &Scores::ZERO, rule).is_some()
    }

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

    #[test]
    fn a_text_with_a_verdict_is_not_mixed() {
        let sides = [sentence(0.0, 0.9, 0.0), sentence(0.9, 0.0, 0.0)];
        let (rave, rant) = (sentence(0.05, 0.85, 0.0).1, sentence(0.85, 0.05, 0.0).1);
        let undecided = sentence(0.3, 0.5, 0.0).1;
        assert_eq!(mixed_confidence(&sides, &rave, &RULE), None);
        assert_eq!(mixed_confidence(&sides, &rant, &RULE), None);
        let sure = mixed_confidence(&sides, &undecided, &RULE).unwrap();
        assert!((sure - 0.81).abs() < 1e-9, "{sure}");
        let without = MixedConfig { verdict: None, ..RULE };
        assert!(mixed_confidence(&sides, &rave, &without).is_some());
    }

    #[test]
    fn one_sentence_of_both_sides_is_as_sure_as_its_head() {
        let whole = sentence(0.05, 0.85, 0.0).1;
        let sure = mixed_confidence(&[sentence(0.4, 0.4, 0.7)], &whole, &RULE).unwrap();
        assert!((sure - 0.7).abs() < 1e-9, "{sure}");
    }
}
