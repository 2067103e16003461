//! Reviews, requests and index entries as version 1 keeps them. Frozen: no field is added, removed,
//! moved or given another type; the golden bytes would differ.
//!
//! Times are microseconds since 1970. Scores, intensities and probabilities are millionths.

use heartstrings_core::analysis::{
    Affect, Analysis, EMOTIONS, Emotions, Label, Sentence, Sentiment, Warning,
};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Content, Fingerprint, Review};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version byte of these records.
pub const VERSION: u8 = 1;

/// Emotions of an analysis.
const PROBABILITIES: usize = 28;
const _: () = assert!(EMOTIONS.len() == PROBABILITIES, "more emotions need a new version");

/// A review.
#[derive(Serialize, Deserialize)]
pub struct ReviewV1<'a> {
    id: &'a str,
    #[serde(borrow)]
    content: ContentV1<'a>,
    written_at: i64,
    received_at: i64,
    updated_at: i64,
    analysis: AnalysisV1<'a>,
    fingerprint: [u8; 16],
}

/// What the writer of a review said.
#[derive(Serialize, Deserialize)]
struct ContentV1<'a> {
    subject: &'a str,
    text: &'a str,
    title: Option<&'a str>,
    rating: Option<f64>,
    author: Option<&'a str>,
    source: Option<&'a str>,
    language: Option<&'a str>,
    #[serde(borrow)]
    metadata: BTreeMap<&'a str, &'a str>,
}

/// What the model says of it.
#[derive(Serialize, Deserialize)]
struct AnalysisV1<'a> {
    model: &'a str,
    language: &'a str,
    tokens: u32,
    windows: u32,
    sentiment: SentimentV1,
    intensity: i32,
    probabilities: [i32; PROBABILITIES],
    present: u32,
    valence: i32,
    arousal: i32,
    dominance: i32,
    sentences: Vec<SentenceV1>,
    warnings: Vec<WarningV1>,
}

#[derive(Serialize, Deserialize)]
struct SentimentV1 {
    label: LabelV1,
    score: i32,
    confidence: i32,
    negative: i32,
    neutral: i32,
    positive: i32,
}

#[derive(Serialize, Deserialize)]
struct SentenceV1 {
    start: u32,
    end: u32,
    sentiment: SentimentV1,
    intensity: i32,
}

/// A label. Kept as its number in this list.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum LabelV1 {
    /// [`Label::Positive`].
    Positive,
    /// [`Label::Neutral`].
    Neutral,
    /// [`Label::Negative`].
    Negative,
    /// [`Label::Mixed`].
    Mixed,
}

/// A warning. Kept as its number in this list.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum WarningV1 {
    LanguageNotSupported,
}

/// A request that carried an `Idempotency-Key`.
#[derive(Serialize, Deserialize)]
pub struct RequestV1<'a> {
    /// Digest of what it said.
    pub fingerprint: [u8; 16],
    /// The review that it made.
    pub id: &'a str,
    /// When it was taken.
    pub taken_at: i64,
}

/// The value of an index entry, which stands without a head.
#[derive(Serialize, Deserialize)]
pub struct EntryV1 {
    /// Of the review.
    pub written_at: i64,
    /// Of the review.
    pub score: i32,
    /// Of the review.
    pub intensity: i32,
    /// Of the review.
    pub label: LabelV1,
    /// A bit for each emotion that is present.
    pub emotions: u32,
    /// Digest of the source; 0 for none.
    pub source: u32,
}

impl<'a> From<&'a Review> for ReviewV1<'a> {
    fn from(review: &'a Review) -> Self {
        Self {
            id: review.id.as_str(),
            content: (&review.content).into(),
            written_at: review.written_at.as_microsecond(),
            received_at: review.received_at.as_microsecond(),
            updated_at: review.updated_at.as_microsecond(),
            analysis: (&review.analysis).into(),
            fingerprint: review.fingerprint.0,
        }
    }
}

impl TryFrom<ReviewV1<'_>> for Review {
    /// A sentence.
    type Error = String;
    fn try_from(record: ReviewV1<'_>) -> Result<Self, String> {
        let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| e.to_string());
        Ok(Review {
            id: record.id.parse().map_err(sentence)?,
            content: record.content.try_into()?,
            written_at: time(record.written_at)?,
            received_at: time(record.received_at)?,
            updated_at: time(record.updated_at)?,
            analysis: record.analysis.into(),
            fingerprint: Fingerprint(record.fingerprint),
        })
    }
}

fn sentence(error: impl ToString) -> String {
    error.to_string()
}

