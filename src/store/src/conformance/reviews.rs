//! Reviews for tests.

use heartstrings_core::analysis::{Affect, Analysis, Emotions, Label, Sentiment};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Content, Fingerprint, Review};
use jiff::Timestamp;

/// A review for tests: its time in microseconds, its score in millionths.
pub fn review(id: &str, subject: &str, written_at: i64, score: i32) -> Review {
    let time = Timestamp::from_microsecond(written_at).unwrap();
    let fixed = Fixed::from_micros;
    let mut probabilities = [fixed(10_000); 28];
    probabilities[score.unsigned_abs() as usize % 28] = fixed(700_000);
    Review {
        id: id.parse().unwrap(),
        content: Content {
            subject: subject.parse().unwrap(),
            text: "Good.".parse().unwrap(),
            title: Some("A title".into()),
            rating: Some(4.5.try_into().unwrap()),
            author: None,
            source: Some("test".into()),
            language: None,
            metadata: [("country".to_owned(), "KR".to_owned())].into(),
        },
        written_at: time,
        received_at: time,
        updated_at: time,
        analysis: Analysis {
            model: "test-1".into(),
            language: "en".into(),
            tokens: 2,
            windows: 1,
            sentiment: Sentiment {
                label: if score < 0 { Label::Negative } else { Label::Positive },
                score: fixed(score),
                confidence: fixed(900_000),
                negative: fixed(50_000),
                neutral: fixed(50_000),
                positive: fixed(900_000),
            },
            intensity: fixed(score.abs()),
            emotions: Emotions { probabilities, present: 1 << (score.unsigned_abs() % 28) },
            affect: Affect {
                valence: fixed(500_000),
                arousal: fixed(500_000),
                dominance: fixed(500_000),
            },
            sentences: vec![],
            warnings: vec![],
        },
        fingerprint: Fingerprint([7; 16]),
    }
}

/// The same review with another text.
pub fn with_text(mut review: Review, text: String) -> Review {
    review.content.text = text.parse().unwrap();
    review
}
