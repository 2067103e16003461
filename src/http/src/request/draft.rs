//! A review as clients send it.

use crate::schemas;
use heartstrings_core::review::{Format, ReviewDraft};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A review as a client writes it. Only `subject` and `text` are required; null is the same as
/// leaving a field out, and fields that are not listed here are refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "struct ReviewDraft")]
#[schema(as = ReviewDraft)]
pub struct ReviewBody {
    /// Name of the thing under review.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        min_length = 1,
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    /// The review itself: 1 to 100 000 characters after white space at both ends is removed.
    #[schema(
        pattern = "\\S",
        min_length = 1,
        max_length = 100_000,
        example = "I cried through the last half hour and I would watch it again tomorrow."
    )]
    text: String,
    /// Name for the review, unique over all subjects; made by the service (a UUIDv7) when absent.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        min_length = 1,
        max_length = 128,
        example = "imdb:rw3141"
    )]
    id: Option<String>,
    /// Headline; stored, not scored.
    #[schema(max_length = 1_000, example = "Bring tissues")]
    title: Option<String>,
    /// The writer's own stars.
    #[schema(minimum = 1, maximum = 5, example = 4.5)]
    rating: Option<f64>,
    /// Who wrote it.
    #[schema(max_length = 1_000, example = "minji")]
    author: Option<String>,
    /// Where it came from.
    #[schema(max_length = 1_000, example = "imdb")]
    source: Option<String>,
    /// Language of the text (BCP 47). Detected when absent or `und`; a client that states one is
    /// believed. Kept in its usual spelling: `eng` is `en`.
    #[schema(
        min_length = 2,
        max_length = 35,
        example = "en",
        pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
    )]
    language: Option<String>,
    /// When it was written (RFC 3339). The time of receipt when absent; at most a day in the
    /// future.
    #[schema(format = DateTime, max_length = 64,
        example = "2013-02-01T00:00:00Z")]
    written_at: Option<String>,
    /// How to read `text`; `plain` when absent.
    #[serde(default)]
    format: FormatBody,
    /// Anything else to keep with it: at most 32 pairs, keys of 1 to 64 and values of at most
    /// 1 000 characters.
    #[serde(default)]
    #[schema(schema_with = schemas::metadata)]
    metadata: BTreeMap<String, String>,
}

/// How to read the text of a draft.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Format)]
pub enum FormatBody {
    /// As it stands.
    #[default]
    Plain,
    /// As a page or a piece of one, whose plain text is what is scored and stored. As sent, with
    /// its tags, it has at most 100 000 characters too.
    Html,
}

impl From<ReviewBody> for ReviewDraft {
    fn from(body: ReviewBody) -> Self {
        let ReviewBody {
            subject,
            text,
            id,
            title,
            rating,
            author,
            source,
            language,
            written_at,
            format,
            metadata,
        } = body;
        let format = match format {
            FormatBody::Plain => Format::Plain,
            FormatBody::Html => Format::Html,
        };
        Self {
            subject,
            text,
            id,
            title,
            rating,
            author,
            source,
            language,
            written_at,
            format,
            metadata,
        }
    }
}
