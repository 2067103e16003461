//! The span of a request: what a trace says of it. Its names are OpenTelemetry's for HTTP servers.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// A span for a request, part of the client's trace when it sends a `traceparent`. It costs
/// nothing while traces go nowhere.
pub fn of(request: &ServiceRequest, id: &str) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
        otel.status_code = Empty,
        request_id = id,
    );
    if !span.is_disabled() {
        let headers = Headers(request.headers());
        let parent = opentelemetry::global::get_text_map_propagator(|form| form.extract(&headers));
        // It fails only when nothing collects the span.
        let _ = span.set_parent(parent);
    }
    span
}

/// Records how the request was answered.
pub fn finish(span: &Span, method: &str, route: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    // It was begun before its route was known, and a field cannot change its name any more.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
