//! Every request gets an id, a line in the log, and an answer even when a handler panics.

use super::span;
use crate::admission::authenticated::Authenticated;
use crate::metrics::Metrics;
use crate::request_id;
use crate::response::problem::Problem;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// Header that carries the request id both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// Runs a request under its id, logs and counts it: method, route, status, the name of the
/// key and the time, never the query, the body or the key itself.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = take_over(&request).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    request_id::scope(id.clone(), run(request, next, id)).await
}

async fn run(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    id: String,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let method = request.method().clone();
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let span = span::of(&request, &id);
    let _in_flight = metrics.as_ref().map(|metrics| metrics.begin());
    let note = |route: &str, status: u16, key: Option<String>| {
        let milliseconds = milliseconds_since(started);
        span::finish(&span, method.as_str(), route, status);
        tracing::info!(request_id = id, %method, route, status, key, milliseconds, "request");
        if let Some(metrics) = &metrics {
            metrics.observe(&method, route, status, started.elapsed());
        }
    };
    // The call itself may panic, not only its future. No clone of the request may be held
    // meanwhile: the router wants it for itself.
    let answer = AssertUnwindSafe(async { next.call(request).await }).catch_unwind();
    let outcome = answer.instrument(span.clone()).await;
    let mut response = match outcome {
        Ok(Ok(mut response)) => {
            add_id(response.headers_mut(), &id);
            let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".into());
            let authenticated = response.request().extensions().get::<Authenticated>().cloned();
            note(
                &route,
                response.status().as_u16(),
                authenticated.map(|key| key.0.name.to_string()),
            );
            return Ok(response);
        }
        Ok(Err(error)) => error.error_response(),
        Err(_) => Problem::internal("a handler panicked").error_response(),
    };
    add_id(response.headers_mut(), &id);
    note("failed", response.status().as_u16(), None);
    Err(InternalError::from_response("the request failed", response).into())
}

fn add_id(headers: &mut HeaderMap, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
}

/// The id that the client sent, when it is short and plain enough for a log line.
fn take_over(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:~".contains(c);
    (!id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(plain)).then(|| id.to_owned())
}

/// Milliseconds since `started`, rounded to a tenth.
fn milliseconds_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e4).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpServer, web};

    async fn panics() -> &'static str {
        panic!("a text was cut within a character: heartfelt")
    }

    /// Over a real connection, which must live on.
    #[tokio::test]
    async fn a_handler_that_panics_is_answered_with_a_problem_that_tells_nothing() {
        let app = || App::new().route("/", web::get().to(panics)).wrap(from_fn(middleware));
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        let client = reqwest::Client::new();
        for _ in 0..2 {
            let answer = client.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 500);
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = answer.text().await.unwrap();
            assert!(body.contains("/problems/internal-error") && body.contains(&id), "{body}");
            assert!(!body.contains("heartfelt"), "{body}");
        }
        handle.stop(false).await;
        running.await.unwrap().unwrap();
    }
}
