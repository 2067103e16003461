//! The fingerprint of a request is stored with its review. If it changed, a client that repeats a request
//! after an update of the service would be told that the id belongs to another review.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use heartstrings_core::review::{Content, NewReview, Rating};

/// SHA-256 of `["content", "written_at"]` as JSON, its first 16 bytes, computed by another program.
const PLAIN: &str = "ff0834f436b48ec4251d22a4a4c22fd1";
const FULL: &str = "4f1029b7ebcb7542cac8aaadb9aebcd6";

fn content(subject: &str, text: &str) -> Content {
    Content {
        subject: subject.parse().unwrap(),
        text: text.parse().unwrap(),
        title: None,
        rating: None,
        author: None,
        source: None,
        language: None,
        metadata: Default::default(),
    }
}

fn fingerprint(review: &NewReview) -> String {
    review.fingerprint().0.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn fingerprints_stay_as_they_were_stored() {
    let plain = NewReview { id: None, content: content("film", "Good."), written_at: None };
    assert_eq!(fingerprint(&plain), PLAIN);
    let content = Content {
        title: Some("Ein Titel".into()),
        rating: Some(Rating::try_from(4.5).unwrap()),
        author: Some("minji".into()),
        source: Some("shop".into()),
        language: Some("pt-BR".into()),
        metadata: [("country", "KR"), ("emoji", "\u{1F62D}")]
            .map(|(key, value)| (key.into(), value.into()))
            .into(),
        ..content("sku:4711", "I love it. \u{1F62D} \"Really\"\n\\end")
    };
    let written_at = Some("1999-12-31T23:59:59.999999Z".parse().unwrap());
    assert_eq!(fingerprint(&NewReview { id: None, content, written_at }), FULL);
}
