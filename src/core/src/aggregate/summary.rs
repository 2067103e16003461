//! From a cell to the numbers that people read. All are rounded to six decimals.

use super::cell::{self, Cell};
use crate::analysis::{EMOTIONS, Label};
use crate::fixed::UNITS;
use jiff::Timestamp;

/// Millionths in one.
const ONE: f64 = UNITS as f64;

/// What people say within a subject and a time span.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Reviews, those that are not aggregated included.
    pub reviews: u64,
    /// `written_at` of the earliest review; null when there is none.
    pub first_written_at: Option<Timestamp>,
    /// `written_at` of the latest review; null when there is none.
    pub last_written_at: Option<Timestamp>,
    /// Ids of the models that made the analyses.
    pub models: Vec<String>,
    /// Reviews that are counted but add to no sum, because they are surely written in a language
    /// that the model was not trained on.
    pub not_aggregated: u64,
    /// How positive the reviews are.
    pub sentiment: SentimentSummary,
    /// How strongly emotion is expressed.
    pub intensity: IntensitySummary,
    /// Emotions that at least one review shows, the most frequent first.
    pub emotions: Vec<EmotionSummary>,
    /// The writers' own stars.
    pub rating: RatingSummary,
}

/// Sentiment over many reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct SentimentSummary {
    /// Mean score, -1 to 1; null without reviews.
    pub mean: Option<f64>,
    /// Sample standard deviation of the score; null for fewer than two reviews.
    pub stddev: Option<f64>,
    /// Normal 95 % confidence interval of the mean (mean ± 1.96 standard errors), cut to
    /// [-1, 1]; null for fewer than two reviews.
    pub confidence_interval_95: Option<[f64; 2]>,
    /// Reviews by label.
    pub labels: LabelCounts,
    /// Reviews by score, in 20 equal bins.
    pub histogram: Histogram,
}

/// Reviews by label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelCounts {
    /// Mostly praise.
    pub positive: u64,
    /// Facts, or neither here nor there.
    pub neutral: u64,
    /// Mostly complaint.
    pub negative: u64,
    /// Strong praise and strong complaint in one.
    pub mixed: u64,
}

/// Intensity over many reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct IntensitySummary {
    /// Mean intensity, 0 to 1; null without reviews.
    pub mean: Option<f64>,
    /// Sample standard deviation; null for fewer than two reviews.
    pub stddev: Option<f64>,
    /// Median, off by at most 0.0025; null without reviews.
    pub p50: Option<f64>,
    /// 90th percentile, off by at most 0.0025; null without reviews.
    pub p90: Option<f64>,
    /// 99th percentile, off by at most 0.0025; null without reviews.
    pub p99: Option<f64>,
    /// Reviews by intensity, in 20 equal bins.
    pub histogram: Histogram,
}

/// Counts in equal bins. A bin holds its lower end; the last one its upper end too.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub from: f64,
    /// Upper end of the last bin.
    pub to: f64,
    /// Reviews in each bin.
    pub counts: Vec<u64>,
}

/// One emotion over many reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct EmotionSummary {
    /// One of the 27 emotions of GoEmotions, or neutral.
    pub label: &'static str,
    /// Reviews that show it.
    pub reviews: u64,
    /// Share of the aggregated reviews that show it, 0 to 1.
    pub share: f64,
    /// Mean probability over all aggregated reviews, 0 to 1.
    pub mean: f64,
}

/// The writers' own stars.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingSummary {
    /// Aggregated reviews with a rating.
    pub reviews: u64,
    /// Mean rating, 1 to 5; null without ratings.
    pub mean: Option<f64>,
    /// Pearson correlation of rating and score, -1 to 1; null when either does not vary.
    pub correlation_with_sentiment: Option<f64>,
}

impl Summary {
    /// Reads a cell. `span` is the earliest and latest `written_at` of its reviews.
    pub fn of(cell: &Cell, span: Option<(Timestamp, Timestamp)>) -> Self {
        Self {
            reviews: cell.reviews(),
            first_written_at: span.map(|(first, _)| first),
            last_written_at: span.map(|(_, last)| last),
            models: cell.models().map(str::to_owned).collect(),
            not_aggregated: cell.count(cell::NOT_AGGREGATED),
            sentiment: sentiment(cell),
            intensity: intensity(cell),
            emotions: emotions(cell),
            rating: rating(cell),
        }
    }
}

