//! Bytes that are in people's databases. The files in `golden/` were written by the release that
//! serialised the types of the program themselves; they never change. If a test here fails, a layout
//! has changed: make a new version, keep reading the old one, and leave these files as they are.

use super::entry::IndexedFields;
use super::request::RequestRecord;
use super::{cell as cell_record, chunks, request as request_record, review as review_record};
use crate::conformance::review;
use heartstrings_core::aggregate::{Cell, Contribution};
use heartstrings_core::analysis::{Label, Sentence, Sentiment, Warning};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Fingerprint, Review};
use jiff::Timestamp;

fn plain() -> Review {
    review("golden", "film", 1_700_000_000_000_000, -250_000)
}

/// A review in which every field says something, and no two the same.
fn full() -> Review {
    let mut made = review("full:1", "book~2", -62_135_596_800_000_000, 830_001);
    let time = |micros| Timestamp::from_microsecond(micros).unwrap();
    made.received_at = time(1_700_000_000_000_001);
    made.updated_at = time(1_800_000_000_123_456);
    made.fingerprint = Fingerprint(std::array::from_fn(|n| (n * 17) as u8));
    let content = &mut made.content;
    content.text = "Ce n'est pas mal. \u{1F62D} Really not.".parse().unwrap();
    content.title = None;
    content.rating = Some(1.3.try_into().unwrap());
    content.author = Some("Zo\u{EB}".into());
    content.source = Some("imdb".into());
    content.language = Some("pt-BR".into());
    content.metadata = [("a".to_owned(), String::new()), ("b".to_owned(), "x".repeat(200))].into();
    let analysis = &mut made.analysis;
    analysis.model = "heartstrings-en-1".into();
    analysis.language = "und".into();
    analysis.tokens = 300;
    analysis.windows = 2;
    analysis.sentiment = sentiment(Label::Mixed, 3);
    analysis.emotions.probabilities =
        std::array::from_fn(|n| Fixed::from_micros(n as i32 * 35_001));
    analysis.emotions.present = 0x0abc_def1;
    analysis.affect.valence = Fixed::from_micros(1);
    analysis.affect.arousal = Fixed::from_micros(63);
    analysis.affect.dominance = Fixed::from_micros(64);
    let sentence = |(n, label): (usize, &Label)| Sentence {
        start: n as u32 * 150,
        end: n as u32 * 150 + 149,
        sentiment: sentiment(*label, n as i32),
        intensity: Fixed::from_micros(n as i32 * 7_919),
    };
    analysis.sentences = Label::ALL.iter().enumerate().map(sentence).collect();
    analysis.warnings = vec![Warning::LanguageNotSupported];
    made
}

fn sentiment(label: Label, n: i32) -> Sentiment {
    let fixed = |micros| Fixed::from_micros(micros);
    Sentiment {
        label,
        score: fixed(-1_000_000 + n * 333_333),
        confidence: fixed(900_000 + n),
        negative: fixed(100 * n),
        neutral: fixed(10_000 * n),
        positive: fixed(1_000_000 - 10_100 * n),
    }
}

/// The cell of both, many times over, so that sums of products pass 64 bits.
fn cell() -> Cell {
    let mut cell = Cell::default();
    for review in [plain(), full()] {
        cell.add(&Contribution::of(&review.analysis, review.content.rating));
    }
    for _ in 0..31 {
        cell.merge(&cell.clone());
    }
    cell
}

fn request() -> RequestRecord {
    RequestRecord {
        fingerprint: full().fingerprint,
        id: full().id,
        taken_at: full().received_at.as_microsecond(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn long() -> Review {
    let mut made = full();
    made.content.text = "long ".repeat(1_000).parse().unwrap();
    made
}

/// Bytes of a golden file, which holds them in hexadecimal.
macro_rules! golden {
    ($name:literal) => {
        bytes_of(include_str!(concat!("golden/", $name, ".hex")))
    };
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.trim_end().chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn span() -> (Timestamp, Timestamp) {
    (full().written_at, plain().written_at)
}

#[test]
fn reviews_of_version_1_have_these_bytes() {
    for (review, golden) in
        [(plain(), golden!("review-v1-plain")), (full(), golden!("review-v1-full"))]
    {
        assert_eq!(hex(&review_record::encode(&review).unwrap()), hex(&golden));
        assert_eq!(review_record::decode(review.id.as_str(), &golden).unwrap(), review);
    }
}

#[test]
fn first_chunks_have_these_bytes() {
    let golden = golden!("review-v1-first-chunk");
    let record = review_record::encode(&long()).unwrap();
    let values = chunks::split(&long().id, record.clone()).unwrap();
    assert_eq!(hex(&values[0].1), hex(&golden));
    assert_eq!(chunks::count(&golden), Ok(values.len() as u16 - 1));
    assert_eq!(chunks::beginning(&golden), &record[..chunks::beginning(&golden).len()]);
}

#[test]
fn requests_of_version_1_have_these_bytes() {
    let golden = golden!("request-v1");
    assert_eq!(hex(&request_record::encode(&request()).unwrap()), hex(&golden));
    assert_eq!(request_record::decode(&golden).unwrap(), request());
}

#[test]
fn cells_of_both_versions_have_these_bytes() {
    let both = [(None, golden!("cell-v1")), (Some(span()), golden!("cell-v2"))];
    for (span, golden) in both {
        assert_eq!(hex(&cell_record::encode(&cell(), span).unwrap()), hex(&golden));
        assert_eq!(cell_record::decode(b"c", &golden).unwrap(), (cell(), span));
    }
}

#[test]
fn index_entries_have_these_bytes() {
    let golden = golden!("indexed-fields");
    let fields = IndexedFields::of(&full());
    assert_eq!(hex(&fields.encode().unwrap()), hex(&golden));
    assert_eq!(IndexedFields::decode(&full().id, &golden).unwrap(), fields);
}
