//! Between the lines of version 1 and the types that the service works with, both ways.

use super::{
    AffectV1, AnalysisV1, ContentV1, EmotionsV1, LabelV1, Millionths, ReviewLine, SentenceV1,
    SentimentV1, WarningV1,
};
use heartstrings_core::analysis::{self, Affect, Analysis, Emotions, Sentence, Sentiment};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Content, Fingerprint, Rating, Review};
use std::borrow::Cow;

impl From<Fixed> for Millionths {
    fn from(value: Fixed) -> Self {
        Self(value.micros())
    }
}

impl From<Millionths> for Fixed {
    fn from(value: Millionths) -> Self {
        Fixed::from_micros(value.0)
    }
}

impl<'a> From<&'a Review> for ReviewLine<'a> {
    fn from(review: &'a Review) -> Self {
        Self {
            id: review.id.as_str().into(),
            content: (&review.content).into(),
            written_at: review.written_at.to_string(),
            received_at: review.received_at.to_string(),
            updated_at: review.updated_at.to_string(),
            analysis: (&review.analysis).into(),
            fingerprint: review.fingerprint.0,
        }
    }
}

impl TryFrom<ReviewLine<'_>> for Review {
    /// A sentence about the field that cannot be used.
    type Error = String;

    fn try_from(line: ReviewLine<'_>) -> Result<Self, String> {
        let time = |text: &str| text.parse().map_err(|error| format!("{text:?}: {error}"));
        Ok(Self {
            id: line.id.parse().map_err(|error| format!("{error}"))?,
            content: line.content.try_into()?,
            written_at: time(&line.written_at)?,
            received_at: time(&line.received_at)?,
            updated_at: time(&line.updated_at)?,
            analysis: line.analysis.into(),
            fingerprint: Fingerprint(line.fingerprint),
        })
    }
}

impl<'a> From<&'a Content> for ContentV1<'a> {
    fn from(content: &'a Content) -> Self {
        let pairs = content.metadata.iter();
        Self {
            subject: content.subject.as_str().into(),
            text: content.text.as_str().into(),
            title: content.title.as_deref().map(Cow::from),
            rating: content.rating.map(Rating::stars),
            author: content.author.as_deref().map(Cow::from),
            source: content.source.as_deref().map(Cow::from),
            language: content.language.as_deref().map(Cow::from),
            metadata: pairs.map(|(key, value)| (Cow::from(key), Cow::from(value))).collect(),
        }
    }
}

impl TryFrom<ContentV1<'_>> for Content {
    type Error = String;

    fn try_from(content: ContentV1<'_>) -> Result<Self, String> {
        let pairs = content.metadata.into_iter();
        Ok(Self {
            subject: content.subject.parse().map_err(|error| format!("{error}"))?,
            text: content.text.parse().map_err(|error| format!("{error}"))?,
            title: content.title.map(Cow::into_owned),
            rating: content
                .rating
                .map(Rating::try_from)
                .transpose()
                .map_err(|error| error.to_string())?,
            author: content.author.map(Cow::into_owned),
            source: content.source.map(Cow::into_owned),
            language: content.language.map(Cow::into_owned),
            metadata: pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect(),
        })
    }
}

impl<'a> From<&'a Analysis> for AnalysisV1<'a> {
    fn from(analysis: &'a Analysis) -> Self {
        Self {
            model: analysis.model.as_str().into(),
            language: analysis.language.as_str().into(),
            tokens: analysis.tokens,
            windows: analysis.windows,
            sentiment: analysis.sentiment.into(),
            intensity: analysis.intensity.into(),
            emotions: EmotionsV1 {
                probabilities: analysis.emotions.probabilities.map(Millionths::from),
                present: analysis.emotions.present,
            },
            affect: AffectV1 {
                valence: analysis.affect.valence.into(),
                arousal: analysis.affect.arousal.into(),
                dominance: analysis.affect.dominance.into(),
            },
            sentences: analysis.sentences.iter().map(|sentence| (*sentence).into()).collect(),
            warnings: analysis.warnings.iter().map(|warning| (*warning).into()).collect(),
        }
    }
}

impl From<AnalysisV1<'_>> for Analysis {
    fn from(analysis: AnalysisV1<'_>) -> Self {
        Self {
            model: analysis.model.into_owned(),
            language: analysis.language.into_owned(),
            tokens: analysis.tokens,
            windows: analysis.windows,
            sentiment: analysis.sentiment.into(),
            intensity: analysis.intensity.into(),
            emotions: Emotions {
                probabilities: analysis.emotions.probabilities.map(Fixed::from),
                present: analysis.emotions.present,
            },
            affect: Affect {
                valence: analysis.affect.valence.into(),
                arousal: analysis.affect.arousal.into(),
                dominance: analysis.affect.dominance.into(),
            },
            sentences: analysis.sentences.into_iter().map(Sentence::from).collect(),
            warnings: analysis.warnings.into_iter().map(analysis::Warning::from).collect(),
        }
    }
}

impl From<Sentiment> for SentimentV1 {
    fn from(sentiment: Sentiment) -> Self {
        Self {
            label: sentiment.label.into(),
            score: sentiment.score.into(),
            confidence: sentiment.confidence.into(),
            negative: sentiment.negative.into(),
            neutral: sentiment.neutral.into(),
            positive: sentiment.positive.into(),
        }
    }
}

impl From<SentimentV1> for Sentiment {
    fn from(sentiment: SentimentV1) -> Self {
        Self {
            label: sentiment.label.into(),
            score: sentiment.score.into(),
            confidence: sentiment.confidence.into(),
            negative: sentiment.negative.into(),
            neutral: sentiment.neutral.into(),
            positive: sentiment.positive.into(),
        }
    }
}

impl From<Sentence> for SentenceV1 {
    fn from(sentence: Sentence) -> Self {
        Self {
            start: sentence.start,
            end: sentence.end,
            sentiment: sentence.sentiment.into(),
            intensity: sentence.intensity.into(),
        }
    }
}

impl From<SentenceV1> for Sentence {
    fn from(sentence: SentenceV1) -> Self {
        Self {
            start: sentence.start,
            end: sentence.end,
            sentiment: sentence.sentiment.into(),
            intensity: sentence.intensity.into(),
        }
    }
}

impl From<analysis::Label> for LabelV1 {
    fn from(label: analysis::Label) -> Self {
        match label {
            analysis::Label::Positive => Self::Positive,
            analysis::Label::Neutral => Self::Neutral,
            analysis::Label::Negative => Self::Negative,
            analysis::Label::Mixed => Self::Mixed,
        }
    }
}

impl From<LabelV1> for analysis::Label {
    fn from(label: LabelV1) -> Self {
        match label {
            LabelV1::Positive => Self::Positive,
            LabelV1::Neutral => Self::Neutral,
            LabelV1::Negative => Self::Negative,
            LabelV1::Mixed => Self::Mixed,
        }
    }
}

impl From<analysis::Warning> for WarningV1 {
    fn from(warning: analysis::Warning) -> Self {
        match warning {
            analysis::Warning::LanguageNotSupported => Self::LanguageNotSupported,
        }
    }
}

impl From<WarningV1> for analysis::Warning {
    fn from(warning: WarningV1) -> Self {
        match warning {
            WarningV1::LanguageNotSupported => Self::LanguageNotSupported,
        }
    }
}
