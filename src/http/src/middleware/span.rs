//! The span of a request: what a trace says of it. Its names are OpenTelemetry's for HTTP servers.

use crate::trace_context;
use actix_web::dev::ServiceRequest;
use tracing::Span;
use tracing::field::Empty;

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
        trace_context::continue_trace(&span, request.headers());
    }
    span
}

/// Records how the request was answered.
pub fn finish(span: &Span, method: &str, route: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    // It was begun before its route was known, and a field cannot change its name any more.
    trace_context::rename(span, format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}
