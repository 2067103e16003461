//! The whole service: `make bench`.
//!
//! Starts the released binary on an empty store and asks it over HTTP; a review that is answered is on
//! disk. Each section prints tables in Markdown and puts them into `docs/BENCHMARKS.md`.
//!
//! `HEARTSTRINGS_BENCH` names the sections to run, apart by commas; else all run that can.
//! `HEARTSTRINGS_BENCH_SECONDS` is the time for each line of a table, `_TEXTS` the texts of each set
//! that the peers score, `_MINUTES` the length of the soak, `_OVERLOAD` its load as a share of what
//! can be done. `_DATA` and `_PEERS` are the folders of `peers.rs`.
//!
//! This executable must not be linked with libtorch: what it maps could not leave memory for a cold
//! start.

mod client;
mod import;
mod length;
mod limit;
mod load;
mod peers;
mod report;
mod soak;
mod start;
mod texts;

use client::Seen;
use std::str::FromStr;
use std::time::Duration;

/// Requests at the same time.
pub const CONCURRENCY: [usize; 3] = [1, 8, 64];
/// Scores every text anew.
pub const NO_CACHE: [&str; 2] = ["--score-cache-mib", "0"];
/// All sections, in the order in which they run.
const SECTIONS: [&str; 9] =
    ["start", "load", "mixed", "length", "import", "limit", "workers", "peers", "soak"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let asked: String = setting("", String::new());
    // The network by itself is another bench, of which the same list may speak.
    let named = asked.split(',').filter(|name| !name.is_empty() && *name != "forward");
    let asked: Vec<&str> = named.collect();
    if let Some(unknown) = asked.iter().find(|name| !SECTIONS.contains(name)) {
        panic!("there is no section {unknown:?}; there are {}", SECTIONS.join(", "));
    }
    let sections: Vec<&str> = SECTIONS
        .into_iter()
        .filter(|name| asked.is_empty() || asked.contains(name))
        .filter(|name| *name != "peers" || peers::has_data())
        .collect();
    print_estimate(&sections);
    for section in &sections {
        match *section {
            "start" => start::run().await,
            "load" => load::run().await,
            "mixed" => load::mixed().await,
            "length" => length::run().await,
            "import" => import::run().await,
            "limit" => limit::run().await,
            "workers" => load::workers().await,
            "peers" => peers::run().await,
            _ => soak::run().await,
        }
    }
    if asked.is_empty() && !sections.contains(&"peers") {
        eprintln!(
            "bench: the peers were left out, because they score real reviews; say where they are: \
             make bench DATA=<folder> (it holds imdb/test.tsv and sst/sst5_test.tsv)"
        );
    }
}

/// Says how long the run will take, about.
fn print_estimate(sections: &[&str]) {
    let line = seconds().as_secs_f64() / 60.0;
    let minutes = |section: &str| match section {
        "start" => 0.5,
        "load" => 6.2 * line,
        "mixed" => 3.1 * line,
        "length" => 1.0,
        "import" => 2.3 * line,
        "limit" => 6.2 * line,
        "workers" => 10.2 * line,
        "peers" => peers::estimate(),
        _ => soak::minutes() as f64 + 0.5,
    };
    let all: Vec<String> =
        sections.iter().map(|name| format!("{name} {:.1}", minutes(name))).collect();
    let sum: f64 = sections.iter().map(|name| minutes(name)).sum();
    println!("This takes about {sum:.0} minutes on two cores: {}.", all.join(", "));
}

/// A number or a word from the environment.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    let name = format!("HEARTSTRINGS_BENCH{}{name}", if name.is_empty() { "" } else { "_" });
    match std::env::var(&name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} cannot be {text:?}")),
        Err(_) => default,
    }
}

/// Time for each line of a table.
pub fn seconds() -> Duration {
    Duration::from_secs(setting("SECONDS", 15))
}

/// A folder for a store.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the store")
}

/// Reviews a second and milliseconds, as cells.
pub fn cells(name: String, seen: &Seen) -> [String; 4] {
    [
        name,
        format!("{:.1}", seen.per_second()),
        format!("{:.1}", seen.percentile(0.5)),
        format!("{:.1}", seen.percentile(0.99)),
    ]
}
