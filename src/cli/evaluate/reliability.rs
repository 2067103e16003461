//! Calibration: expected calibration error and reliability bins.

use serde_json::{Value, json};

/// Bins of confidence, of equal width (Guo et al. 2017).
const BINS: usize = 15;
/// Columns of the text plot.
const PLOT_COLUMNS: usize = 50;

/// Outcomes by confidence.
pub struct Reliability {
    bins: [Bin; BINS],
}

/// Outcomes of one range of confidence.
#[derive(Clone, Copy, Default)]
struct Bin {
    count: f64,
    confidence: f64,
    right: f64,
}

impl Reliability {
    /// Sorts outcomes (confidence, 0 to 1, and whether it was right) into bins.
    pub fn of(outcomes: impl Iterator<Item = (f64, bool)>) -> Self {
        let mut bins = [Bin::default(); BINS];
        for (confidence, right) in outcomes {
            let place = (confidence * BINS as f64) as usize;
            let bin = &mut bins[place.min(BINS - 1)];
            bin.count += 1.0;
            bin.confidence += confidence;
            bin.right += f64::from(u8::from(right));
        }
        Self { bins }
    }

    /// Expected calibration error: mean distance between confidence and accuracy over the bins, weighted
    /// by their counts.
    pub fn error(&self) -> f64 {
        let total: f64 = self.bins.iter().map(|bin| bin.count).sum();
        let gaps = self.bins.iter().map(|bin| (bin.confidence - bin.right).abs());
        gaps.sum::<f64>() / total.max(1.0)
    }

    /// The bins that are not empty: range, count, mean confidence, accuracy.
    pub fn to_json(&self) -> Value {
        let rounded = |value: f64| (value * 1e4).round() / 1e4;
        let full = self.bins.iter().enumerate().filter(|(_, bin)| bin.count > 0.0);
        full.map(|(index, bin)| {
            json!({
                "from": rounded(index as f64 / BINS as f64),
                "to": rounded((index + 1) as f64 / BINS as f64),
                "count": bin.count as u64,
                "confidence": rounded(bin.confidence / bin.count),
                "accuracy": rounded(bin.right / bin.count),
            })
        })
        .collect()
    }
}

/// A plot of bins as [`Reliability::to_json`] gives them: one line a bin, with a bar for accuracy and a
/// mark at the mean confidence, where the bar of a calibrated model ends.
pub fn plot(bins: &Value) -> String {
    let mut lines = String::from("confidence      texts  accuracy (bar) against confidence (|)\n");
    for bin in bins.as_array().into_iter().flatten() {
        let number = |name: &str| bin[name].as_f64().unwrap_or_default();
        let place = |value: f64| (value * PLOT_COLUMNS as f64).round() as usize;
        let (bar, mark) = (place(number("accuracy")), place(number("confidence")));
        let drawn: String = (0..=PLOT_COLUMNS)
            .map(|column| match column {
                _ if column == mark => '|',
                _ if column < bar => '#',
                _ => ' ',
            })
            .collect();
        let (from, to, count) = (number("from"), number("to"), number("count"));
        lines += &format!("{from:.2} to {to:.2} {count:>8}  {}\n", drawn.trim_end());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_zero_when_confidence_is_accuracy() {
        let honest = Reliability::of((0..100).map(|i| (0.75, i % 4 != 0)));
        assert!(honest.error() < 1e-9);
        let boaster = Reliability::of((0..100).map(|i| (0.95, i % 2 == 0)));
        assert!((boaster.error() - 0.45).abs() < 1e-9);
    }

    #[test]
    fn bins_say_how_many_and_how_right() {
        let bins = Reliability::of([(1.0, true), (0.98, false), (0.5, true)].into_iter()).to_json();
        let bins = bins.as_array().unwrap();
        assert_eq!(bins.len(), 2);
        assert_eq!((bins[1]["count"].as_u64(), bins[1]["accuracy"].as_f64()), (Some(2), Some(0.5)));
        let drawn = plot(&Value::Array(bins.clone()));
        assert_eq!(drawn.lines().count(), 3, "{drawn}");
        assert!(drawn.contains("0.93 to 1.00        2"), "{drawn}");
    }
}
