//! From a client's words to a [`NewReview`], with every mistake named at once.

use super::fields::{FieldError, Rating, Text, limits};
use super::html;
use super::{Content, NewReview};
use heartstrings_text::language::parse_tag;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the field, e.g. `/metadata/country`.
    pub pointer: String,
    /// A sentence on what is wrong and what would be right.
    pub detail: String,
}

/// A review as a client writes it, before its fields are checked. Only `subject` and `text` are
/// required.
#[derive(Clone, Debug, Default)]
pub struct ReviewDraft {
    /// Name of the thing under review.
    pub subject: String,
    /// The review itself: 1 to 100 000 characters after white space at both ends is removed.
    pub text: String,
    /// Name for the review, unique over all subjects; made by the service (a UUIDv7) when absent.
    pub id: Option<String>,
    /// Headline; stored, not scored.
    pub title: Option<String>,
    /// The writer's own stars.
    pub rating: Option<f64>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// Language of the text (BCP 47). Detected when absent or `und`; a client that states one is
    /// believed.
    pub language: Option<String>,
    /// When it was written (RFC 3339). The time of receipt when absent; at most a day in the
    /// future.
    pub written_at: Option<String>,
    /// How to read `text`; `plain` when absent.
    pub format: Format,
    /// Anything else to keep with it: at most 32 pairs, keys of 1 to 64 and values of at most
    /// 1 000 characters.
    pub metadata: BTreeMap<String, String>,
}

/// How to read the text of a draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As it stands.
    #[default]
    Plain,
    /// As a page or a piece of one, whose plain text is what is scored and stored. As sent, with
    /// its tags, it has at most 100 000 characters too.
    Html,
}

impl ReviewDraft {
    /// Checks every field and gives either a review or all that is wrong with it.
    ///
    /// `now` is the time of receipt, against which `written_at` is checked.
    pub fn check(self, now: Timestamp) -> Result<NewReview, Vec<Violation>> {
        let mut found = Violations::default();
        let id = self.id.and_then(|id| found.take("/id", id.parse()));
        let subject = found.take("/subject", self.subject.parse());
        let text = found.take(
            "/text",
            match self.format {
                Format::Plain => Text::from_client(&self.text),
                Format::Html => parse_html(&self.text),
            },
        );
        let rating = self.rating.and_then(|stars| found.take("/rating", Rating::try_from(stars)));
        let title = found.short("/title", self.title);
        let author = found.short("/author", self.author);
        let source = found.short("/source", self.source);
        let language =
            self.language.and_then(|tag| found.take("/language", check_language(&tag))?);
        let written_at =
            self.written_at.and_then(|time| found.take("/written_at", check_time(&time, now)));
        found.metadata(&self.metadata);
        match (subject, text, found.0.is_empty()) {
            (Some(subject), Some(text), true) => Ok(NewReview {
                id,
                content: Content {
                    subject,
                    text,
                    title,
                    rating,
                    author,
                    source,
                    language,
                    metadata: self.metadata,
                },
                written_at,
            }),
            _ => Err(found.0),
        }
    }
}

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Violation { pointer: pointer.into(), detail: detail.into() });
    }

    fn take<T>(&mut self, pointer: &str, value: Result<T, FieldError>) -> Option<T> {
        value.map_err(|error| self.add(pointer, error.0)).ok()
    }

    fn short(&mut self, pointer: &str, value: Option<String>) -> Option<String> {
        let value = value?;
        self.take(pointer, check_length(&value, limits::FIELD_CHARS))?;
        Some(value)
    }

    fn metadata(&mut self, pairs: &BTreeMap<String, String>) {
        if pairs.len() > limits::METADATA_PAIRS {
            let detail = format!(
                "metadata holds {} pairs; at most {} are allowed",
                pairs.len(),
                limits::METADATA_PAIRS
            );
            self.add("/metadata", detail);
        }
        for (key, value) in pairs {
            let pointer = format!("/metadata/{}", key.replace('~', "~0").replace('/', "~1"));
            if key.is_empty() {
                self.add("/metadata", "a metadata key is empty; give it a name");
            }
            if key.chars().count() > limits::METADATA_KEY_CHARS {
                let most = limits::METADATA_KEY_CHARS;
                self.add(&pointer, format!("a metadata key has at most {most} characters"));
            }
            self.take(&pointer, check_length(value, limits::FIELD_CHARS));
        }
    }
}

/// The plain text of a page. The page itself is bounded before it is read.
fn parse_html(page: &str) -> Result<Text, FieldError> {
    check_length(page, limits::TEXT_CHARS)?;
    Text::from_client(&html::to_text(page))
}

fn check_length(value: &str, most: usize) -> Result<(), FieldError> {
    let chars = value.chars().count();
    if chars > most {
        return Err(FieldError(format!(
            "{chars} characters are too many; at most {most} are allowed"
        )));
    }
    Ok(())
}

