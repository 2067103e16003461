//! What the service says about itself: logs on standard error, and traces for a collector. Texts
//! of reviews are in neither.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, FilterFn, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Longest wait for a collector that does not answer.
const EXPORT_TIME: Duration = Duration::from_secs(5);

/// What is logged and traced, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Whether the log is JSON, a line an event.
    pub json: bool,
    /// A level or a filter such as `heartstrings=debug`; one that cannot be read becomes `info`.
    pub filter: String,
    /// Collector that gets the traces, by OTLP over http; none when absent.
    pub otlp_endpoint: Option<String>,
}

impl LogOptions {
    /// For commands that speak for themselves: warnings only, and no traces.
    pub fn warnings(json: bool) -> Self {
        Self { json, filter: "warn".into(), otlp_endpoint: None }
    }
}

/// Keeps the way to the collector open. When it is dropped, what was not sent yet is sent.
#[must_use = "traces end when it is dropped"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts logs and traces for the whole process. A second call changes nothing.
///
/// # Errors
/// When traces are wanted and the endpoint cannot be one.
pub fn init(options: &LogOptions) -> Result<Telemetry, String> {
    let (subscriber, traces) = subscriber(options)?;
    if subscriber.try_init().is_err() {
        tracing::debug!("logging was started before");
    }
    std::panic::set_hook(Box::new(|info| tracing::error!("{}", describe(info))));
    Ok(Telemetry { traces })
}

/// What takes in all events and spans, and what sends the spans to a collector.
fn subscriber(
    options: &LogOptions,
) -> Result<(impl Subscriber + Send + Sync, Option<SdkTracerProvider>), String> {
    let filter = EnvFilter::try_new(&options.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let form = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr);
    let form = if options.json { form.json().boxed() } else { form.boxed() };
    // Spans are for the collector; a line of the log is complete by itself.
    let log =
        form.with_filter(filter.and(only(|metadata| metadata.is_event() && !quotes(metadata))));
    let traces = options.otlp_endpoint.as_deref().map(provider).transpose()?;
    let spans = traces.as_ref().map(|provider| {
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        let ours = Targets::new().with_target("heartstrings", LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("heartstrings"))
            .with_location(false)
            .with_threads(false)
            .with_filter(ours.and(only(|metadata| metadata.is_span())))
    });
    Ok((tracing_subscriber::registry().with(log).with(spans), traces))
}

/// Lets through what is of one sort, of all levels. That it says so is what keeps the most detailed level that anybody
/// wants known: the tokenizer has a message for every character, which must cost nothing when nobody reads it.
fn only(is_wanted: fn(&Metadata<'_>) -> bool) -> FilterFn {
    filter_fn(is_wanted).with_max_level_hint(LevelFilter::TRACE)
}

/// Whether a message may quote a text. At the level trace others say what they have at hand: the tokenizer each
/// character, the store the bytes of what is written.
fn quotes(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::TRACE && !metadata.target().starts_with("heartstrings")
}

/// Where a panic happened. Its message is left out: one about a piece of a text quotes the text.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
    let thread = std::thread::current().name().unwrap_or("without a name").to_owned();
    let backtrace = Backtrace::capture();
    let frames = match backtrace.status() {
        BacktraceStatus::Captured => format!("\n{backtrace}"),
        _ => " (RUST_BACKTRACE=1 shows how it came there)".into(),
    };
    format!("a panic at {place} in thread {thread}{frames}")
}

/// What sends spans to a collector, some seconds after they end and from a thread of its own.
fn provider(endpoint: &str) -> Result<SdkTracerProvider, String> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_timeout(EXPORT_TIME)
        .build()
        .map_err(|error| format!("traces cannot be sent to {endpoint}: {error}"))?;
    let resource = Resource::builder()
        .with_service_name("heartstrings")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn what_nobody_reads_is_known_to_be_read_by_nobody() {
        let endpoint = Some("http://127.0.0.1:4318".to_owned());
        for (filter, otlp_endpoint, most) in [
            ("warn", None, LevelFilter::WARN),
            ("info", None, LevelFilter::INFO),
            ("warn", endpoint, LevelFilter::INFO),
            ("warn,heartstrings=debug", None, LevelFilter::DEBUG),
        ] {
            let options = LogOptions { json: false, filter: filter.into(), otlp_endpoint };
            let (subscriber, _traces) = subscriber(&options).unwrap();
            assert_eq!(subscriber.max_level_hint(), Some(most), "{options:?}");
        }
    }

    #[test]
    fn a_panic_is_logged_without_its_message() {
        let (sender, descriptions) = mpsc::channel();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // The test may have ended when another one panics.
            let _ = sender.send(describe(info));
        }));
        let text = "A heartfelt word.".to_owned();
        let panicking = std::thread::Builder::new().name("quotes-a-review".into());
        let outcome = panicking.spawn(move || panic!("cannot cut {text:?}")).unwrap().join();
        std::panic::set_hook(before);
        assert!(outcome.is_err());
        let ours = descriptions.try_iter().find(|said| said.contains("quotes-a-review")).unwrap();
        assert!(ours.contains("telemetry.rs") && !ours.contains("heartfelt"), "{ours}");
    }
}
