//! Metrics in the text format of OpenMetrics, which Prometheus reads.
//!
//! Requests are observed in the middleware, once for all handlers. Scoring and the store count what
//! they do themselves; here their counts get their metric writer.

use actix_web::http::Method;
use heartstrings_scoring::BATCH_BOUNDS;
use heartstrings_service::Service;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Upper bounds of the latency histogram, in seconds: from a look into the store to a text of
/// 100,000 characters behind a full queue.
const SECONDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Requests {
    method: String,
    /// The pattern, not the path: there are few of them.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Latency {
    method: String,
    route: String,
}

/// The metrics of requests. Clones share the numbers.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Requests, Counter>,
    latency: Family<Latency, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let latency: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its answer",
            Unit::Seconds,
            latency.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are being answered",
            in_flight.clone(),
        );
        Self { registry: Arc::new(registry), requests, latency, in_flight }
    }
}

/// A request that is being answered; it counts as such until it is dropped.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Counts a request as being answered.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts a request that was answered, and the time that it took.
    pub fn observe(&self, method: &Method, route: &str, status: u16, time: Duration) {
        // A client may send any word as a method; unknown ones must not take memory each.
        let known = [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::HEAD,
            Method::OPTIONS,
            Method::PATCH,
        ];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let (method, route) = (method.to_owned(), route.to_owned());
        let latency = Latency { method: method.clone(), route: route.clone() };
        self.latency.get_or_create(&latency).observe(time.as_secs_f64());
        self.requests.get_or_create(&Requests { method, route, status }).inc();
    }

    /// All numbers as text. Without a service those of requests and the process alone.
    pub fn text(&self, service: Option<&Service>) -> Result<String, fmt::Error> {
        let mut output = String::new();
        text::encode_registry(&mut output, &self.registry)?;
        let mut rest = Registry::default();
        rest.register_collector(Box::new(ServiceCollector {
            scoring: service.map(Service::scoring_statistics),
            store: service.map(Service::store_statistics),
        }));
        text::encode_registry(&mut output, &rest)?;
        text::encode_eof(&mut output)?;
        Ok(output)
    }
}

/// What scoring and the store have counted, at the moment of the request.
#[derive(Debug)]
struct ServiceCollector {
    scoring: Option<heartstrings_scoring::Statistics>,
    store: Option<heartstrings_store::Statistics>,
}

/// Writes metrics under their writer.
struct MetricWriter<'a>(DescriptorEncoder<'a>);

impl MetricWriter<'_> {
    fn encoder<'s>(
        &'s mut self,
        name: &'s str,
        help: &'s str,
        unit: Option<&'s Unit>,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        // The library writes the full stop after the help text.
        self.0.encode_descriptor(name, help, unit, kind)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        counter.encode(self.encoder(name, help, None, counter.metric_type())?)
    }

    fn seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        let unit = Unit::Seconds;
        counter.encode(self.encoder(name, help, Some(&unit), counter.metric_type())?)
    }

    fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: u64) -> fmt::Result {
        let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        gauge.encode(self.encoder(name, help, unit, gauge.metric_type())?)
    }

    /// A histogram of whole numbers: how many fell up to each bound, and above all.
    fn histogram(
        &mut self,
        name: &str,
        help: &str,
        bounds: &[u64],
        counts: &[u64],
        sum: u64,
    ) -> fmt::Result {
        let bounds = bounds.iter().map(|bound| *bound as f64).chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(counts.iter().copied()).collect();
        let count = counts.iter().sum();
        self.encoder(name, help, None, MetricType::Histogram)?
            .encode_histogram::<NoLabelSet>(sum as f64, count, &buckets, None)
    }

    fn scoring(&mut self, scoring: &heartstrings_scoring::Statistics) -> fmt::Result {
        self.gauge(
            "scoring_queue_tokens",
            "Tokens that wait to be scored",
            None,
            scoring.queue_tokens,
        )?;
        self.gauge(
            "scoring_queue_capacity_tokens",
            "Most tokens that may wait",
            None,
            scoring.queue_capacity_tokens,
        )?;
        self.gauge(
            "scoring_workers",
            "Threads that score; fewer than were started when one has failed for good",
            None,
            scoring.workers,
        )?;
        self.counter("scoring_texts", "Texts that were scored", scoring.texts)?;
        self.counter(
            "scoring_rejected_texts",
            "Texts that were refused or given up because too many waited",
            scoring.rejected,
        )?;
        self.counter(
            "scoring_abandoned_texts",
            "Texts whose client went away before they were scored",
            scoring.abandoned,
        )?;
        self.counter("scoring_windows", "Windows that the network has read", scoring.windows)?;
        self.counter("scoring_tokens", "Tokens that the network has read", scoring.tokens)?;
        self.counter(
            "scoring_padding_tokens",
            "Padding that the network has computed",
            scoring.rows.saturating_sub(scoring.tokens),
        )?;
        self.seconds(
            "scoring_forward",
            "Time that workers have spent in the network",
            scoring.forward_seconds,
        )?;
        self.histogram(
            "scoring_batch_tokens",
            "Tokens of a batch",
            &BATCH_BOUNDS,
            &scoring.batches,
            scoring.tokens,
        )?;
        self.counter(
            "scoring_interruptions",
            "Batches that went into the middle of a bulk batch",
            scoring.interruptions,
        )?;
        self.counter(
            "scoring_failed_batches",
            "Batches in which the network failed",
            scoring.failures,
        )?;
        self.counter(
            "scoring_cache_hits",
            "Texts that were answered from the cache",
            scoring.cache_hits,
        )?;
        self.counter(
            "scoring_cache_misses",
            "Texts that the cache did not have",
            scoring.cache_misses,
        )
    }

    fn store(&mut self, store: &heartstrings_store::Statistics) -> fmt::Result {
        self.histogram(
            "store_commit_operations",
            "Operations that were committed together",
            store.commits.bounds,
            &store.commits.counts,
            store.operations,
        )?;
        self.seconds("store_commit", "Time that commits have taken", store.commit_seconds)?;
        self.counter("store_failed_commits", "Commits that failed", store.failures)?;
        self.counter(
            "store_left_out",
            "Damaged reviews and subjects that were left out of a list",
            store.left_out,
        )?;
        self.gauge(
            "store_read_only",
            "1 when the disk has failed and only reads work",
            None,
            u64::from(store.read_only),
        )
    }

    fn process(&mut self) -> fmt::Result {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kib = status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        });
        match kib {
            Some(kib) => self.gauge(
                "process_resident_memory",
                "Memory of the process in RAM",
                Some(&Unit::Bytes),
                kib << 10,
            ),
            None => Ok(()),
        }
    }
}

impl Collector for ServiceCollector {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut writer = MetricWriter(encoder);
        if let Some(scoring) = &self.scoring {
            writer.scoring(scoring)?;
        }
        if let Some(store) = &self.store {
            writer.store(store)?;
        }
        writer.process()
    }
}
