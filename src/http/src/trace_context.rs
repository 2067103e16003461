//! What only a collector of traces needs of a request's span: the trace of the client, and a name that
//! is known late. Without the feature `traces` both do nothing.

#[cfg(feature = "traces")]
pub use with_collector::{continue_trace, rename};
#[cfg(not(feature = "traces"))]
pub use without_collector::{continue_trace, rename};

#[cfg(feature = "traces")]
mod with_collector {
    use actix_web::http::header::HeaderMap;
    use opentelemetry::propagation::Extractor;
    use opentelemetry::trace::TraceContextExt;
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    /// Makes a span part of the trace that the header `traceparent` names, if there is one.
    pub fn continue_trace(span: &Span, headers: &HeaderMap) {
        let headers = Headers(headers);
        let parent = opentelemetry::global::get_text_map_propagator(|form| form.extract(&headers));
        // It fails only where no collector takes the span.
        let _ = span.set_parent(parent);
    }

    /// Gives a span another name.
    pub fn rename(span: &Span, name: String) {
        span.context().span().update_name(name);
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
}

#[cfg(not(feature = "traces"))]
mod without_collector {
    use actix_web::http::header::HeaderMap;
    use tracing::Span;

    /// Nothing to do: no collector takes the span.
    pub fn continue_trace(_: &Span, _: &HeaderMap) {}

    /// Nothing to do: no collector takes the span.
    pub fn rename(_: &Span, _: String) {}
}