fn sentiment(cell: &Cell) -> SentimentSummary {
    let reviews = cell.aggregated();
    let mean = mean(cell.number(cell::SCORE_SUM), reviews);
    let stddev = stddev(cell.number(cell::SCORE_SUM), cell.number(cell::SCORE_SQUARES), reviews);
    let confidence_interval_95 = mean.zip(stddev).map(|(mean, stddev)| {
        let half = 1.96 * stddev / (reviews as f64).sqrt();
        [round((mean - half).max(-1.0)), round((mean + half).min(1.0))]
    });
    let count = |label: Label| {
        let place = Label::ALL.iter().position(|l| *l == label).unwrap_or(0);
        cell.count(cell::LABELS + place)
    };
    SentimentSummary {
        mean: mean.map(round),
        stddev: stddev.map(round),
        confidence_interval_95,
        labels: LabelCounts {
            positive: count(Label::Positive),
            neutral: count(Label::Neutral),
            negative: count(Label::Negative),
            mixed: count(Label::Mixed),
        },
        histogram: Histogram {
            from: -1.0,
            to: 1.0,
            counts: (0..cell::SCORE_BINS)
                .map(|bin| cell.count(cell::SCORE_HISTOGRAM + bin))
                .collect(),
        },
    }
}

fn intensity(cell: &Cell) -> IntensitySummary {
    let reviews = cell.aggregated();
    let fine: [u64; cell::INTENSITY_BINS] =
        std::array::from_fn(|bin| cell.count(cell::INTENSITY_HISTOGRAM + bin));
    let (sum, squares) = (cell.number(cell::INTENSITY_SUM), cell.number(cell::INTENSITY_SQUARES));
    let [p50, p90, p99] = quantiles(&fine, [0.50, 0.90, 0.99]);
    IntensitySummary {
        mean: mean(sum, reviews).map(round),
        stddev: stddev(sum, squares, reviews).map(round),
        p50,
        p90,
        p99,
        histogram: Histogram {
            from: 0.0,
            to: 1.0,
            counts: fine.chunks(cell::INTENSITY_BINS / 20).map(|bins| bins.iter().sum()).collect(),
        },
    }
}

fn emotions(cell: &Cell) -> Vec<EmotionSummary> {
    let reviews = cell.aggregated() as f64;
    let place = |index: usize| cell::EMOTION_NUMBERS + 2 * index;
    // Most frequent first, then by index, as one number each: a time line sorts them for every day.
    const INDEX: u64 = (1 << 5) - 1;
    let mut order: [u64; EMOTIONS.len()] =
        std::array::from_fn(|index| !cell.count(place(index)) << 5 | index as u64);
    order.sort_unstable();
    let mut list = Vec::with_capacity(EMOTIONS.len());
    for index in order.map(|key| (key & INDEX) as usize) {
        let shown = cell.count(place(index));
        if shown == 0 {
            break;
        }
        list.push(EmotionSummary {
            label: EMOTIONS[index],
            reviews: shown,
            share: round(shown as f64 / reviews),
            mean: round(cell.narrow(place(index) + 1) as f64 / ONE / reviews),
        });
    }
    list
}

fn rating(cell: &Cell) -> RatingSummary {
    let reviews = cell.count(cell::RATED);
    RatingSummary {
        reviews,
        mean: mean(cell.number(cell::RATING_SUM), reviews).map(round),
        correlation_with_sentiment: correlation(cell, i128::from(reviews)).map(round),
    }
}

/// Pearson's r from the sums; the differences are exact integers, so nothing cancels.
fn correlation(cell: &Cell, n: i128) -> Option<f64> {
    let (x, y) = (cell.number(cell::RATED_SCORE_SUM), cell.number(cell::RATING_SUM));
    let covariance = n * cell.number(cell::RATING_PRODUCTS) - x * y;
    let score_variance = n * cell.number(cell::RATED_SCORE_SQUARES) - x * x;
    let rating_variance = n * cell.number(cell::RATING_SQUARES) - y * y;
    if score_variance <= 0 || rating_variance <= 0 {
        return None;
    }
    let r = covariance as f64 / (score_variance as f64).sqrt() / (rating_variance as f64).sqrt();
    Some(r.clamp(-1.0, 1.0))
}

fn mean(sum: i128, reviews: u64) -> Option<f64> {
    (reviews > 0).then(|| sum as f64 / ONE / reviews as f64)
}

/// Sample standard deviation from exact sums.
fn stddev(sum: i128, squares: i128, reviews: u64) -> Option<f64> {
    let n = i128::from(reviews);
    (n > 1).then(|| {
        let spread = (n * squares - sum * sum).max(0) as f64;
        (spread / (n * (n - 1)) as f64).sqrt() / ONE
    })
}

