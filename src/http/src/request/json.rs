//! From bytes to values: problems that say where a value is wrong.

use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// Reads JSON: 400 for what is not JSON, 422 with a pointer for what has wrong types or fields.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let place = error.valid_up_to();
        Problem::new(Kind::Malformed, format!("the body is not UTF-8 from byte {place} on"))
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    // A wrong value may come before a syntax error; the latter says more about the request.
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Problem::new(Kind::Malformed, format!("the body is not JSON: {error}")))?;
    read.map_err(|error| {
        // What is JSON and still a syntax error is nested deeper than anything we ask for.
        if error.inner().is_syntax() {
            return Problem::new(Kind::Malformed, format!("the body: {}", error.inner()));
        }
        let path = pointer(error.path());
        let message = error.inner().to_string();
        // "… at line 1 column 9" says no more than the pointer.
        let message = message.split(" at line ").next().unwrap_or_default();
        Problem::invalid_value(with_field(path, message), message)
    })
}

/// Reads JSON that is a value already: 422 for what has wrong types or fields.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        Problem::invalid_value(with_field(pointer(error.path()), &message), message)
    })
}

/// A path as a JSON pointer.
pub fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            _ => String::new(),
        })
        .collect()
}

/// serde blames the object for an unknown or missing field; the reader wants the field.
pub fn with_field(path: String, message: &str) -> String {
    let named = ["unknown field `", "missing field `", "duplicate field `"];
    let field = named.iter().find_map(|words| message.strip_prefix(words)?.split('`').next());
    match field {
        Some(field) if !path.ends_with(&format!("/{field}")) => format!("{path}/{field}"),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::draft::ReviewBody;
    use heartstrings_core::review::ReviewDraft;
    use proptest::prelude::*;

    /// What comes of a body: a review, or a problem that a client can read.
    fn read(body: &[u8]) -> Result<(), TestCaseError> {
        match parse::<ReviewBody>(body)
            .map(|body| ReviewDraft::from(body).check(heartstrings_service::now()))
        {
            Ok(Ok(review)) => prop_assert!(!review.content.text.as_str().is_empty()),
            Ok(Err(violations)) => prop_assert!(!violations.is_empty()),
            Err(problem) => prop_assert!(!problem.to_string().is_empty()),
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn fuzz_random_bodies(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&body)?;
        }

        #[test]
        fn fuzz_changed_bodies(
            text in any::<String>(),
            format in "plain|html|PDF",
            time in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,12}(Z|[+-][0-9:]{0,5})",
            rating in any::<f64>(),
            places in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4),
        ) {
            let body = serde_json::json!({
                "subject": "film", "text": text, "format": format, "written_at": time,
                "rating": rating, "metadata": {"a/b": "~"}, "language": "en-GB",
            });
            let mut body = body.to_string().into_bytes();
            for (place, byte) in places {
                let place = usize::from(place) % body.len();
                body[place] = byte;
            }
            read(&body)?;
        }
    }

    #[test]
    fn fuzz_time_of_bodies() {
        let units = "([\\[\\]{}:,\"\\\\ae1 .-]|\"a\":|\\\\u00e9|\\PC){1,6}";
        let review = serde_json::json!({"subject": "film", "text": "x"}).to_string();
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            // As a body, as a value that should be a text, and as a text.
            let body = serde_json::json!({"subject": "film", "text": text}).to_string();
            for body in [text, &review.replace("\"x\"", text), &body] {
                read(body.as_bytes()).unwrap();
            }
        });
    }
}
