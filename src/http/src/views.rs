//! Reviews and analyses as clients see them.

use heartstrings_core::analysis::{Affect, Analysis, EMOTIONS, Sentence, Sentiment, Warning};
use heartstrings_core::fixed::Fixed;
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
    #[schema(schema_with = heartstrings_core::review::metadata_schema)]
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

/// What the model says of a text.
#[derive(Serialize, ToSchema)]
#[schema(as = Analysis)]
pub struct AnalysisView {
    /// Id of the model that made it.
    #[schema(example = "heartstrings-en-1")]
    model: String,
    /// Language of the text (BCP 47): what the client stated, else what was detected; `und` when
    /// nothing is certain.
    #[schema(example = "en")]
    language: String,
    /// Word pieces that the model read: all of the text, however long it is.
    #[schema(minimum = 0, example = 412)]
    tokens: u32,
    /// Windows of whole sentences that it was read in.
    #[schema(minimum = 1, example = 2)]
    windows: u32,
    /// Negative, neutral, positive.
    sentiment: Sentiment,
    /// How strongly the writer expresses emotion, whatever the polarity: 0 is calm.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.78)]
    intensity: Fixed,
    /// The emotions over their threshold, strongest first. Their probabilities are independent.
    #[schema(max_items = 28)]
    emotions: Vec<EmotionView>,
    /// Valence, arousal and dominance.
    affect: Affect,
    /// The sentences in text order, each scored in its context; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sentences: Option<Vec<SentenceView>>,
    /// What a reader of the numbers should know. `language_not_supported`: the text is surely in
    /// a language that the model was not trained on; aggregates leave it out.
    #[schema(inline, example = json!([]))]
    warnings: Vec<Warning>,
}

/// An emotion that a text shows.
#[derive(Serialize, ToSchema)]
#[schema(as = Emotion)]
pub struct EmotionView {
    /// One of the 27 emotions of GoEmotions, or neutral.
    #[schema(example = "sadness")]
    label: &'static str,
    /// How probable it is.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.71)]
    probability: Fixed,
}

/// A sentence of a text.
#[derive(Serialize, ToSchema)]
#[schema(as = Sentence)]
pub struct SentenceView {
    /// Offset of its first character, in Unicode code points.
    #[schema(minimum = 0, example = 0)]
    start: u32,
    /// Offset just past its last character.
    #[schema(minimum = 1, example = 61)]
    end: u32,
    /// Its sentiment; never mixed.
    sentiment: Sentiment,
    /// Its intensity.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.41)]
    intensity: Fixed,
}

impl From<Sentence> for SentenceView {
    fn from(sentence: Sentence) -> Self {
        let Sentence { start, end, sentiment, intensity } = sentence;
        Self { start, end, sentiment, intensity }
    }
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

impl AnalysisView {
    /// An analysis, with its sentences or without.
    pub fn new(analysis: Analysis, sentences: bool) -> Self {
        let emotions = analysis.emotions.listed().into_iter();
        let all = analysis.sentences.iter().copied().map(SentenceView::from);
        Self {
            emotions: emotions
                .map(|(index, probability)| EmotionView { label: EMOTIONS[index], probability })
                .collect(),
            sentences: sentences.then(|| all.collect()),
            model: analysis.model,
            language: analysis.language,
            tokens: analysis.tokens,
            windows: analysis.windows,
            sentiment: analysis.sentiment,
            intensity: analysis.intensity,
            affect: analysis.affect,
            warnings: analysis.warnings,
        }
    }
}

/// An analysis as the API shows it.
pub fn analysis_json(analysis: Analysis, sentences: bool) -> serde_json::Value {
    // A struct of strings and numbers always serializes.
    serde_json::to_value(AnalysisView::new(analysis, sentences)).unwrap_or_default()
}
