//! A stored review as clients see it.

use super::analysis::AnalysisView;
use crate::schemas;
use heartstrings_core::review::Review;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A stored review with its analysis. Fields that the client did not send are left out.
#[derive(Serialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewView {
    /// Its name, unique over all subjects.
    #[schema(pattern = "^[A-Za-z0-9._:~-]{1,128}$", max_length = 128, example = "imdb:rw3141")]
    id: String,
    /// Name of the thing under review.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    /// The review itself, as plain text. Offsets count its Unicode code points.
    #[schema(
        max_length = 100_000,
        example = "I cried through the last half hour and I would watch it again tomorrow."
    )]
    text: String,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1_000, example = "Bring tissues")]
    title: Option<String>,
    /// The writer's own stars.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 5, example = 4.5)]
    rating: Option<f64>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1_000, example = "minji")]
    author: Option<String>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1_000, example = "imdb")]
    source: Option<String>,
    /// Language of the text as the client stated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 35, example = "en")]
    language: Option<String>,
    /// When it was written.
    #[schema(example = "2013-02-01T00:00:00Z")]
    written_at: Timestamp,
    /// What else the client wants kept.
    #[schema(schema_with = schemas::metadata)]
    metadata: BTreeMap<String, String>,
    /// When it was first stored.
    #[schema(example = "2024-02-01T09:30:00.123456Z")]
    received_at: Timestamp,
    /// When it or its analysis last changed.
    #[schema(example = "2024-02-01T09:30:00.123456Z")]
    updated_at: Timestamp,
    /// What the model says of it.
    analysis: AnalysisView,
}

impl ReviewView {
    /// A review, with its sentences or without.
    pub fn new(review: Review, sentences: bool) -> Self {
        let content = review.content;
        Self {
            id: review.id.into(),
            subject: content.subject.into(),
            text: content.text.into(),
            title: content.title,
            rating: content.rating.map(f64::from),
            author: content.author,
            source: content.source,
            language: content.language,
            written_at: review.written_at,
            metadata: content.metadata,
            received_at: review.received_at,
            updated_at: review.updated_at,
            analysis: AnalysisView::new(review.analysis, sentences),
        }
    }
}
