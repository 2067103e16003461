//! The format as a whole: golden bytes, and every review comes back as it was written.

use super::*;
use heartstrings_core::analysis::{
    Affect, Analysis, EMOTIONS, Emotions, Label, Sentence, Sentiment, Warning,
};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Content, Fingerprint, Rating, Review};
use jiff::Timestamp;
use proptest::prelude::*;

/// A backup as version 1 of the format has always been written.
const GOLDEN: &[u8] = include_bytes!("../../../../tests/golden/backup-v1.ndjson");
const LEFT_OUT: &str =
    "the store failed: the record of \"gone\" is damaged: its checksum does not match";

fn sentiment(label: Label, micros: i32) -> Sentiment {
    Sentiment {
        label,
        score: Fixed::from_micros(micros),
        confidence: Fixed::from_micros(940_000),
        negative: Fixed::from_micros(30_000),
        neutral: Fixed::from_micros(30_001),
        positive: Fixed::from_micros(939_999),
    }
}

fn golden_review(id: &str, label: Label) -> Review {
    let mut probabilities = [Fixed::ZERO; EMOTIONS.len()];
    for (index, probability) in probabilities.iter_mut().enumerate() {
        *probability = Fixed::from_micros(index as i32 * 37_037);
    }
    Review {
        id: id.parse().unwrap(),
        content: Content {
            subject: "sku:4711".parse().unwrap(),
            text: "I love it. \u{1F62D} \"Really\"\n\\ \u{7f}\u{2028}end".parse().unwrap(),
            title: None,
            rating: None,
            author: None,
            source: None,
            language: None,
            metadata: Default::default(),
        },
        written_at: "1999-12-31T23:59:59.999999Z".parse().unwrap(),
        received_at: "2024-02-29T12:00:00Z".parse().unwrap(),
        updated_at: "2024-02-29T12:00:00.5Z".parse().unwrap(),
        analysis: Analysis {
            model: "heartstrings-en-1".into(),
            language: "en".into(),
            tokens: 17,
            windows: 1,
            sentiment: sentiment(label, -123_456),
            intensity: Fixed::from_micros(788_294),
            emotions: Emotions { probabilities, present: 0b1011 },
            affect: Affect {
                valence: Fixed::from_micros(1),
                arousal: Fixed::ONE,
                dominance: Fixed::from_micros(515_146),
            },
            sentences: Vec::new(),
            warnings: Vec::new(),
        },
        fingerprint: Fingerprint([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]),
    }
}

/// Every label, and every optional field both there and not.
fn golden_reviews() -> Vec<Review> {
    let mut full = golden_review("full:1", Label::Positive);
    full.content.title = Some("Ein Titel".into());
    full.content.rating = Some(Rating::try_from(4.5).unwrap());
    full.content.author = Some(String::new());
    full.content.source = Some("shop".into());
    full.content.language = Some("pt-BR".into());
    full.content.metadata =
        [("country", "KR"), ("emoji", "\u{1F62D}")].map(|(k, v)| (k.into(), v.into())).into();
    full.analysis.warnings = vec![Warning::LanguageNotSupported];
    full.analysis.sentences = vec![
        Sentence {
            start: 0,
            end: 10,
            sentiment: sentiment(Label::Positive, 1_000_000),
            intensity: Fixed::ZERO,
        },
        Sentence {
            start: 11,
            end: 27,
            sentiment: sentiment(Label::Negative, -1_000_000),
            intensity: Fixed::from_micros(500_000),
        },
    ];
    let mut whole_stars = golden_review("stars", Label::Mixed);
    whole_stars.content.rating = Some(Rating::try_from(5.0).unwrap());
    vec![
        full,
        golden_review("plain-1", Label::Neutral),
        golden_review("plain-2", Label::Negative),
        whole_stars,
    ]
}

/// The golden reviews with one left out, as this release writes them.
fn written(reviews: &[Review], left_out: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::begin(&mut out).unwrap();
    reviews.iter().for_each(|review| writer.add(review).unwrap());
    left_out.iter().for_each(|why| writer.leave_out((*why).into()));
    let told = writer.finish().unwrap();
    assert_eq!((told.reviews, told.damaged.len()), (reviews.len() as u64, left_out.len()));
    out
}

/// The reviews of a backup, and what it says of itself.
fn read_back(mut backup: &[u8]) -> Result<(Vec<Review>, Written), FormatError> {
    let mut reviews = Vec::new();
    let written = read(&mut backup, |review| {
        reviews.push(review);
        Ok::<(), FormatError>(())
    })?;
    Ok((reviews, written))
}

#[test]
fn version_1_is_written_to_the_same_bytes_as_ever() {
    let found = written(&golden_reviews(), &[LEFT_OUT]);
    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(GOLDEN));
}

#[test]
fn version_1_is_read() {
    let (reviews, written) = read_back(GOLDEN).unwrap();
    assert_eq!(reviews, golden_reviews());
    assert_eq!(written, Written { reviews: 4, damaged: vec![LEFT_OUT.into()] });
}

