//! What the model says of a text, as clients see it.

use heartstrings_core::analysis::{
    Affect, Analysis, EMOTIONS, Label, Sentence, Sentiment, Warning,
};
use heartstrings_core::fixed::Fixed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    sentiment: SentimentView,
    /// How strongly the writer expresses emotion, whatever the polarity: 0 is calm.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.78)]
    intensity: Fixed,
    /// The emotions over their threshold, strongest first. Their probabilities are independent.
    #[schema(max_items = 28)]
    emotions: Vec<EmotionView>,
    /// Valence, arousal and dominance.
    affect: AffectView,
    /// The sentences in text order, each scored in its context; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sentences: Option<Vec<SentenceView>>,
    /// What a reader of the numbers should know. `language_not_supported`: the text is surely in
    /// a language that the model was not trained on; aggregates leave it out.
    #[schema(inline, example = json!([]))]
    warnings: Vec<WarningView>,
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
    sentiment: SentimentView,
    /// Its intensity.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.41)]
    intensity: Fixed,
}

/// How positive or negative a text is.
#[derive(Serialize, ToSchema)]
#[schema(as = Sentiment)]
pub struct SentimentView {
    /// The verdict in one word. It has the sign of the score; a neutral text's score is at most a
    /// third from zero.
    label: LabelView,
    /// Expected stars rescaled to -1 (one star) … 1 (five stars).
    #[schema(value_type = f64, minimum = -1, maximum = 1, example = 0.83)]
    score: Fixed,
    /// Calibrated probability of the class that is the label. Of `mixed`, how sure it is that the
    /// text has both sides: that one sentence has them, or the product for the two sentences that
    /// praise and blame most.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.94)]
    confidence: Fixed,
    /// Probability of one or two stars.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.03)]
    negative: Fixed,
    /// Probability of three stars: factual or lukewarm.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.05)]
    neutral: Fixed,
    /// Probability of four or five stars. The three sum to exactly one.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.92)]
    positive: Fixed,
}

/// The verdict on a text in one word.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Label)]
pub enum LabelView {
    /// Mostly praise.
    Positive,
    /// Facts, or neither here nor there.
    Neutral,
    /// Mostly complaint.
    Negative,
    /// Strong praise and strong complaint in the same text.
    Mixed,
}

/// The three dimensions of affect, each 0 to 1, after EmoBank's 1 to 5
/// (Buechel and Hahn 2017, <https://aclanthology.org/E17-2092>).
#[derive(Serialize, ToSchema)]
#[schema(as = Affect)]
pub struct AffectView {
    /// Displeasure to pleasure.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.66)]
    valence: Fixed,
    /// Calm to excited.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.71)]
    arousal: Fixed,
    /// Being controlled to being in control.
    #[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.52)]
    dominance: Fixed,
}

/// What a reader of an analysis should know.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Warning)]
pub enum WarningView {
    /// The text is surely in a language that the model was not trained on. It was scored, but it
    /// stays out of aggregates.
    LanguageNotSupported,
}

impl From<Sentence> for SentenceView {
    fn from(sentence: Sentence) -> Self {
        let Sentence { start, end, sentiment, intensity } = sentence;
        Self { start, end, sentiment: sentiment.into(), intensity }
    }
}

impl From<Sentiment> for SentimentView {
    fn from(sentiment: Sentiment) -> Self {
        let Sentiment { label, score, confidence, negative, neutral, positive } = sentiment;
        Self { label: label.into(), score, confidence, negative, neutral, positive }
    }
}

impl From<Label> for LabelView {
    fn from(label: Label) -> Self {
        match label {
            Label::Positive => Self::Positive,
            Label::Neutral => Self::Neutral,
            Label::Negative => Self::Negative,
            Label::Mixed => Self::Mixed,
        }
    }
}

impl From<LabelView> for Label {
    fn from(label: LabelView) -> Self {
        match label {
            LabelView::Positive => Self::Positive,
            LabelView::Neutral => Self::Neutral,
            LabelView::Negative => Self::Negative,
            LabelView::Mixed => Self::Mixed,
        }
    }
}

impl From<Affect> for AffectView {
    fn from(affect: Affect) -> Self {
        let Affect { valence, arousal, dominance } = affect;
        Self { valence, arousal, dominance }
    }
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::LanguageNotSupported => Self::LanguageNotSupported,
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
            sentiment: analysis.sentiment.into(),
            intensity: analysis.intensity,
            affect: analysis.affect.into(),
            warnings: analysis.warnings.into_iter().map(WarningView::from).collect(),
        }
    }
}
