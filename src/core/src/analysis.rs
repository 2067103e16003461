//! What the model says of a text: plain data, no input or output.
//!
//! All numbers are [`Fixed`]: rounded to a millionth when they leave the model.

use crate::fixed::Fixed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The 27 emotions of GoEmotions in the order of its `labels.txt`, then neutral
/// (Demszky et al. 2020, <https://aclanthology.org/2020.acl-main.372>).
pub const EMOTIONS: [&str; 28] = [
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
];

/// What the model says of one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// Id of the model that made it, e.g. `heartstrings-en-1`.
    pub model: String,
    /// Language of the text as a BCP 47 tag: what the client said, else what was detected;
    /// `und` when nothing is certain.
    pub language: String,
    /// Word pieces of the text, without the special tokens that frame each window.
    pub tokens: u32,
    /// Windows the text was read in; never zero.
    pub windows: u32,
    /// Negative, neutral, positive.
    pub sentiment: Sentiment,
    /// How strongly the writer expresses emotion, 0 (calm) to 1, whatever the polarity.
    pub intensity: Fixed,
    /// Probability of each emotion, in the order of [`EMOTIONS`].
    pub emotions: Emotions,
    /// Valence, arousal and dominance.
    pub affect: Affect,
    /// The sentences in text order. They cover all letters of the text.
    pub sentences: Vec<Sentence>,
    /// What a reader of the numbers should know.
    pub warnings: Vec<Warning>,
}

impl Analysis {
    /// Whether the analysis counts in aggregates. A text surely in a language that the model was
    /// not trained on does not.
    pub fn is_aggregated(&self) -> bool {
        !self.warnings.contains(&Warning::LanguageNotSupported)
    }

    /// The same analysis of a text that has `chars` more code points before its first.
    pub fn moved(mut self, chars: u32) -> Self {
        for sentence in &mut self.sentences {
            sentence.start += chars;
            sentence.end += chars;
        }
        self
    }
}

/// How positive or negative a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentiment {
    /// The verdict in one word. It has the sign of the score; a neutral text's score is at most a
    /// third from zero.
    pub label: Label,
    /// Expected stars rescaled to -1 (one star) … 1 (five stars).
    pub score: Fixed,
    /// Calibrated probability of the class that is the label. Of `mixed`, how sure it is that the
    /// text has both sides: that one sentence has them, or the product for the two sentences that
    /// praise and blame most.
    pub confidence: Fixed,
    /// Probability of one or two stars.
    pub negative: Fixed,
    /// Probability of three stars: factual or lukewarm.
    pub neutral: Fixed,
    /// Probability of four or five stars. The three sum to exactly one.
    pub positive: Fixed,
}

/// The verdict on a text in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Mostly praise.
    Positive,
    /// Facts, or neither here nor there.
    Neutral,
    /// Mostly complaint.
    Negative,
    /// Strong praise and strong complaint in the same text.
    Mixed,
}

impl Label {
    /// All labels, in the order in which aggregate cells count them.
    pub const ALL: [Label; 4] = [Label::Positive, Label::Neutral, Label::Negative, Label::Mixed];

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Positive => "positive",
            Label::Neutral => "neutral",
            Label::Negative => "negative",
            Label::Mixed => "mixed",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Probabilities of all emotions, and which of them the model holds to be present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emotions {
    /// Probability of each emotion in the order of [`EMOTIONS`]; independent of each other.
    pub probabilities: [Fixed; EMOTIONS.len()],
    /// Bit `i` is set when emotion `i` was at or over the model's threshold for it. Kept because
    /// a later model has other thresholds.
    pub present: u32,
}

impl Emotions {
    /// The emotions over their threshold as (index into [`EMOTIONS`], probability), strongest
    /// first.
    pub fn listed(&self) -> Vec<(usize, Fixed)> {
        let mut listed: Vec<_> = (0..EMOTIONS.len())
            .filter(|i| self.is_present(*i))
            .map(|i| (i, self.probabilities[i]))
            .collect();
        listed.sort_by_key(|&(index, probability)| (std::cmp::Reverse(probability), index));
        listed
    }

    /// Whether emotion `index` was at or over its threshold.
    pub fn is_present(&self, index: usize) -> bool {
        self.present & (1 << index) != 0
    }
}

/// The three dimensions of affect, each 0 to 1, after EmoBank's 1 to 5
/// (Buechel and Hahn 2017, <https://aclanthology.org/E17-2092>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affect {
    /// Displeasure to pleasure.
    pub valence: Fixed,
    /// Calm to excited.
    pub arousal: Fixed,
    /// Being controlled to being in control.
    pub dominance: Fixed,
}

/// One sentence of a text, scored in its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Offset of its first character, counted in Unicode code points.
    pub start: u32,
    /// Offset just past its last character.
    pub end: u32,
    /// Its sentiment. A sentence is never labelled mixed.
    pub sentiment: Sentiment,
    /// Its intensity, 0 to 1.
    pub intensity: Fixed,
}

/// What a reader of an analysis should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The text is surely in a language that the model was not trained on. It was scored, but it
    /// stays out of aggregates.
    LanguageNotSupported,
}