/// For each q, rising: the middle of the bin that holds the review of rank ⌈q·n⌉.
fn quantiles<const N: usize>(bins: &[u64], qs: [f64; N]) -> [Option<f64>; N] {
    let total: u64 = bins.iter().sum();
    let (mut seen, mut past) = (0, 0);
    qs.map(|q| {
        let rank = ((q * total as f64).ceil() as u64).max(1);
        while seen < rank {
            seen += bins.get(past)?;
            past += 1;
        }
        Some(round((past as f64 - 0.5) / bins.len() as f64))
    })
}

fn round(value: f64) -> f64 {
    (value * ONE).round() / ONE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Contribution;
    use crate::aggregate::cell::tests::analyses;
    use crate::analysis::Analysis;
    use crate::review::Rating;
    use proptest::prelude::*;

    /// The plain textbook formulas over floating-point numbers.
    fn textbook(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, variance.sqrt())
    }

    proptest! {
        #[test]
        fn agrees_with_the_textbook(reviews in proptest::collection::vec(analyses(), 2..40)) {
            let mut cell = Cell::default();
            for review in &reviews {
                cell.add(&Contribution::of(review, Some(Rating::try_from(3.0).unwrap())));
            }
            let counted: Vec<&Analysis> = reviews.iter().filter(|r| r.is_aggregated()).collect();
            let summary = Summary::of(&cell, None);
            prop_assert_eq!(summary.reviews, reviews.len() as u64);
            prop_assert_eq!(summary.not_aggregated, (reviews.len() - counted.len()) as u64);
            prop_assert_eq!(summary.sentiment.histogram.counts.iter().sum::<u64>(), counted.len() as u64);
            prop_assert_eq!(summary.intensity.histogram.counts.len(), 20);
            let place = |label| EMOTIONS.iter().position(|known| *known == label);
            let rank = |e: &EmotionSummary| (std::cmp::Reverse(e.reviews), place(e.label));
            prop_assert!(summary.emotions.is_sorted_by_key(rank));
            let shown = |index| counted.iter().filter(|r| r.emotions.is_present(index)).count();
            let expected: Vec<u64> = (0..EMOTIONS.len()).map(|i| shown(i) as u64).collect();
            let found = |index| summary.emotions.iter().find(|e| place(e.label) == Some(index));
            for (index, expected) in expected.into_iter().enumerate() {
                prop_assert_eq!(found(index).map_or(0, |emotion| emotion.reviews), expected);
            }
            prop_assume!(counted.len() > 1);
            let scores: Vec<f64> = counted.iter().map(|r| r.sentiment.score.to_f64()).collect();
            let (mean, stddev) = textbook(&scores);
            prop_assert!((summary.sentiment.mean.unwrap() - mean).abs() < 2e-6);
            prop_assert!((summary.sentiment.stddev.unwrap() - stddev).abs() < 2e-6);
            let mut intensities: Vec<f64> =
                counted.iter().map(|r| r.intensity.to_f64()).collect();
            intensities.sort_by(f64::total_cmp);
            let exact = intensities[(intensities.len().div_ceil(2)) - 1];
            prop_assert!((summary.intensity.p50.unwrap() - exact).abs() <= 0.0025 + 1e-9);
            prop_assert_eq!(summary.rating.correlation_with_sentiment, None);
        }
    }

    #[test]
    fn quantiles_are_the_middles_of_bins() {
        let of = |bins: &[u64]| quantiles(bins, [0.5, 0.9, 0.99]);
        assert_eq!(of(&[0, 1, 0, 0]), [Some(0.375); 3]);
        assert_eq!(of(&[50, 40, 9, 1]), [Some(0.125), Some(0.375), Some(0.625)]);
        assert_eq!(of(&[50, 0, 0, 50]), [Some(0.125), Some(0.875), Some(0.875)]);
        assert_eq!(of(&[0; 4]), [None; 3]);
    }

    #[test]
    fn nothing_is_zeros_and_nulls() {
        let summary = Summary::of(&Cell::default(), None);
        assert_eq!(summary.reviews, 0);
        assert_eq!(summary.sentiment.mean, None);
        assert_eq!(summary.sentiment.confidence_interval_95, None);
        assert_eq!(summary.intensity.p99, None);
        assert_eq!(summary.emotions, []);
        assert_eq!(summary.rating.mean, None);
    }
}