/// Lines that a careless reader would take.
#[test]
fn a_line_that_no_review_can_be_is_named_by_its_number() {
    let golden = String::from_utf8(GOLDEN.to_vec()).unwrap();
    for (good, bad) in [
        ("\"rating\":4.5", "\"rating\":5.5"),
        ("\"subject\":\"sku:4711\"", "\"subject\":\"sku 4711\""),
        ("\"id\":\"full:1\"", "\"id\":\"\""),
        ("\"text\":\"I love", "\"texts\":\"I love"),
        ("1999-12-31T", "1999-13-31T"),
        ("\"label\":\"positive\"", "\"label\":\"splendid\""),
    ] {
        let changed = golden.replacen(good, bad, 1);
        assert_ne!(changed, golden);
        let error = read_back(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("this is not a whole backup: line 2: "), "{error}");
    }
}

fn times() -> impl Strategy<Value = Timestamp> {
    // From the year 1 to the last one, to the microsecond, which is what the store keeps.
    (-62_135_596_800_000_000..253_402_200_000_000_000_i64)
        .prop_map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

fn numbers() -> impl Strategy<Value = Fixed> {
    prop_oneof![-1_000_000..=1_000_000, any::<i32>()].prop_map(Fixed::from_micros)
}

fn sentiments() -> impl Strategy<Value = Sentiment> {
    let label = prop::sample::select(Label::ALL.to_vec());
    let numbers = (numbers(), numbers(), numbers(), numbers(), numbers());
    (label, numbers).prop_map(|(label, (score, confidence, negative, neutral, positive))| {
        Sentiment { label, score, confidence, negative, neutral, positive }
    })
}

fn analyses() -> impl Strategy<Value = Analysis> {
    let sentence = (any::<u32>(), any::<u32>(), sentiments(), numbers()).prop_map(
        |(start, end, sentiment, intensity)| Sentence { start, end, sentiment, intensity },
    );
    let affect = (numbers(), numbers(), numbers())
        .prop_map(|(valence, arousal, dominance)| Affect { valence, arousal, dominance });
    let emotions = (prop::collection::vec(numbers(), EMOTIONS.len()), any::<u32>()).prop_map(
        |(probabilities, present)| Emotions {
            probabilities: probabilities.try_into().unwrap(),
            present,
        },
    );
    (
        ("\\PC{0,20}", "[a-z]{2}", any::<u32>(), any::<u32>()),
        (sentiments(), numbers(), emotions, affect),
        (prop::collection::vec(sentence, 0..3), any::<bool>()),
    )
        .prop_map(|(texts, numbers, (sentences, is_foreign))| Analysis {
            model: texts.0,
            language: texts.1,
            tokens: texts.2,
            windows: texts.3,
            sentiment: numbers.0,
            intensity: numbers.1,
            emotions: numbers.2,
            affect: numbers.3,
            sentences,
            warnings: is_foreign.then_some(Warning::LanguageNotSupported).into_iter().collect(),
        })
}

fn contents() -> impl Strategy<Value = Content> {
    let short = || prop::option::of("\\PC{0,9}|[\n\r\t\0\"\\\\ ]{0,5}");
    let rating = prop::option::of(
        (100..=500_u16).prop_map(|n| Rating::try_from(f64::from(n) / 100.0).unwrap()),
    );
    let metadata = prop::collection::btree_map("\\PC{1,5}", "\\PC{0,9}", 0..4);
    (
        ("[A-Za-z0-9._:~-]{1,20}", "[a-zA-Z\"\\\\\u{1F62D}](\\PC|[\n\t]){0,40}[.!]"),
        (short(), rating, short(), short(), short(), metadata),
    )
        .prop_map(|((subject, text), rest)| Content {
            subject: subject.parse().unwrap(),
            text: text.parse().unwrap(),
            title: rest.0,
            rating: rest.1,
            author: rest.2,
            source: rest.3,
            language: rest.4,
            metadata: rest.5,
        })
}

fn reviews() -> impl Strategy<Value = Review> {
    let id = "[A-Za-z0-9._:~-]{1,20}";
    (id, contents(), (times(), times(), times()), analyses(), any::<[u8; 16]>()).prop_map(
        |(id, content, times, analysis, fingerprint)| Review {
            id: id.parse().unwrap(),
            content,
            written_at: times.0,
            received_at: times.1,
            updated_at: times.2,
            analysis,
            fingerprint: Fingerprint(fingerprint),
        },
    )
}

proptest! {
    #[test]
    fn every_review_comes_back_as_it_was(reviews in prop::collection::vec(reviews(), 0..4)) {
        let (found, told) = read_back(&written(&reviews, &[])).unwrap();
        prop_assert_eq!(&found, &reviews);
        prop_assert_eq!(told, Written { reviews: reviews.len() as u64, damaged: vec![] });
    }

    #[test]
    fn a_byte_that_was_changed_or_cut_off_is_noticed(
        at in any::<prop::sample::Index>(), change in 1..=255_u8, is_cut in any::<bool>(),
    ) {
        let mut backup = GOLDEN.to_vec();
        // The line end after the foot says nothing.
        let at = at.index(backup.len() - 1);
        if is_cut {
            backup.truncate(at);
        } else {
            backup[at] ^= change;
        }
        prop_assert!(read_back(&backup).is_err());
    }
}
