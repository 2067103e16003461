//! The fields of a review, each a type that can only hold a good value.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Limits on what a client may send. The OpenAPI document states the same numbers.
pub mod limits {
    /// Longest id of a review or subject, in characters.
    pub const ID_CHARS: usize = 128;
    /// Longest text of a review after trimming, in Unicode code points.
    pub const TEXT_CHARS: usize = 100_000;
    /// Longest title, author, source or metadata value, in Unicode code points.
    pub const FIELD_CHARS: usize = 1_000;
    /// Longest metadata key, in Unicode code points.
    pub const METADATA_KEY_CHARS: usize = 64;
    /// Most metadata pairs of a review.
    pub const METADATA_PAIRS: usize = 32;
    /// Longest language tag, in characters (RFC 5646 section 4.4.1).
    pub const LANGUAGE_CHARS: usize = 35;
    /// Fewest and most stars.
    pub const RATING: std::ops::RangeInclusive<f64> = 1.0..=5.0;
    /// How far in the future a review may claim to be written, in hours. Clocks and time zones
    /// differ; a date further off is a mistake.
    pub const FUTURE_HOURS: i64 = 24;
    /// The alphabet of ids as a regular expression.
    pub const ID_PATTERN: &str = "^[A-Za-z0-9._:~-]{1,128}$";
}

/// Why a value was refused: a sentence for the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FieldError(pub String);

fn check_id(what: &str, value: &str) -> Result<(), FieldError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._:~-".contains(c);
    if value.is_empty() {
        Err(FieldError(format!("{what} is empty; give it 1 to {} characters", limits::ID_CHARS)))
    } else if let Some(bad) = value.chars().find(|c| !allowed(*c)) {
        Err(FieldError(format!(
            "{what} may hold letters A-Z a-z, digits and . _ : ~ - only, not {bad:?}"
        )))
    } else if value.len() > limits::ID_CHARS {
        Err(FieldError(format!(
            "{what} has {} characters; at most {} are allowed",
            value.len(),
            limits::ID_CHARS
        )))
    } else {
        Ok(())
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The characters of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = FieldError;
            fn from_str(value: &str) -> Result<Self, FieldError> {
                check_id($what, value)?;
                Ok(Self(value.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = FieldError;
            fn try_from(value: String) -> Result<Self, FieldError> {
                check_id($what, &value)?;
                Ok(Self(value))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// Name of a review, unique over all subjects: 1 to 128 characters of `[A-Za-z0-9._:~-]`.
    ReviewId,
    "the id"
);
identifier!(
    /// Name of a thing under review: 1 to 128 characters of `[A-Za-z0-9._:~-]`.
    Subject,
    "the subject"
);

impl ReviewId {
    /// A new id that sorts by time of making (UUID version 7).
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }
}

/// Text of a review: 1 to 100 000 Unicode code points, no white space at either end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// The characters of the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text as a client sends it, without the white space at its ends.
    ///
    /// # Errors
    /// Says what is wrong with a text that is empty, too long, or holds nothing that a reader would see.
    /// Reading a stored one does not ask for the last: earlier releases took such texts.
    pub fn from_client(sent: &str) -> Result<Self, FieldError> {
        let text: Self = sent.parse()?;
        if heartstrings_text::has_anything_to_read(text.as_str()) {
            return Ok(text);
        }
        Err(FieldError(
            "the text holds nothing that a reader would see, only characters without width; send \
             words, digits, signs or emoji"
                .into(),
        ))
    }
}

impl FromStr for Text {
    type Err = FieldError;
    fn from_str(value: &str) -> Result<Self, FieldError> {
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return Err(FieldError(
                "the text is empty; a review needs at least one character".into(),
            ));
        }
        let chars = trimmed.chars().count();
        if chars > limits::TEXT_CHARS {
            return Err(FieldError(format!(
                "the text has {chars} characters; at most {} are allowed",
                limits::TEXT_CHARS
            )));
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl TryFrom<String> for Text {
    type Error = FieldError;
    fn try_from(value: String) -> Result<Self, FieldError> {
        value.parse()
    }
}

impl From<Text> for String {
    fn from(value: Text) -> String {
        value.0
    }
}

/// The writer's own stars, 1 to 5; halves and tenths are fine.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rating(f64);

impl Rating {
    /// The stars.
    pub fn stars(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Rating {
    type Error = FieldError;
    fn try_from(value: f64) -> Result<Self, FieldError> {
        if limits::RATING.contains(&value) {
            Ok(Self(value))
        } else {
            Err(FieldError(format!("the rating is {value}; stars go from 1 to 5")))
        }
    }
}

impl From<Rating> for f64 {
    fn from(value: Rating) -> f64 {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_the_alphabet_and_nothing_else() {
        for good in ["a", "imdb:rw3141", "sku~4711_x.y-Z", &"x".repeat(128)] {
            assert_eq!(good.parse::<ReviewId>().unwrap().as_str(), good);
        }
        for bad in ["", "a/b", "a b", "é", "..%2f", "a\0", &"x".repeat(129)] {
            assert!(bad.parse::<ReviewId>().is_err(), "{bad:?} was taken");
            assert!(bad.parse::<Subject>().is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn texts_are_trimmed_and_counted_in_code_points() {
        assert_eq!("  hi\n".parse::<Text>().unwrap().as_str(), "hi");
        assert!("\u{2003}\n".parse::<Text>().is_err());
        assert!("😭".repeat(limits::TEXT_CHARS).parse::<Text>().is_ok());
        assert!("x".repeat(limits::TEXT_CHARS + 1).parse::<Text>().is_err());
    }

    #[test]
    fn ratings_are_one_to_five() {
        for good in [1.0, 4.5, 5.0] {
            assert_eq!(Rating::try_from(good).unwrap().stars(), good);
        }
        for bad in [0.99, 9.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Rating::try_from(bad).is_err(), "{bad} was taken");
        }
    }
}
