//! Reviews that nobody wrote, and a scorer that reads nothing.

use async_trait::async_trait;
use heartstrings_core::analysis::{
    Affect, Analysis, EMOTIONS, Emotions, Label, Sentence, Sentiment,
};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Content, NewReview, Text};
use heartstrings_inference::Card;
use heartstrings_scoring::{Priority, Scorer, ScoringError, Statistics};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The subject that has a sixth of all reviews.
pub const LARGE: &str = "large";
/// The subject that has a sixth of the first [`STEADY_PAST`] reviews and no other, all in [`YEAR`]: the same
/// however large the database is.
pub const STEADY: &str = "steady";
const STEADY_PAST: u64 = 10_000;
/// The year that time lines and summaries are asked for, by its first day and the one after its last.
pub const YEAR: [&str; 2] = ["2024-01-01", "2025-01-01"];
/// The source of all reviews.
pub const SOURCE: &str = "bench";
/// Subjects that share the others.
const SUBJECTS: u64 = 100_000;
/// `written_at` of the earliest review: 2023-01-01. They spread over three years.
const FIRST: i64 = 1_672_531_200;
const SECONDS: u64 = 3 * 365 * DAY;
const DAY: u64 = 86_400;

/// The emotion that one review in [`RARE`] shows.
pub const RARE_EMOTION: usize = EMOTIONS.len() - 1;
/// One review in so many shows it.
const RARE: u64 = 1_000;

/// When the reviews were written, as a part of their time in millionths.
pub fn time(millionths: u64) -> Timestamp {
    let second = FIRST + (SECONDS * millionths / 1_000_000) as i64;
    Timestamp::from_second(second).expect("a time of these years")
}

/// A number from 0 to just below `bound` that depends on `seed` alone (SplitMix64).
pub fn hash(seed: u64, bound: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % bound
}

/// Subject of a review.
pub fn subject(number: u64) -> String {
    match number % 6 {
        0 => LARGE.to_owned(),
        3 if number < STEADY_PAST => STEADY.to_owned(),
        _ => format!("subject-{}", hash(number, SUBJECTS)),
    }
}

/// The subject of a review among the first so many that is neither the large nor the steady one.
pub fn small(seed: u64, reviews: u64) -> String {
    subject(6 * hash(seed, reviews / 6) + 1)
}

/// `written_at` of a review.
fn written_at(number: u64) -> i64 {
    let seed = number ^ 1 << 40;
    let (first, seconds) =
        if subject(number) == STEADY { (365 * DAY, 366 * DAY) } else { (0, SECONDS) };
    FIRST + (first + hash(seed, seconds)) as i64
}

/// Id of a review.
pub fn id(number: u64) -> String {
    format!("review-{number}")
}

/// A review of about 600 bytes.
pub fn review(number: u64) -> NewReview {
    let mut text = format!("{number}");
    while text.len() < 600 {
        let word = hash(number ^ text.len() as u64, 26_u64.pow(5));
        let letters =
            (0..3 + word % 6).map(|place| (b'a' + (word >> (place * 3) & 15) as u8) as char);
        text.push(' ');
        text.extend(letters);
    }
    NewReview {
        id: Some(id(number).parse().expect("a good id")),
        content: Content {
            subject: subject(number).parse().expect("a good subject"),
            text: text.parse().expect("a good text"),
            title: None,
            rating: None,
            author: None,
            source: Some(SOURCE.into()),
            language: Some("en".into()),
            metadata: BTreeMap::new(),
        },
        written_at: Timestamp::from_second(written_at(number)).ok(),
    }
}

/// Gives every text numbers that depend on it alone, at once.
pub struct Instant {
    card: Card,
}

impl Instant {
    pub fn new() -> Self {
        Self {
            card: Card {
                id: "bench".into(),
                revision: "0".repeat(64),
                languages: vec!["en".into()],
                window_tokens: 256,
                emotion_thresholds: vec![0.5; EMOTIONS.len()],
                precision: "none".into(),
                device: String::new(),
                accuracy: serde_json::Map::new(),
            },
        }
    }
}

/// One of the common emotions, and now and then the rare one.
fn present(seed: u64) -> u32 {
    let is_rare = u32::from(hash(seed + 38, RARE) == 0);
    1 << hash(seed + 34, RARE_EMOTION as u64) | is_rare << RARE_EMOTION
}

#[async_trait]
impl Scorer for Instant {
    async fn score(
        &self,
        text: &Text,
        _: Option<&str>,
        _: Priority,
    ) -> Result<Analysis, ScoringError> {
        let number = text.as_str().split(' ').next().and_then(|word| word.parse().ok());
        let seed = number.unwrap_or(0_u64) << 8;
        let part = |place: u64| Fixed::from_micros(hash(seed + place, 1_000_001) as i32);
        let score = Fixed::from_micros(hash(seed, 2_000_001) as i32 - 1_000_000);
        let sentiment = Sentiment {
            label: Label::ALL[hash(seed + 1, 4) as usize],
            score,
            confidence: part(2),
            negative: Fixed::ZERO,
            neutral: Fixed::ZERO,
            positive: Fixed::ONE,
        };
        let probabilities = std::array::from_fn(|index| part(3 + index as u64));
        let sentence = |place: u32| Sentence {
            start: place * 100,
            end: place * 100 + 99,
            sentiment,
            intensity: part(40 + u64::from(place)),
        };
        Ok(Analysis {
            model: self.card.id.clone(),
            language: "en".into(),
            tokens: 140,
            windows: 1,
            sentiment,
            intensity: part(33),
            emotions: Emotions { probabilities, present: present(seed) },
            affect: Affect { valence: part(35), arousal: part(36), dominance: part(37) },
            sentences: (0..6).map(sentence).collect(),
            warnings: vec![],
        })
    }

    fn card(&self) -> &Card {
        &self.card
    }

    fn statistics(&self) -> Statistics {
        Statistics::default()
    }

    async fn close(&self) {}
}