/// Reads the tag of a language; nothing for `und`, which asks for detection.
fn check_language(tag: &str) -> Result<Option<String>, FieldError> {
    if tag.len() > limits::LANGUAGE_CHARS {
        let most = limits::LANGUAGE_CHARS;
        return Err(FieldError(format!(
            "a language tag has at most {most} characters; write it like en or pt-BR"
        )));
    }
    parse_tag(tag).map_err(|error| FieldError(error.to_string()))
}

fn check_time(time: &str, now: Timestamp) -> Result<Timestamp, FieldError> {
    let parsed: Timestamp = time.parse().map_err(|_| {
        FieldError(format!("{time:?} is not an RFC 3339 time; write it like 2013-02-01T00:00:00Z"))
    })?;
    // Years below 1 sort wrongly in dates written as text and no review is that old.
    let earliest = Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::UNIX_EPOCH);
    if parsed < earliest {
        return Err(FieldError(format!("{time} lies before the year 1")));
    }
    match now.checked_add(SignedDuration::from_hours(limits::FUTURE_HOURS)) {
        Ok(latest) if parsed > latest => Err(FieldError(format!(
            "{time} lies more than a day in the future; send the time of writing"
        ))),
        // Kept to the microsecond.
        _ => Ok(Timestamp::from_microsecond(parsed.as_microsecond()).unwrap_or(parsed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2024-02-01T12:00:00Z".parse().unwrap()
    }

    fn draft() -> ReviewDraft {
        ReviewDraft { subject: "film".into(), text: " Good. ".into(), ..Default::default() }
    }

    #[test]
    fn a_good_draft_becomes_a_review() {
        let review = draft().check(now()).unwrap();
        assert_eq!(review.content.text.as_str(), "Good.");
        assert_eq!(review.id, None);
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let bad = ReviewDraft {
            subject: "a b".into(),
            text: "  ".into(),
            id: Some("/".into()),
            rating: Some(9.0),
            language: Some("english!".into()),
            written_at: Some("2024-02-03T00:00:00Z".into()),
            title: Some("x".repeat(1001)),
            metadata: [("a/b".to_owned(), "y".repeat(1001))].into(),
            ..Default::default()
        };
        let mut pointers: Vec<_> =
            bad.check(now()).unwrap_err().into_iter().map(|v| v.pointer).collect();
        pointers.sort();
        assert_eq!(
            pointers,
            [
                "/id",
                "/language",
                "/metadata/a~1b",
                "/rating",
                "/subject",
                "/text",
                "/title",
                "/written_at"
            ]
        );
    }

    #[test]
    fn the_fingerprint_is_of_what_the_client_said() {
        let one = draft().check(now()).unwrap();
        let mut named = draft();
        named.id = Some("x".into());
        let named = named.check(now()).unwrap();
        assert_eq!(one.fingerprint(), named.fingerprint());
        let mut other = draft();
        other.text = "Bad.".into();
        assert_ne!(one.fingerprint(), other.check(now()).unwrap().fingerprint());
    }

    #[test]
    fn a_page_and_its_plain_text_are_the_same_review() {
        let plain = draft().check(now()).unwrap();
        let page = |text: &str| {
            ReviewDraft { text: text.into(), format: Format::Html, ..draft() }.check(now())
        };
        let same = page("<p>Good<!-- really -->.</p>").unwrap();
        assert_eq!(same.content.text.as_str(), "Good.");
        assert_eq!(same.fingerprint(), plain.fingerprint());
        for nothing in ["<p></p>", "<script>Good.</script>", "&nbsp;"] {
            assert_eq!(page(nothing).unwrap_err()[0].pointer, "/text", "{nothing}");
        }
        let tags = "<b></b>".repeat(20_000) + "Good.";
        assert!(page(&tags).unwrap_err()[0].detail.contains("140005 characters"));
    }

    #[test]
    fn language_tags_are_checked() {
        for (written, tag) in
            [("EN", Some("en")), ("pt-BR", Some("pt-BR")), ("eng", Some("en")), ("und", None)]
        {
            assert_eq!(check_language(written).unwrap().as_deref(), tag, "{written}");
        }
        for bad in ["", "e", "en_US", "-en", "en-", "123", "xx", "klingon", &"en-x".repeat(9)] {
            assert!(check_language(bad).is_err(), "{bad:?} was taken");
        }
        assert!(check_language("en_US").unwrap_err().0.contains("\"en-US\""));
    }

    #[test]
    fn a_text_without_anything_to_read_is_as_empty() {
        for nothing in ["\u{200b}", "\u{feff} \u{200d}", "\u{0}\u{7}", "\u{301}\u{301}", "\u{ad}"] {
            for format in [Format::Plain, Format::Html] {
                let review = ReviewDraft { text: nothing.into(), format, ..draft() };
                let found = review.check(now()).unwrap_err();
                assert_eq!(found[0].pointer, "/text", "{nothing:?}");
            }
            // Databases of earlier releases may hold such texts.
            assert!(nothing.parse::<Text>().is_ok(), "{nothing:?}");
        }
    }
}
