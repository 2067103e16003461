//! Logs on standard error, and traces for a collector. Neither holds a text of a review.

mod traces;

use self::traces::Collector;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, FilterFn, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// What is logged and traced, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Whether the log is JSON, one line for each event.
    pub json: bool,
    /// A level or a filter such as `heartstrings=debug`; one that cannot be parsed becomes `info`.
    pub filter: String,
    /// Collector that gets the traces, by OTLP over http; no traces without one.
    pub otlp_endpoint: Option<String>,
}

impl LogOptions {
    /// For commands that print their results: warnings only, and no traces.
    pub fn warnings(json: bool) -> Self {
        Self { json, filter: "warn".into(), otlp_endpoint: None }
    }
}

/// Keeps the connection to the collector. When it is dropped, the remaining spans are sent.
#[must_use = "traces end when it is dropped"]
pub struct Telemetry {
    _collector: Option<Collector>,
}

/// Starts logs and traces for the whole process. A second call changes nothing.
///
/// # Errors
/// When there is an endpoint for traces and it cannot be one.
pub fn init(options: &LogOptions) -> Result<Telemetry, String> {
    let (subscriber, collector) = subscriber(options)?;
    if subscriber.try_init().is_err() {
        tracing::debug!("logging was started before");
    }
    std::panic::set_hook(Box::new(|info| tracing::error!("{}", describe(info))));
    Ok(Telemetry { _collector: collector })
}

/// The subscriber of all events and spans, and the collector that it passes spans to.
fn subscriber(
    options: &LogOptions,
) -> Result<(impl Subscriber + Send + Sync, Option<Collector>), String> {
    let filter = EnvFilter::try_new(&options.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let form = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr);
    let form = if options.json { form.json().boxed() } else { form.boxed() };
    // Spans are for the collector; a line of the log is complete by itself.
    let log =
        form.with_filter(filter.and(only(|metadata| metadata.is_event() && !quotes(metadata))));
    let collector = options.otlp_endpoint.as_deref().map(Collector::start).transpose()?;
    let spans = collector.as_ref().map(|collector| {
        let ours = Targets::new().with_target("heartstrings", LevelFilter::INFO);
        collector.layer().with_filter(ours.and(only(|metadata| metadata.is_span())))
    });
    Ok((tracing_subscriber::registry().with(log).with(spans), collector))
}

/// Passes one kind of metadata, of all levels. The level hint lets `tracing` know the most detailed level that any layer
/// takes: the tokenizer has a message for every character, which must cost nothing when no layer takes it.
fn only(is_wanted: fn(&Metadata<'_>) -> bool) -> FilterFn {
    filter_fn(is_wanted).with_max_level_hint(LevelFilter::TRACE)
}

/// Whether a message may quote a text. At the level trace, dependencies log their data: the tokenizer each character,
/// sled the bytes that it writes.
fn quotes(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::TRACE && !metadata.target().starts_with("heartstrings")
}

/// Where a panic happened. Its message is left out, since a message about a slice of a text quotes the text.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn what_nobody_reads_is_known_to_be_read_by_nobody() {
        let mut cases = vec![
            ("warn", None, LevelFilter::WARN),
            ("info", None, LevelFilter::INFO),
            ("warn,heartstrings=debug", None, LevelFilter::DEBUG),
        ];
        if cfg!(feature = "traces") {
            let endpoint = Some("http://127.0.0.1:4318".to_owned());
            cases.push(("warn", endpoint, LevelFilter::INFO));
        }
        for (filter, otlp_endpoint, most) in cases {
            let options = LogOptions { json: false, filter: filter.into(), otlp_endpoint };
            let (subscriber, _collector) = subscriber(&options).unwrap();
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
