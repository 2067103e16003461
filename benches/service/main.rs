//! The whole service: `make bench`, `make bench-peers`, `make bench-soak`.
//!
//! Starts the released binary on an empty store and asks it over HTTP. In all but the section on the
//! peers every review is a new one, scored and on disk when it is answered. Prints tables in Markdown.
//! `HEARTSTRINGS_BENCH` names the sections to run, apart by commas.

mod client;
mod peers;
mod soak;
mod texts;

use client::{ANALYSIS, REVIEW, Seen, Service, ask, load};
use std::str::FromStr;
use std::time::Duration;

/// Time for each line of a table.
const TIME: Duration = Duration::from_secs(15);
/// Requests at the same time.
pub const CONCURRENCY: [usize; 3] = [1, 8, 64];
/// Scores every text anew.
pub const NO_CACHE: [&str; 2] = ["--score-cache-mib", "0"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sections = std::env::var("HEARTSTRINGS_BENCH").unwrap_or_default();
    let sections: Vec<&str> = sections.split(',').filter(|name| !name.is_empty()).collect();
    let sections = if sections.is_empty() {
        vec!["start", "load", "workers", "limit", "length", "import"]
    } else {
        sections
    };
    for section in sections {
        match section {
            "start" => start().await,
            "load" => speed().await,
            "workers" => workers().await,
            "limit" => limit().await,
            "length" => length().await,
            "import" => import().await,
            "soak" => soak::run().await,
            "peers" => peers::run().await,
            other => panic!("there is no section {other:?}"),
        }
    }
}

/// A number from the environment.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    match std::env::var(format!("HEARTSTRINGS_BENCH_{name}")) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number")),
        Err(_) => default,
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the store")
}

fn line(name: &str, seen: &Seen) {
    println!(
        "| {name} | {:.1} | {:.1} | {:.1} |",
        seen.per_second(),
        seen.percentile(0.5),
        seen.percentile(0.99)
    );
}

async fn start() {
    println!("\n### Start\n\n| | seconds to listening | first review, ms | MiB after it |");
    println!("| --- | ---: | ---: | ---: |");
    for name in ["first", "second"] {
        let folder = folder();
        let service = Service::start(folder.path(), &[]);
        let first = ask(&reqwest::Client::new(), &service.url, REVIEW, &texts::made(1, 60)).await;
        println!(
            "| {name} | {:.2} | {:.1} | {} |",
            service.start.as_secs_f64(),
            first.percentile(0.5),
            service.memory("VmRSS:")
        );
    }
}

async fn speed() {
    println!("\n### Load\n\n| words, concurrency | reviews/s | p50 ms | p99 ms |");
    println!("| --- | ---: | ---: | ---: |");
    let folder = folder();
    let service = Service::start(folder.path(), &[]);
    for words in [60, 300] {
        for concurrency in CONCURRENCY {
            let text = move |number| texts::made(number + 1_000_000 * concurrency, words);
            let seen = load(&service.url, REVIEW, concurrency, TIME, text).await;
            line(&format!("{words}, {concurrency}"), &seen);
        }
    }
    println!(
        "\nMemory: {} MiB now, {} at most.",
        service.memory("VmRSS:"),
        service.memory("VmHWM:")
    );
}

/// One worker and two, one thread each and two.
async fn workers() {
    println!("\n### Workers\n\n| workers × threads, concurrency | reviews/s | p50 ms | p99 ms |");
    println!("| --- | ---: | ---: | ---: |");
    for (workers, threads) in [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")] {
        let folder = folder();
        let arguments = ["--scoring-workers", workers, "--threads-per-worker", threads];
        let service = Service::start(folder.path(), &arguments);
        for concurrency in [1, 64] {
            let text = move |number| texts::mixed(number + 1_000_000 * concurrency);
            let seen = load(&service.url, REVIEW, concurrency, TIME, text).await;
            line(&format!("{workers} × {threads}, {concurrency}"), &seen);
        }
    }
}

