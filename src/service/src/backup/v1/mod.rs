//! Version 1 of the backup format: its lines as plain data.
//!
//! Every line is one JSON object: a [`Head`], then one [`ReviewLine`] for each review, then a [`Foot`]
//! or a [`GivenUp`]. The structs here mirror the format and nothing else, so that a change to the types
//! that the service works with does not change a single byte of a backup. They stay as they are for as
//! long as backups of version 1 are read; new fields come with a version 2.

mod convert;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The number in the head.
pub const VERSION: u32 = 1;
/// Emotions of an analysis.
const EMOTIONS: usize = 28;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Version of the format.
    pub heartstrings_backup: u32,
}

/// The last line of a complete backup.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foot {
    /// How many review lines there are.
    pub reviews: u64,
    /// A sentence for each review that could not be read; covered by the checksum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// SHA-256 in hexadecimal digits of all bytes before this line and of `left_out`.
    pub sha256: String,
}

/// The last line of a backup that was given up.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenUp {
    /// Why.
    pub error: String,
}

/// One review.
#[derive(Serialize, Deserialize)]
pub struct ReviewLine<'a> {
    id: Cow<'a, str>,
    content: ContentV1<'a>,
    /// RFC 3339 in UTC, as are the two that follow.
    written_at: String,
    received_at: String,
    updated_at: String,
    analysis: AnalysisV1<'a>,
    fingerprint: [u8; 16],
}

#[derive(Serialize, Deserialize)]
struct ContentV1<'a> {
    subject: Cow<'a, str>,
    text: Cow<'a, str>,
    title: Option<Cow<'a, str>>,
    /// 1 to 5.
    rating: Option<f64>,
    author: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    language: Option<Cow<'a, str>>,
    metadata: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct AnalysisV1<'a> {
    model: Cow<'a, str>,
    language: Cow<'a, str>,
    tokens: u32,
    windows: u32,
    sentiment: SentimentV1,
    intensity: Millionths,
    emotions: EmotionsV1,
    affect: AffectV1,
    sentences: Vec<SentenceV1>,
    warnings: Vec<WarningV1>,
}

#[derive(Serialize, Deserialize)]
struct SentimentV1 {
    label: LabelV1,
    score: Millionths,
    confidence: Millionths,
    negative: Millionths,
    neutral: Millionths,
    positive: Millionths,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LabelV1 {
    Positive,
    Neutral,
    Negative,
    Mixed,
}

#[derive(Serialize, Deserialize)]
struct EmotionsV1 {
    probabilities: [Millionths; EMOTIONS],
    /// Bit i for emotion i.
    present: u32,
}

#[derive(Serialize, Deserialize)]
struct AffectV1 {
    valence: Millionths,
    arousal: Millionths,
    dominance: Millionths,
}

#[derive(Serialize, Deserialize)]
struct SentenceV1 {
    start: u32,
    end: u32,
    sentiment: SentimentV1,
    intensity: Millionths,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WarningV1 {
    LanguageNotSupported,
}

/// A number in millionths, written as a JSON number with at most six decimals.
#[derive(Clone, Copy)]
struct Millionths(i32);

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e6)
    }
}

impl<'de> Deserialize<'de> for Millionths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A float-to-integer `as` stops at the ends of the range.
        f64::deserialize(deserializer).map(|value| Self((value * 1e6).round() as i32))
    }
}
