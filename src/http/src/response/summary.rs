//! The numbers over many reviews, as clients see them.

use heartstrings_core::aggregate::{
    EmotionSummary, Histogram, IntensitySummary, LabelCounts, RatingSummary, SentimentSummary,
    Summary,
};
use heartstrings_core::review::Subject;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What people say within a subject and a time span.
#[derive(Serialize, ToSchema)]
#[schema(as = Summary)]
pub struct SummaryView {
    /// Reviews, those that are not aggregated included.
    #[schema(example = 1234)]
    reviews: u64,
    /// `written_at` of the earliest review; null when there is none.
    #[schema(required = true)]
    first_written_at: Option<Timestamp>,
    /// `written_at` of the latest review; null when there is none.
    #[schema(required = true)]
    last_written_at: Option<Timestamp>,
    /// Ids of the models that made the analyses.
    #[schema(example = json!(["heartstrings-en-1"]))]
    models: Vec<String>,
    /// Reviews that are counted but add to no sum, because they are surely written in a language
    /// that the model was not trained on.
    #[schema(example = 0)]
    not_aggregated: u64,
    /// How positive the reviews are.
    sentiment: SentimentSummaryView,
    /// How strongly emotion is expressed.
    intensity: IntensitySummaryView,
    /// Emotions that at least one review shows, the most frequent first.
    emotions: Vec<EmotionSummaryView>,
    /// The writers' own stars.
    rating: RatingSummaryView,
}

/// Sentiment over many reviews.
#[derive(Serialize, ToSchema)]
#[schema(as = SentimentSummary)]
pub struct SentimentSummaryView {
    /// Mean score, -1 to 1; null without reviews.
    #[schema(required = true, minimum = -1, maximum = 1, example = 0.42)]
    mean: Option<f64>,
    /// Sample standard deviation of the score; null for fewer than two reviews.
    #[schema(required = true, minimum = 0, example = 0.31)]
    stddev: Option<f64>,
    /// Normal 95 % confidence interval of the mean (mean ± 1.96 standard errors), cut to
    /// [-1, 1]; null for fewer than two reviews.
    #[schema(required = true, example = json!([0.40, 0.44]))]
    confidence_interval_95: Option<[f64; 2]>,
    /// Reviews by label.
    labels: LabelCountsView,
    /// Reviews by score, in 20 equal bins.
    histogram: HistogramView,
}

/// Reviews by label.
#[derive(Serialize, ToSchema)]
#[schema(as = LabelCounts)]
pub struct LabelCountsView {
    /// Mostly praise.
    #[schema(example = 900)]
    positive: u64,
    /// Facts, or neither here nor there.
    #[schema(example = 120)]
    neutral: u64,
    /// Mostly complaint.
    #[schema(example = 180)]
    negative: u64,
    /// Strong praise and strong complaint in one.
    #[schema(example = 34)]
    mixed: u64,
}

/// Intensity over many reviews.
#[derive(Serialize, ToSchema)]
#[schema(as = IntensitySummary)]
pub struct IntensitySummaryView {
    /// Mean intensity, 0 to 1; null without reviews.
    #[schema(required = true, minimum = 0, maximum = 1, example = 0.55)]
    mean: Option<f64>,
    /// Sample standard deviation; null for fewer than two reviews.
    #[schema(required = true, minimum = 0, example = 0.2)]
    stddev: Option<f64>,
    /// Median, off by at most 0.0025; null without reviews.
    #[schema(required = true, minimum = 0, maximum = 1, example = 0.5625)]
    p50: Option<f64>,
    /// 90th percentile, off by at most 0.0025; null without reviews.
    #[schema(required = true, minimum = 0, maximum = 1, example = 0.8125)]
    p90: Option<f64>,
    /// 99th percentile, off by at most 0.0025; null without reviews.
    #[schema(required = true, minimum = 0, maximum = 1, example = 0.9275)]
    p99: Option<f64>,
    /// Reviews by intensity, in 20 equal bins.
    histogram: HistogramView,
}

