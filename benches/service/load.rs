//! The service under load: one length, a mixed stream, and other numbers of workers.

use crate::client::{ANALYSIS, REVIEW, Service, load};
use crate::report::{Table, publish};
use crate::{CONCURRENCY, NO_CACHE, cells, folder, seconds, texts};

/// Reviews of one length, each a new one.
pub async fn run() {
    let mut table = Table::new(&["words, concurrency", "reviews/s", "p50 ms", "p99 ms"]);
    let folder = folder();
    let service = Service::start(folder.path(), &[]);
    for words in [60, 300] {
        for concurrency in CONCURRENCY {
            let text = move |number| texts::made(number + 1_000_000 * concurrency, words);
            let seen = load(&service.url, REVIEW, concurrency, seconds(), text).await;
            assert_eq!((seen.refused, seen.lost), (0, 0), "reviews were not taken");
            table.row(&cells(format!("{words}, {concurrency}"), &seen));
        }
    }
    let (now, most) = (service.memory("VmRSS:"), service.memory("VmHWM:"));
    let body = format!("{}\nMemory after it: {now} MiB; at most {most} MiB.", table.text());
    publish("load", &settings(&service).await, &body);
}

/// Tokens per second and padding on a mixed stream, and what the workers did in that time.
pub async fn mixed() {
    let heads = [
        "concurrency",
        "tokens/s",
        "padding",
        "tokens/s within the network",
        "share of time in it",
    ];
    let mut table = Table::new(&heads);
    let folder = folder();
    let service = Service::start(folder.path(), &NO_CACHE);
    let workers = service.metric("scoring_workers").await;
    for concurrency in CONCURRENCY {
        let before = work(&service).await;
        let seen = load(&service.url, ANALYSIS, concurrency, seconds(), texts::mixed).await;
        let after = work(&service).await;
        let [tokens, padding, forward] = std::array::from_fn(|i| after[i] - before[i]);
        let time = seen.elapsed.as_secs_f64();
        table.row(&[
            concurrency.to_string(),
            format!("{:.0}", tokens / time),
            format!("{:.1} %", 100.0 * padding / (tokens + padding)),
            format!("{:.0}", tokens / forward * workers),
            format!("{:.2}", forward / time / workers),
        ]);
    }
    publish("mixed", &settings(&service).await, &table.text());
}

/// Tokens, padding and seconds in the network so far.
async fn work(service: &Service) -> [f64; 3] {
    let mut values = [0.0; 3];
    let names =
        ["scoring_tokens_total", "scoring_padding_tokens_total", "scoring_forward_seconds_total"];
    for (value, name) in values.iter_mut().zip(names) {
        *value = service.metric(name).await;
    }
    values
}

/// One worker and two, one thread each and two, and a single core.
pub async fn workers() {
    let heads = ["workers × threads, concurrency", "reviews/s", "p50 ms", "p99 ms"];
    let mut table = Table::new(&heads);
    let mut stated = String::new();
    for (workers, threads) in [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")] {
        let folder = folder();
        let arguments = ["--scoring-workers", workers, "--threads-per-worker", threads];
        let service = Service::start(folder.path(), &arguments);
        load_with(&service, &format!("{workers} × {threads}"), &mut table).await;
        stated = settings(&service).await;
    }
    let folder = folder();
    let service = Service::start_on_one_core(folder.path(), &[]);
    load_with(&service, "the defaults on one core", &mut table).await;
    publish("workers", &stated, &table.text());
}

async fn load_with(service: &Service, name: &str, table: &mut Table) {
    for concurrency in [1, 64] {
        let text = move |number| texts::mixed(number + 1_000_000 * concurrency);
        let seen = load(&service.url, REVIEW, concurrency, seconds(), text).await;
        table.row(&cells(format!("{name}, {concurrency}"), &seen));
    }
}

/// What the service computes in, and how long each line took.
pub async fn settings(service: &Service) -> String {
    format!("{}; {} s a line", service.precision().await, seconds().as_secs())
}
