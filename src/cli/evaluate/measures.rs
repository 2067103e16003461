//! Measures of a model against labels.

use super::comparisons;
use super::heads::Said;
use super::labels::{Labelled, Side};
use super::reliability::Reliability;
use super::report::{mean, put};
use heartstrings_core::analysis::{Analysis, EMOTIONS};
use serde_json::{Map, Value};

/// All measures that the labels allow, by name. `heads` holds the outputs of the heads for each row; it is
/// empty when no row has one of five classes or an intensity.
pub fn of(rows: &[Labelled], analyses: &[Analysis], heads: &[Said]) -> Map<String, Value> {
    let pairs: Vec<(&Labelled, &Analysis)> = rows.iter().zip(analyses).collect();
    let mut report = Map::new();
    sides(&pairs, &mut report);
    stars(&pairs, &mut report);
    five_classes(rows, heads, &mut report);
    affect(&pairs, &mut report);
    intensity(&pairs, heads, &mut report);
    emotions(&pairs, &mut report);
    comparisons::labels(&pairs, &mut report);
    comparisons::intensity_pairs(&pairs, &mut report);
    comparisons::twins(&pairs, &mut report);
    report
}

/// The likeliest class, for comparison with a label of one side.
fn likeliest(analysis: &Analysis) -> Side {
    let s = &analysis.sentiment;
    if s.positive >= s.negative && s.positive >= s.neutral {
        Side::Positive
    } else if s.negative >= s.neutral {
        Side::Negative
    } else {
        Side::Neutral
    }
}

fn sides(pairs: &[(&Labelled, &Analysis)], report: &mut Map<String, Value>) {
    let known: Vec<(Side, &Analysis)> =
        pairs.iter().filter_map(|(row, analysis)| Some((row.side?, *analysis))).collect();
    if known.is_empty() {
        return;
    }
    // Two classes: the more probable one, neutral left out.
    let two: Vec<_> = known.iter().filter(|(side, _)| *side != Side::Neutral).collect();
    if !two.is_empty() {
        let right = two.iter().filter(|(side, analysis)| {
            let s = &analysis.sentiment;
            (s.positive >= s.negative) == (*side == Side::Positive)
        });
        put(report, "binary_accuracy", right.count() as f64 / two.len() as f64);
        binary_f1(&two, report);
        let outcomes = two.iter().map(|(side, analysis)| {
            let s = &analysis.sentiment;
            let (positive, negative) = (s.positive.to_f64(), s.negative.to_f64());
            let confidence = positive.max(negative) / (positive + negative).max(1e-9);
            (confidence, (positive >= negative) == (*side == Side::Positive))
        });
        let reliability = Reliability::of(outcomes);
        put(report, "binary_calibration_error", reliability.error());
        report.insert("binary_reliability".into(), reliability.to_json());
    }
    if known.iter().any(|(side, _)| *side == Side::Neutral) {
        three_classes(&known, report);
    }
}

/// Mean of the F1 of negative and positive, neutral left out.
fn binary_f1(two: &[&(Side, &Analysis)], report: &mut Map<String, Value>) {
    let f1 = |class: Side| {
        let (mut hits, mut total) = (0, 0);
        for (side, analysis) in two {
            let s = &analysis.sentiment;
            let guess = if s.positive >= s.negative { Side::Positive } else { Side::Negative };
            hits += usize::from(*side == class && guess == class);
            total += usize::from(*side == class) + usize::from(guess == class);
        }
        2.0 * hits as f64 / total.max(1) as f64
    };
    put(report, "binary_macro_f1", mean(&[f1(Side::Negative), f1(Side::Positive)]));
}

fn three_classes(known: &[(Side, &Analysis)], report: &mut Map<String, Value>) {
    let all = [Side::Negative, Side::Neutral, Side::Positive];
    let said: Vec<(Side, Side)> =
        known.iter().map(|(side, analysis)| (*side, likeliest(analysis))).collect();
    let (mut recalls, mut f1s) = (Vec::new(), Vec::new());
    for class in all {
        let hits = said.iter().filter(|(truth, guess)| *truth == class && guess == truth).count();
        let truths = said.iter().filter(|(truth, _)| *truth == class).count();
        let guesses = said.iter().filter(|(_, guess)| *guess == class).count();
        if truths > 0 {
            recalls.push(hits as f64 / truths as f64);
            f1s.push(2.0 * hits as f64 / (truths + guesses) as f64);
        }
    }
    let right = said.iter().filter(|(truth, guess)| truth == guess).count();
    put(report, "three_class_accuracy", right as f64 / said.len() as f64);
    put(report, "three_class_macro_recall", mean(&recalls));
    put(report, "three_class_macro_f1", mean(&f1s));
    // Of the likeliest class: the confidence of an analysis is that of its label, which may be `mixed`.
    let outcomes = known.iter().map(|(side, analysis)| {
        let s = &analysis.sentiment;
        let largest = s.positive.max(s.neutral).max(s.negative);
        (largest.to_f64(), likeliest(analysis) == *side)
    });
    let reliability = Reliability::of(outcomes);
    put(report, "three_class_calibration_error", reliability.error());
    report.insert("three_class_reliability".into(), reliability.to_json());
}