impl<'a> From<&'a Content> for ContentV1<'a> {
    fn from(content: &'a Content) -> Self {
        let pairs = content.metadata.iter();
        Self {
            subject: content.subject.as_str(),
            text: content.text.as_str(),
            title: content.title.as_deref(),
            rating: content.rating.map(f64::from),
            author: content.author.as_deref(),
            source: content.source.as_deref(),
            language: content.language.as_deref(),
            metadata: pairs.map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        }
    }
}

impl TryFrom<ContentV1<'_>> for Content {
    type Error = String;
    fn try_from(content: ContentV1<'_>) -> Result<Self, String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let pairs = content.metadata.into_iter();
        Ok(Content {
            subject: content.subject.parse().map_err(sentence)?,
            text: content.text.parse().map_err(sentence)?,
            title: owned(content.title),
            rating: content.rating.map(TryInto::try_into).transpose().map_err(sentence)?,
            author: owned(content.author),
            source: owned(content.source),
            language: owned(content.language),
            metadata: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        })
    }
}

impl<'a> From<&'a Analysis> for AnalysisV1<'a> {
    fn from(analysis: &'a Analysis) -> Self {
        Self {
            model: &analysis.model,
            language: &analysis.language,
            tokens: analysis.tokens,
            windows: analysis.windows,
            sentiment: analysis.sentiment.into(),
            intensity: analysis.intensity.micros(),
            probabilities: analysis.emotions.probabilities.map(Fixed::micros),
            present: analysis.emotions.present,
            valence: analysis.affect.valence.micros(),
            arousal: analysis.affect.arousal.micros(),
            dominance: analysis.affect.dominance.micros(),
            sentences: analysis.sentences.iter().map(|sentence| (*sentence).into()).collect(),
            warnings: analysis.warnings.iter().map(|warning| (*warning).into()).collect(),
        }
    }
}

impl From<AnalysisV1<'_>> for Analysis {
    fn from(analysis: AnalysisV1<'_>) -> Self {
        let fixed = Fixed::from_micros;
        Analysis {
            model: analysis.model.to_owned(),
            language: analysis.language.to_owned(),
            tokens: analysis.tokens,
            windows: analysis.windows,
            sentiment: analysis.sentiment.into(),
            intensity: fixed(analysis.intensity),
            emotions: Emotions {
                probabilities: analysis.probabilities.map(fixed),
                present: analysis.present,
            },
            affect: Affect {
                valence: fixed(analysis.valence),
                arousal: fixed(analysis.arousal),
                dominance: fixed(analysis.dominance),
            },
            sentences: analysis.sentences.into_iter().map(Into::into).collect(),
            warnings: analysis.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Sentiment> for SentimentV1 {
    fn from(sentiment: Sentiment) -> Self {
        Self {
            label: sentiment.label.into(),
            score: sentiment.score.micros(),
            confidence: sentiment.confidence.micros(),
            negative: sentiment.negative.micros(),
            neutral: sentiment.neutral.micros(),
            positive: sentiment.positive.micros(),
        }
    }
}

impl From<SentimentV1> for Sentiment {
    fn from(sentiment: SentimentV1) -> Self {
        let fixed = Fixed::from_micros;
        Sentiment {
            label: sentiment.label.into(),
            score: fixed(sentiment.score),
            confidence: fixed(sentiment.confidence),
            negative: fixed(sentiment.negative),
            neutral: fixed(sentiment.neutral),
            positive: fixed(sentiment.positive),
        }
    }
}

impl From<Sentence> for SentenceV1 {
    fn from(Sentence { start, end, sentiment, intensity }: Sentence) -> Self {
        Self { start, end, sentiment: sentiment.into(), intensity: intensity.micros() }
    }
}

impl From<SentenceV1> for Sentence {
    fn from(SentenceV1 { start, end, sentiment, intensity }: SentenceV1) -> Self {
        let intensity = Fixed::from_micros(intensity);
        Sentence { start, end, sentiment: sentiment.into(), intensity }
    }
}

impl From<Label> for LabelV1 {
    fn from(label: Label) -> Self {
        match label {
            Label::Positive => Self::Positive,
            Label::Neutral => Self::Neutral,
            Label::Negative => Self::Negative,
            Label::Mixed => Self::Mixed,
        }
    }
}

impl From<LabelV1> for Label {
    fn from(label: LabelV1) -> Self {
        match label {
            LabelV1::Positive => Self::Positive,
            LabelV1::Neutral => Self::Neutral,
            LabelV1::Negative => Self::Negative,
            LabelV1::Mixed => Self::Mixed,
        }
    }
}

impl From<Warning> for WarningV1 {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::LanguageNotSupported => Self::LanguageNotSupported,
        }
    }
}

impl From<WarningV1> for Warning {
    fn from(warning: WarningV1) -> Self {
        match warning {
            WarningV1::LanguageNotSupported => Self::LanguageNotSupported,
        }
    }
}