/// Tokens per second of the whole service on a mixed stream, and what the network alone could do in
/// the time that workers were in it.
async fn limit() {
    let folder = folder();
    let service = Service::start(folder.path(), &NO_CACHE);
    println!(
        "\n### Distance to the limit\n\n| mixed stream, concurrency | tokens/s | padding | tokens/s within the network, all workers | share of time in it |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    for concurrency in CONCURRENCY {
        let names = [
            "scoring_tokens_total",
            "scoring_padding_tokens_total",
            "scoring_forward_seconds_total",
        ];
        let read = async || {
            let mut values = [0.0; 3];
            for (value, name) in values.iter_mut().zip(names) {
                *value = service.metric(name).await;
            }
            values
        };
        let before = read().await;
        let seen = load(&service.url, ANALYSIS, concurrency, TIME, texts::mixed).await;
        let after = read().await;
        let [tokens, padding, forward] = std::array::from_fn(|i| after[i] - before[i]);
        let seconds = seen.elapsed.as_secs_f64();
        println!(
            "| {concurrency} | {:.0} | {:.1} % | {:.0} | {:.2} |",
            tokens / seconds,
            100.0 * padding / (tokens + padding),
            tokens / forward * workers,
            forward / seconds / workers,
        );
    }
}

/// What a token costs in texts from a line to the longest that is taken.
async fn length() {
    println!("\n### Length\n\n| characters | ms | µs a token |\n| ---: | ---: | ---: |");
    let folder = folder();
    let service = Service::start(folder.path(), &NO_CACHE);
    let client = reqwest::Client::new();
    for characters in [16, 64, 256, 1_000, 4_000, 16_000, 100_000] {
        let text: String = texts::made(7, characters / 4 + 8).chars().take(characters).collect();
        let before = service.metric("scoring_tokens_total").await;
        let mut seen = Seen::default();
        for _ in 0..15 {
            seen.add(ask(&client, &service.url, ANALYSIS, &text).await);
        }
        let tokens = (service.metric("scoring_tokens_total").await - before) / 15.0;
        let ms = seen.percentile(0.5);
        println!("| {characters} | {ms:.1} | {:.1} |", ms * 1e3 / tokens);
    }
}

/// Single posts, alone and while a bulk import runs.
async fn import() {
    println!(
        "\n### Single posts beside an import\n\n| 60 words, one client | reviews/s | p50 ms | p99 ms |"
    );
    println!("| --- | ---: | ---: | ---: |");
    let folder = folder();
    let service = Service::start(folder.path(), &[]);
    let text = |number| texts::made(number, 60);
    let _ = load(&service.url, REVIEW, 1, Duration::from_secs(3), text).await;
    let text = |number| texts::made(number + 1_000_000, 60);
    line("alone", &load(&service.url, REVIEW, 1, TIME, text).await);
    let (url, client) = (service.url.clone(), reqwest::Client::new());
    let lines = futures_util::stream::iter((0..).map(|number: usize| {
        let review =
            serde_json::json!({"subject": "import", "text": texts::mixed(number + 5_000_000)});
        Ok::<_, std::io::Error>(format!("{review}\n"))
    }));
    let import = tokio::spawn(async move {
        let body = reqwest::Body::wrap_stream(lines);
        let request = client
            .post(format!("{url}/v1/reviews/batch"))
            .header("Content-Type", "application/x-ndjson")
            .body(body);
        let mut answer = request.send().await.expect("the import is taken");
        while answer.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = service.metric("scoring_texts_total").await;
    let text = |number| texts::made(number + 2_000_000, 60);
    let seen = load(&service.url, REVIEW, 1, TIME, text).await;
    let texts = service.metric("scoring_texts_total").await - before - seen.times.len() as f64;
    line("beside an import", &seen);
    println!("\nThe import went on at {:.1} reviews/s.", texts / seen.elapsed.as_secs_f64());
    import.abort();
}
