//! Whatever a review, cell or request holds reads back the same.

use super::entry::IndexedFields;
use super::request::RequestRecord;
use super::{cell as cell_record, request as request_record, review as review_record};
use crate::conformance::review;
use heartstrings_core::aggregate::{Cell, Contribution};
use heartstrings_core::analysis::{Label, Sentence, Sentiment, Warning};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Fingerprint, Review};
use jiff::Timestamp;
use proptest::prelude::*;

fn fixed() -> impl Strategy<Value = Fixed> {
    any::<i32>().prop_map(Fixed::from_micros)
}

fn time() -> impl Strategy<Value = Timestamp> {
    let (least, most) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    (least..=most).prop_map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

fn sentiment() -> impl Strategy<Value = Sentiment> {
    let numbers = (fixed(), fixed(), fixed(), fixed(), fixed());
    (0..4_usize, numbers).prop_map(|(label, (score, confidence, negative, neutral, positive))| {
        Sentiment { label: Label::ALL[label], score, confidence, negative, neutral, positive }
    })
}

fn sentence() -> impl Strategy<Value = Sentence> {
    (any::<u32>(), any::<u32>(), sentiment(), fixed()).prop_map(
        |(start, end, sentiment, intensity)| Sentence { start, end, sentiment, intensity },
    )
}

fn any_review() -> impl Strategy<Value = Review> {
    let field = || proptest::option::of(".{0,20}");
    let names = ("[A-Za-z0-9._:~-]{1,128}", "[A-Za-z0-9._:~-]{1,128}", "x.{0,300}y");
    let said = (field(), proptest::option::of(1.0..=5.0), field(), field(), field());
    let metadata = proptest::collection::btree_map(".{0,9}", ".{0,20}", 0..5);
    let times = (time(), time(), time(), any::<[u8; 16]>());
    let analysis = (
        (".{0,20}", ".{0,9}", any::<u32>(), any::<u32>(), sentiment(), fixed()),
        (proptest::collection::vec(fixed(), 28), any::<u32>(), fixed(), fixed(), fixed()),
        proptest::collection::vec(sentence(), 0..4),
        any::<bool>(),
    );
    (names, said, metadata, times, analysis).prop_map(
        |(
            (id, subject, text),
            said,
            metadata,
            times,
            (text_of, emotions, sentences, is_foreign),
        )| {
            let mut made = review(&id, &subject, 0, 1);
            let content = &mut made.content;
            content.text = text.parse().unwrap();
            content.title = said.0;
            content.rating = said.1.map(|stars: f64| stars.try_into().unwrap());
            content.author = said.2;
            content.source = said.3;
            content.language = said.4;
            content.metadata = metadata;
            (made.written_at, made.received_at, made.updated_at) = (times.0, times.1, times.2);
            made.fingerprint = Fingerprint(times.3);
            let analysis = &mut made.analysis;
            (analysis.model, analysis.language) = (text_of.0, text_of.1);
            (analysis.tokens, analysis.windows) = (text_of.2, text_of.3);
            (analysis.sentiment, analysis.intensity) = (text_of.4, text_of.5);
            analysis.emotions.probabilities.copy_from_slice(&emotions.0);
            analysis.emotions.present = emotions.1;
            analysis.affect.valence = emotions.2;
            analysis.affect.arousal = emotions.3;
            analysis.affect.dominance = emotions.4;
            analysis.sentences = sentences;
            analysis.warnings = vec![Warning::LanguageNotSupported; is_foreign.into()];
            made
        },
    )
}

proptest! {
    #[test]
    fn any_review_reads_back_the_same(review in any_review()) {
        let bytes = review_record::encode(&review).unwrap();
        prop_assert_eq!(&review_record::decode(review.id.as_str(), &bytes).unwrap(), &review);
        let fields = IndexedFields::of(&review);
        let bytes = fields.encode().unwrap();
        prop_assert_eq!(IndexedFields::decode(&review.id, &bytes).unwrap(), fields);
    }

    #[test]
    fn any_cell_reads_back_the_same(
        reviews in proptest::collection::vec(any_review(), 1..5), doublings in 0..20,
    ) {
        let mut cell = Cell::default();
        for review in &reviews {
            cell.add(&Contribution::of(&review.analysis, review.content.rating));
        }
        // Sums of products pass 64 bits.
        let mut wide = cell.clone();
        (0..doublings).for_each(|_| wide.merge(&wide.clone()));
        let span = Some((reviews[0].written_at, reviews[0].updated_at));
        for cell in [cell, wide] {
            for span in [span, None] {
                let bytes = cell_record::encode(&cell, span).unwrap();
                prop_assert_eq!(cell_record::decode(b"c", &bytes).unwrap(), (cell.clone(), span));
            }
        }
    }

    #[test]
    fn any_request_reads_back_the_same(review in any_review(), taken_at in any::<i64>()) {
        let request = RequestRecord { fingerprint: review.fingerprint, id: review.id, taken_at };
        let bytes = request_record::encode(&request).unwrap();
        prop_assert_eq!(request_record::decode(&bytes).unwrap(), request);
    }
}