/// Counts in equal bins. A bin holds its lower end; the last one its upper end too.
#[derive(Serialize, ToSchema)]
#[schema(as = Histogram)]
pub struct HistogramView {
    /// Lower end of the first bin.
    #[schema(example = 0.0)]
    from: f64,
    /// Upper end of the last bin.
    #[schema(example = 1.0)]
    to: f64,
    /// Reviews in each bin.
    #[schema(min_items = 20, max_items = 20,
        example = json!([0, 0, 1, 2, 3, 5, 8, 13, 20, 24, 26, 20, 14, 9, 6, 4, 2, 1, 1, 0]))]
    counts: Vec<u64>,
}

/// One emotion over many reviews.
#[derive(Serialize, ToSchema)]
#[schema(as = EmotionSummary)]
pub struct EmotionSummaryView {
    /// One of the 27 emotions of GoEmotions, or neutral.
    #[schema(example = "admiration")]
    label: &'static str,
    /// Reviews that show it.
    #[schema(example = 512)]
    reviews: u64,
    /// Share of the aggregated reviews that show it, 0 to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.41)]
    share: f64,
    /// Mean probability over all aggregated reviews, 0 to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.33)]
    mean: f64,
}

/// The writers' own stars.
#[derive(Serialize, ToSchema)]
#[schema(as = RatingSummary)]
pub struct RatingSummaryView {
    /// Aggregated reviews with a rating.
    #[schema(example = 800)]
    reviews: u64,
    /// Mean rating, 1 to 5; null without ratings.
    #[schema(required = true, minimum = 1, maximum = 5, example = 4.1)]
    mean: Option<f64>,
    /// Pearson correlation of rating and score, -1 to 1; null when either does not vary.
    #[schema(required = true, minimum = -1, maximum = 1, example = 0.71)]
    correlation_with_sentiment: Option<f64>,
}

/// What people say of a subject.
#[derive(Serialize, ToSchema)]
pub struct SubjectSummary {
    /// The subject.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    #[serde(flatten)]
    #[schema(inline)]
    summary: SummaryView,
}

impl SubjectSummary {
    /// The numbers of a subject.
    pub fn new(subject: Subject, summary: Summary) -> Self {
        Self { subject: subject.into(), summary: summary.into() }
    }
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        let Summary {
            reviews,
            first_written_at,
            last_written_at,
            models,
            not_aggregated,
            sentiment,
            intensity,
            emotions,
            rating,
        } = summary;
        Self {
            reviews,
            first_written_at,
            last_written_at,
            models,
            not_aggregated,
            sentiment: sentiment.into(),
            intensity: intensity.into(),
            emotions: emotions.into_iter().map(EmotionSummaryView::from).collect(),
            rating: rating.into(),
        }
    }
}

impl From<SentimentSummary> for SentimentSummaryView {
    fn from(summary: SentimentSummary) -> Self {
        let SentimentSummary { mean, stddev, confidence_interval_95, labels, histogram } = summary;
        Self {
            mean,
            stddev,
            confidence_interval_95,
            labels: labels.into(),
            histogram: histogram.into(),
        }
    }
}

impl From<LabelCounts> for LabelCountsView {
    fn from(summary: LabelCounts) -> Self {
        let LabelCounts { positive, neutral, negative, mixed } = summary;
        Self { positive, neutral, negative, mixed }
    }
}

impl From<IntensitySummary> for IntensitySummaryView {
    fn from(summary: IntensitySummary) -> Self {
        let IntensitySummary { mean, stddev, p50, p90, p99, histogram } = summary;
        Self { mean, stddev, p50, p90, p99, histogram: histogram.into() }
    }
}

impl From<Histogram> for HistogramView {
    fn from(summary: Histogram) -> Self {
        let Histogram { from, to, counts } = summary;
        Self { from, to, counts }
    }
}

impl From<EmotionSummary> for EmotionSummaryView {
    fn from(summary: EmotionSummary) -> Self {
        let EmotionSummary { label, reviews, share, mean } = summary;
        Self { label, reviews, share, mean }
    }
}

impl From<RatingSummary> for RatingSummaryView {
    fn from(summary: RatingSummary) -> Self {
        let RatingSummary { reviews, mean, correlation_with_sentiment } = summary;
        Self { reviews, mean, correlation_with_sentiment }
    }
}
