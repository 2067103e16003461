//! Ids for reviews that have none.
//!
//! An id is made from everything that a row says, so the same row is the same review, in whichever
//! format and however often it comes. The rule must never change: with another one a file that was
//! imported before would be stored twice.

use heartstrings_core::review::{ReviewDraft, ReviewId};
use sha2::{Digest, Sha256};

/// The id of a draft without one: `row-` and 32 hexadecimal digits.
pub fn of_content(draft: &ReviewDraft) -> String {
    let mut digest = Sha256::new();
    digest.update(b"heartstrings import 1\n");
    let rating = draft.rating.map(|rating| rating.to_string());
    let fields = [
        Some(draft.subject.as_str()),
        Some(draft.text.as_str()),
        draft.title.as_deref(),
        rating.as_deref(),
        draft.author.as_deref(),
        draft.source.as_deref(),
        draft.language.as_deref(),
        draft.written_at.as_deref(),
    ];
    let pairs = draft.metadata.iter().flat_map(|(key, value)| [Some(key.as_str()), Some(value)]);
    for field in fields.into_iter().chain(pairs) {
        // The length goes first, so that no two lists of fields have the same bytes.
        let text = field.unwrap_or_default();
        digest.update(format!("{}{}:", if field.is_some() { "+" } else { "-" }, text.len()));
        digest.update(text);
    }
    format!("row-{}", hex(&digest.finalize()[..16]))
}

/// An id of the file, made into one that is allowed: as it stands, or `id-` and 32 hexadecimal
/// digits of its SHA-256.
pub fn of_name(name: &str) -> String {
    match name.parse::<ReviewId>() {
        Ok(id) => id.into(),
        Err(_) => format!("id-{}", hex(&Sha256::digest(name)[..16])),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ReviewDraft {
        ReviewDraft {
            subject: "film".into(),
            text: "Good.".into(),
            rating: Some(4.5),
            written_at: Some("2013-02-01T00:00:00Z".into()),
            ..ReviewDraft::default()
        }
    }

    #[test]
    fn the_rule_never_changes() {
        assert_eq!(of_content(&draft()), "row-576451bc0b71a8c289984f83e2cfd354");
    }

    #[test]
    fn every_field_counts() {
        let mut ids = vec![of_content(&draft())];
        let changes: [fn(&mut ReviewDraft); 9] = [
            |draft| draft.subject = "other".into(),
            |draft| draft.text = "Bad.".into(),
            |draft| draft.title = Some(String::new()),
            |draft| draft.rating = None,
            |draft| draft.author = Some("x".into()),
            |draft| draft.source = Some("x".into()),
            |draft| draft.language = Some("x".into()),
            |draft| draft.written_at = None,
            |draft| draft.metadata = [("a".to_owned(), "b".to_owned())].into(),
        ];
        for change in changes {
            let mut other = draft();
            change(&mut other);
            ids.push(of_content(&other));
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 10);
    }

    #[test]
    fn an_id_of_the_file_is_taken_as_it_is_if_it_can_be() {
        assert_eq!(of_name("imdb:rw3141"), "imdb:rw3141");
        let made = of_name("reviews/1");
        assert!(made.parse::<ReviewId>().is_ok() && made != of_name("reviews/2"), "{made}");
    }
}
