//! Extractors: what a client sent, checked, or a problem that says where it is wrong.

use super::bodies::{Bodies, Held};
use super::gate::Gate;
use super::problem::{Kind, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use heartstrings_core::review::Violation;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

/// Most bytes of a body.
pub const BODY_BYTES: usize = 2 << 20;
/// Most bytes of a batch of reviews in one JSON array.
pub const BATCH_BYTES: usize = 16 << 20;
/// Time in which a body must arrive.
pub const BODY_TIME: Duration = Duration::from_secs(30);

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let kind = media_type(&request)?;
            if kind != "application/json" {
                return Err(Problem::new(
                    Kind::UnsupportedMediaType,
                    format!("the Content-Type must be application/json ({kind})"),
                ));
            }
            parse(&body(&request, payload, BODY_BYTES).await?).map(Json)
        })
    }
}

/// The media type of a body, in lower case and without parameters. Compressed bodies are refused.
pub fn media_type(request: &HttpRequest) -> Result<String, Problem> {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|e| e != "identity") {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "compressed bodies are not read; send the body without Content-Encoding",
        ));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    Ok(if essence.is_empty() { "none was given".into() } else { essence.to_ascii_lowercase() })
}

/// The memory for bodies.
pub fn bodies(request: &HttpRequest) -> Result<Bodies, Problem> {
    let gate = request.app_data::<Data<Gate>>().map(|gate| gate.bodies.clone());
    gate.ok_or_else(|| Problem::internal("the server was put together wrongly"))
}

/// A whole body of at most `most` bytes, within [`BODY_TIME`]. It counts as held until the request
/// is answered: what is read from it takes as much memory.
pub async fn body(
    request: &HttpRequest,
    payload: Payload,
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|n| n > most as u64) {
        return Err(too_large(most));
    }
    let mut held = bodies(request)?.begin();
    let body = tokio::time::timeout(BODY_TIME, collect(payload, most, &mut held)).await;
    let body = body.map_err(|_| {
        let seconds = BODY_TIME.as_secs();
        let detail = format!("the body did not arrive within {seconds} s; send it again");
        Problem::new(Kind::Timeout, detail)
    })??;
    request.extensions_mut().insert(held);
    Ok(body)
}

fn too_large(most: usize) -> Problem {
    let most = most >> 20;
    Problem::new(Kind::TooLarge, format!("the body is larger than {most} MiB; send less at once"))
}

async fn collect(mut payload: Payload, most: usize, held: &mut Held) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Kind::Malformed, format!("the body broke off: {error}; send it again"))
        })?;
        if body.len() + chunk.len() > most {
            return Err(too_large(most));
        }
        held.grow(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

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
fn pointer(path: &serde_path_to_error::Path) -> String {
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
fn with_field(path: String, message: &str) -> String {
    let named = ["unknown field `", "missing field `", "duplicate field `"];
    let field = named.iter().find_map(|words| message.strip_prefix(words)?.split('`').next());
    match field {
        Some(field) if !path.ends_with(&format!("/{field}")) => format!("{path}/{field}"),
        _ => path,
    }
}

/// Query parameters. Unknown ones are refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = serde_urlencoded::Deserializer::new(query_pairs(request));
        let read = serde_path_to_error::deserialize(pairs).map_err(|error| {
            let message = error.inner().to_string();
            let path = with_field(pointer(error.path()), &message);
            Problem::invalid_value(format!("/query{path}"), message)
        });
        ready(read.map(Query))
    }
}

/// The query's parameters one by one, for those that may come more than once.
pub fn query_pairs(request: &HttpRequest) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(request.query_string().as_bytes())
}

/// A part of the path, or of the query, that must be a `T`.
pub fn parameter<T: FromStr>(place: &str, name: &str, value: &str) -> Result<T, Violation>
where
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| Violation {
        pointer: format!("/{place}/{name}"),
        detail: error.to_string(),
    })
}

/// A part of the path that must be a `T`.
pub fn path<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Problem>
where
    T::Err: std::fmt::Display,
{
    let value = request.match_info().query(name);
    parameter("path", name, value).map_err(|violation| Problem::invalid(vec![violation]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_core::review::ReviewDraft;
    use proptest::prelude::*;

    /// What comes of a body: a review, or a problem that a client can read.
    fn read(body: &[u8]) -> Result<(), TestCaseError> {
        match parse::<ReviewDraft>(body).map(|draft| draft.check(heartstrings_service::now())) {
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
