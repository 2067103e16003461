//! Measures of the four labels, of pairs of texts by intensity, and of counterfactual groups ("twins").

use super::labels::{Labelled, Side};
use super::report::{mean, put};
use heartstrings_core::analysis::{Analysis, Label};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Rows<'a> = [(&'a Labelled, &'a Analysis)];

/// A group counts as moved when its scores differ by more than this.
const MOVED: f64 = 0.1;

/// For files whose labels are words: accuracy over the four labels, the share of other texts that are
/// labelled mixed, and the recall of mixed.
pub fn labels(rows: &Rows, report: &mut Map<String, Value>) {
    let known: Vec<(Label, Label)> = rows
        .iter()
        .filter_map(|(row, analysis)| {
            let truth = match (row.mixed?, row.side) {
                (true, _) => Label::Mixed,
                (false, Some(Side::Negative)) => Label::Negative,
                (false, Some(Side::Neutral)) => Label::Neutral,
                (false, Some(Side::Positive)) => Label::Positive,
                (false, None) => return None,
            };
            Some((truth, analysis.sentiment.label))
        })
        .collect();
    if known.is_empty() {
        return;
    }
    let share = |of: &dyn Fn(&(Label, Label)) -> bool, among: &dyn Fn(&(Label, Label)) -> bool| {
        let (hits, all) = known
            .iter()
            .filter(|row| among(row))
            .fold((0.0, 0.0), |(h, n), row| (h + f64::from(u8::from(of(row))), n + 1.0));
        hits / f64::max(all, 1.0)
    };
    put(report, "label_accuracy", share(&|(truth, said)| truth == said, &|_| true));
    let said_mixed = |row: &(Label, Label)| row.1 == Label::Mixed;
    put(report, "mixed_false_share", share(&said_mixed, &|row| row.0 != Label::Mixed));
    if known.iter().any(|(truth, _)| *truth == Label::Mixed) {
        put(report, "mixed_recall", share(&said_mixed, &|row| row.0 == Label::Mixed));
    }
}

/// Share of pairs in which the more intense text has the higher intensity.
pub fn intensity_pairs(rows: &Rows, report: &mut Map<String, Value>) {
    let mut pairs: BTreeMap<&str, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for (row, analysis) in rows {
        let Some((name, is_more)) = &row.pair else { continue };
        let (more, less) = pairs.entry(name).or_default();
        *(if *is_more { more } else { less }) = Some(analysis.intensity.to_f64());
    }
    let whole: Vec<(f64, f64)> =
        pairs.into_values().filter_map(|(more, less)| Some((more?, less?))).collect();
    if whole.is_empty() {
        return;
    }
    let ordered = whole.iter().filter(|(more, less)| more > less).count();
    let gaps: Vec<f64> = whole.iter().map(|(more, less)| more - less).collect();
    report.insert("intensity_pairs".into(), whole.len().into());
    put(report, "intensity_pairs_ordered", ordered as f64 / whole.len() as f64);
    put(report, "intensity_pairs_gap_mean", mean(&gaps));
}

/// Range of the scores within each group of twins, and the share of groups in which it is too large.
pub fn twins(rows: &Rows, report: &mut Map<String, Value>) {
    let mut groups: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (row, analysis) in rows {
        let Some(name) = &row.twins else { continue };
        let score = analysis.sentiment.score.to_f64();
        let (low, high) = groups.entry(name).or_insert((score, score));
        (*low, *high) = (low.min(score), high.max(score));
    }
    if groups.is_empty() {
        return;
    }
    let spans: Vec<f64> = groups.into_values().map(|(low, high)| high - low).collect();
    let moved = spans.iter().filter(|span| **span > MOVED).count();
    report.insert("twins_groups".into(), spans.len().into());
    put(report, "twins_span_mean", mean(&spans));
    put(report, "twins_span_max", spans.iter().copied().fold(0.0, f64::max));
    put(report, "twins_moved_share", moved as f64 / spans.len() as f64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_core::analysis::{Affect, EMOTIONS, Emotions, Sentiment};
    use heartstrings_core::fixed::Fixed;

    fn row() -> Labelled {
        Labelled {
            text: "text".parse().unwrap(),
            side: None,
            stars: None,
            class: None,
            affect: None,
            intensity: None,
            emotions: None,
            mixed: None,
            pair: None,
            twins: None,
        }
    }

    fn analysis(label: Label, score: f64, intensity: f64) -> Analysis {
        let zero = Fixed::ZERO;
        Analysis {
            model: "m".into(),
            language: "en".into(),
            tokens: 1,
            windows: 1,
            sentiment: Sentiment {
                label,
                score: Fixed::from_f64(score),
                confidence: zero,
                negative: zero,
                neutral: zero,
                positive: zero,
            },
            intensity: Fixed::from_f64(intensity),
            emotions: Emotions { probabilities: [zero; EMOTIONS.len()], present: 0 },
            affect: Affect { valence: zero, arousal: zero, dominance: zero },
            sentences: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn report(
        measure: fn(&Rows, &mut Map<String, Value>),
        rows: Vec<(Labelled, Analysis)>,
    ) -> Map<String, Value> {
        let pairs: Vec<_> = rows.iter().map(|(row, analysis)| (row, analysis)).collect();
        let mut report = Map::new();
        measure(&pairs, &mut report);
        report
    }

    #[test]
    fn mixed_is_found_and_wrongly_said() {
        let labelled = |side, mixed| Labelled { side, mixed: Some(mixed), ..row() };
        let said = |label| analysis(label, 0.0, 0.0);
        let report = report(
            labels,
            vec![
                (labelled(None, true), said(Label::Mixed)),
                (labelled(None, true), said(Label::Negative)),
                (labelled(Some(Side::Positive), false), said(Label::Mixed)),
                (labelled(Some(Side::Negative), false), said(Label::Negative)),
            ],
        );
        assert_eq!(report["label_accuracy"], 0.5);
        assert_eq!(report["mixed_recall"], 0.5);
        assert_eq!(report["mixed_false_share"], 0.5);
    }

    #[test]
    fn pairs_are_in_order_when_more_is_more() {
        let side = |pair: &str, more| Labelled { pair: Some((pair.into(), more)), ..row() };
        let said = |intensity| analysis(Label::Neutral, 0.0, intensity);
        let report = report(
            intensity_pairs,
            vec![
                (side("a", true), said(0.9)),
                (side("a", false), said(0.1)),
                // An equal intensity orders nothing.
                (side("b", true), said(0.4)),
                (side("b", false), said(0.4)),
                (side("half", true), said(1.0)),
            ],
        );
        assert_eq!(report["intensity_pairs"], 2);
        assert_eq!(report["intensity_pairs_ordered"], 0.5);
        assert_eq!(report["intensity_pairs_gap_mean"], 0.4);
    }

    #[test]
    fn twins_move_when_their_scores_lie_apart() {
        let twin = |group: &str| Labelled { twins: Some(group.into()), ..row() };
        let said = |score| analysis(Label::Neutral, score, 0.0);
        let report = report(
            twins,
            vec![
                (twin("a"), said(-0.1)),
                (twin("a"), said(0.1)),
                (twin("b"), said(0.5)),
                (twin("b"), said(0.55)),
            ],
        );
        assert_eq!(report["twins_groups"], 2);
        assert_eq!(report["twins_moved_share"], 0.5);
        assert_eq!(report["twins_span_max"], 0.2);
    }
}
