//! The whole service under load: `make bench`.
//!
//! Starts the released binary on an empty store and posts reviews to it over HTTP. Every review is
//! a new one, scored and on disk when it is answered. Prints a table in Markdown.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Words of a review.
const WORDS: [usize; 2] = [60, 300];
/// Requests at the same time.
const CONCURRENCY: [usize; 3] = [1, 8, 64];
/// Time for each line of the table.
const TIME: Duration = Duration::from_secs(15);

/// Sentences of which reviews are put together.
const SENTENCES: [&str; 8] = [
    "The story takes its time, and I was glad of every minute that it took.",
    "I bought it in March and it has worked every day since then.",
    "Nobody at the counter looked up when we came in, let alone said a word.",
    "The second half drags so badly that I checked my watch three times.",
    "It comes with two cables, a charger and a small printed manual.",
    "My daughter laughed until she cried, and so did everyone in our row.",
    "For this price I expected a good deal more than a plastic lid that cracks.",
    "The soup was hot, the bread was fresh, and the waiter remembered our names.",
];

struct Service {
    process: Child,
    url: String,
}

impl Service {
    /// Starts it and waits until it listens.
    fn start(folder: &std::path::Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_heartstrings"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--store"])
            .arg(format!("sled:{}", folder.display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("standard output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it prints where it listens");
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Self { process, url }
    }

    /// A line of `/proc/PID/status` in MiB.
    fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0) >> 10
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A review of about so many words, a different one for each number.
fn text(number: usize, words: usize) -> String {
    let mut text = format!("Review number {number}.");
    let mut state = number;
    while text.split(' ').count() < words {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(' ');
        text.push_str(SENTENCES[(state >> 33) % SENTENCES.len()]);
    }
    text
}

/// Posts a review; gives the analysis and the time it took.
async fn post(client: &reqwest::Client, url: &str, text: String) -> (Value, Duration) {
    let body = json!({"subject": "bench", "text": text});
    let started = Instant::now();
    let response = client.post(format!("{url}/v1/reviews")).json(&body).send().await;
    let response = response.expect("the service answers");
    assert_eq!(response.status().as_u16(), 201);
    let answer: Value = response.json().await.expect("the answer is JSON");
    (answer["analysis"].clone(), started.elapsed())
}

/// Milliseconds below which this share of the times lies.
fn percentile(times: &[Duration], share: f64) -> f64 {
    let place = ((times.len() - 1) as f64 * share).round() as usize;
    times[place].as_secs_f64() * 1e3
}

async fn load(url: &str, words: usize, concurrency: usize, first: &Arc<AtomicUsize>) {
    let started = Instant::now();
    let clients = (0..concurrency).map(|_| {
        let (url, first) = (url.to_owned(), Arc::clone(first));
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            let mut times = Vec::new();
            while started.elapsed() < TIME {
                let number = first.fetch_add(1, Ordering::Relaxed);
                times.push(post(&client, &url, text(number, words)).await.1);
            }
            times
        })
    });
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.extend(client.await.expect("no client panics"));
    }
    let speed = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    let (half, most) = (percentile(&times, 0.5), percentile(&times, 0.99));
    println!("| {words} | {concurrency} | {speed:.1} | {half:.1} | {most:.1} |");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder for the store");
    let started = Instant::now();
    let service = Service::start(folder.path());
    let start = started.elapsed();
    let client = reqwest::Client::new();
    let (_, first) = post(&client, &service.url, text(0, 60)).await;
    let model = client.get(format!("{}/v1/model", service.url)).send().await;
    let model: Value = model.expect("it answers").json().await.expect("JSON");
    println!("precision {}, model {}", model["precision"], model["id"]);
    println!(
        "start {:.2} s, first review {:.1} ms",
        start.as_secs_f64(),
        first.as_secs_f64() * 1e3
    );
    println!("memory after the first review {} MiB", service.memory("VmRSS:"));
    for _ in 0..3 {
        let long: String = text(1, 2_000).chars().take(9_000).collect();
        let (analysis, time) = post(&client, &service.url, long).await;
        println!(
            "9,000 characters, {} tokens, {} windows: {:.1} ms",
            analysis["tokens"],
            analysis["windows"],
            time.as_secs_f64() * 1e3
        );
    }
    println!("\n| words | concurrency | reviews/s | p50 ms | p99 ms |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    let number = Arc::new(AtomicUsize::new(2));
    for words in WORDS {
        for concurrency in CONCURRENCY {
            load(&service.url, words, concurrency, &number).await;
        }
    }
    println!("\nmemory now {} MiB, peak {}", service.memory("VmRSS:"), service.memory("VmHWM:"));
}