fn stars(pairs: &[(&Labelled, &Analysis)], report: &mut Map<String, Value>) {
    let known: Vec<(f64, f64)> = pairs
        .iter()
        .filter_map(|(row, a)| Some((row.stars?, 3.0 + 2.0 * a.sentiment.score.to_f64())))
        .collect();
    if known.is_empty() {
        return;
    }
    let errors: Vec<f64> = known.iter().map(|(truth, guess)| (truth - guess).abs()).collect();
    let hits = known.iter().filter(|(truth, guess)| guess.round() == *truth).count();
    put(report, "stars_mean_absolute_error", mean(&errors));
    put(report, "stars_accuracy", hits as f64 / known.len() as f64);
    put(report, "stars_pearson", pearson(&known));
}

/// Accuracy of the most probable of five classes, which need not be the one nearest to the expected stars.
fn five_classes(rows: &[Labelled], heads: &[Said], report: &mut Map<String, Value>) {
    let known: Vec<(usize, usize)> = rows
        .iter()
        .zip(heads)
        .filter_map(|(row, said)| Some((row.class?, likeliest_class(&said.stars))))
        .collect();
    if !known.is_empty() {
        let hits = known.iter().filter(|(truth, guess)| truth == guess).count();
        put(report, "five_class_accuracy", hits as f64 / known.len() as f64);
    }
}

/// The most probable class, 0 to 4; of equal ones the lowest.
fn likeliest_class(probabilities: &[f64; 5]) -> usize {
    (1..5).fold(
        0,
        |best, other| if probabilities[other] > probabilities[best] { other } else { best },
    )
}

fn affect(pairs: &[(&Labelled, &Analysis)], report: &mut Map<String, Value>) {
    for (axis, name) in ["valence", "arousal", "dominance"].into_iter().enumerate() {
        let known: Vec<(f64, f64)> = pairs
            .iter()
            .filter_map(|(row, a)| {
                let guess = [a.affect.valence, a.affect.arousal, a.affect.dominance][axis];
                Some((row.affect?[axis], guess.to_f64()))
            })
            .collect();
        if !known.is_empty() {
            put(report, &format!("{name}_pearson"), pearson(&known));
        }
    }
}

/// Names of the intensity head's outputs, in their order.
const DIMENSIONS: [&str; 5] = ["anger", "fear", "joy", "sadness", "valence"];

/// Pearson's r of each dimension with its head and with the intensity of the text (valence: with the
/// score), and the mean over the heads of the four emotions.
fn intensity(pairs: &[(&Labelled, &Analysis)], heads: &[Said], report: &mut Map<String, Value>) {
    let mut names: Vec<&str> =
        pairs.iter().filter_map(|(row, _)| Some(row.intensity.as_ref()?.0.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    let mut emotions = Vec::new();
    for name in names {
        let is_valence = name == "valence";
        let (mut of_text, mut of_head) = (Vec::new(), Vec::new());
        for (index, (row, a)) in pairs.iter().enumerate() {
            let Some((dimension, truth)) = row.intensity.as_ref() else { continue };
            if dimension != name {
                continue;
            }
            let guess = if is_valence { a.sentiment.score } else { a.intensity };
            of_text.push((*truth, guess.to_f64()));
            let output = DIMENSIONS.iter().position(|known| *known == name);
            if let (Some(output), Some(said)) = (output, heads.get(index)) {
                of_head.push((*truth, said.intensity[output]));
            }
        }
        let against = if is_valence { "score" } else { "intensity" };
        put(report, &format!("{name}_{against}_pearson"), pearson(&of_text));
        if !of_head.is_empty() {
            let r = pearson(&of_head);
            put(report, &format!("{name}_head_pearson"), r);
            if !is_valence {
                emotions.push(r);
            }
        }
    }
    if !emotions.is_empty() {
        put(report, "emotions_head_pearson_mean", mean(&emotions));
    }
}

fn emotions(pairs: &[(&Labelled, &Analysis)], report: &mut Map<String, Value>) {
    let known: Vec<(&Vec<usize>, &Analysis)> =
        pairs.iter().filter_map(|(row, a)| Some((row.emotions.as_ref()?, *a))).collect();
    if known.is_empty() {
        return;
    }
    let f1s: Vec<f64> = (0..EMOTIONS.len())
        .filter_map(|emotion| {
            let (mut hits, mut total) = (0, 0);
            for (truth, analysis) in &known {
                let (is, said) = (truth.contains(&emotion), analysis.emotions.is_present(emotion));
                hits += usize::from(is && said);
                total += usize::from(is) + usize::from(said);
            }
            (total > 0).then(|| 2.0 * hits as f64 / total as f64)
        })
        .collect();
    put(report, "emotions_macro_f1", mean(&f1s));
}

/// Pearson's r of pairs; 0 when either value does not vary.
fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mx, my) =
        (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xy += (x - mx) * (y - my);
        xx += (x - mx).powi(2);
        yy += (y - my).powi(2);
    }
    if xx * yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_class_is_not_the_expected_one() {
        // The first and the last are as likely as each other; the third is expected.
        assert_eq!(likeliest_class(&[0.4, 0.0, 0.2, 0.0, 0.4]), 0);
        assert_eq!(likeliest_class(&[0.1, 0.1, 0.1, 0.1, 0.6]), 4);
        assert_eq!(likeliest_class(&[0.1, 0.2, 0.3, 0.2, 0.2]), 2);
    }

    #[test]
    fn pearson_is_one_on_a_line_and_zero_without_variance() {
        assert!((pearson(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]) - 1.0).abs() < 1e-12);
        assert_eq!(pearson(&[(1.0, 2.0), (1.0, 4.0)]), 0.0);
    }
}
