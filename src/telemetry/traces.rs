//! Sends spans to a collector, by OTLP over http. Without the feature `traces` no collector can be started.

#[cfg(feature = "traces")]
pub use with_collector::Collector;
#[cfg(not(feature = "traces"))]
pub use without_collector::Collector;

#[cfg(feature = "traces")]
mod with_collector {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use std::time::Duration;
    use tracing::Subscriber;
    use tracing_subscriber::Layer;
    use tracing_subscriber::registry::LookupSpan;

    /// Longest wait for a collector that does not answer.
    const EXPORT_TIME: Duration = Duration::from_secs(5);

    /// The connection to a collector. Spans are sent some seconds after they end, from a thread of its
    /// own; when it is dropped, the rest is sent.
    pub struct Collector(SdkTracerProvider);

    impl Collector {
        /// Prepares the export to a collector, which need not run yet.
        ///
        /// # Errors
        /// When the endpoint cannot be one.
        pub fn start(endpoint: &str) -> Result<Self, String> {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(format!("{endpoint}/v1/traces"))
                .with_timeout(EXPORT_TIME)
                .build()
                .map_err(|error| format!("traces cannot be sent to {endpoint}: {error}"))?;
            let version =
                opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
            let resource = Resource::builder()
                .with_service_name("heartstrings")
                .with_attribute(version)
                .build();
            let provider = SdkTracerProvider::builder()
                .with_resource(resource)
                .with_batch_exporter(exporter)
                .build();
            opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
            Ok(Self(provider))
        }

        /// Takes the spans of this process.
        pub fn layer<S>(&self) -> impl Layer<S> + use<S>
        where
            S: Subscriber + for<'a> LookupSpan<'a>,
        {
            tracing_opentelemetry::layer()
                .with_tracer(self.0.tracer("heartstrings"))
                .with_location(false)
                .with_threads(false)
        }
    }

    impl Drop for Collector {
        fn drop(&mut self) {
            if let Err(error) = self.0.shutdown() {
                tracing::warn!(%error, "the last traces were not sent");
            }
        }
    }
}

#[cfg(not(feature = "traces"))]
mod without_collector {
    use tracing_subscriber::layer::Identity;

    /// Cannot exist.
    pub enum Collector {}

    impl Collector {
        /// Fails.
        ///
        /// # Errors
        /// Always: this binary was built without traces.
        pub fn start(endpoint: &str) -> Result<Self, String> {
            Err(format!("traces cannot be sent to {endpoint}: this binary was built without them"))
        }

        /// Takes nothing.
        pub fn layer(&self) -> Identity {
            match *self {}
        }
    }
}
