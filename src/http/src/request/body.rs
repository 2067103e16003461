//! Reading of whole bodies, in bounded time and memory.

use super::json;
use crate::admission::body_memory::{BodyMemory, HeldBytes};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Longest body, in bytes.
pub const BODY_BYTES: usize = 2 << 20;
/// Longest batch of reviews in one JSON array, in bytes.
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
            json::parse(&body(&request, payload, BODY_BYTES).await?).map(Json)
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

/// The bound on the memory of all bodies.
pub fn body_memory(request: &HttpRequest) -> Result<BodyMemory, Problem> {
    let memory = request.app_data::<Data<BodyMemory>>().map(|memory| memory.as_ref().clone());
    memory.ok_or_else(|| Problem::internal("the server was started without a `BodyMemory`"))
}

/// A whole body of at most `most` bytes, within [`BODY_TIME`]. Its bytes stay counted until the
/// request is answered: what is parsed from it takes as much memory.
pub async fn body(
    request: &HttpRequest,
    payload: Payload,
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|n| n > most as u64) {
        return Err(too_large(most));
    }
    let mut held = body_memory(request)?.begin();
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

async fn collect(
    mut payload: Payload,
    most: usize,
    held: &mut HeldBytes,
) -> Result<Vec<u8>, Problem> {
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
