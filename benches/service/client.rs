//! Processes that serve, and clients that ask them.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The released binary.
pub const BINARY: &str = env!("CARGO_BIN_EXE_heartstrings");

/// A process that serves.
pub struct Service {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// Time to the moment from which it answers.
    pub start: Duration,
}

/// The command, which lets a minute of work wait.
fn patient(mut command: Command) -> Command {
    command.env("HEARTSTRINGS_QUEUE_SECONDS", "60");
    command
}

impl Service {
    /// Starts the released binary on the store in `folder`, with more arguments. It refuses nobody: 64 clients
    /// with long texts that never pause are more than it lets wait by default.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(patient(Command::new(BINARY)), folder, arguments)
    }

    /// The same with its own idea of how long anybody may wait.
    pub fn start_as_released(folder: &Path) -> Self {
        Self::spawn(Command::new(BINARY), folder, &[])
    }

    /// As [`Self::start`], on the first core alone.
    pub fn start_on_one_core(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0", BINARY]);
        Self::spawn(patient(command), folder, arguments)
    }

    fn spawn(mut command: Command, folder: &Path, arguments: &[&str]) -> Self {
        let started = Instant::now();
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--store"])
            .arg(format!("sled:{}", folder.display()))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("standard output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it prints where it listens");
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Self { process, url, start: started.elapsed() }
    }

    /// Starts another server and waits until it answers `body` at `/score`.
    pub async fn start_peer(mut command: Command, port: u16, body: &Value) -> Self {
        let started = Instant::now();
        let process = command.spawn().expect("the peer starts");
        let mut peer =
            Self { process, url: format!("http://127.0.0.1:{port}"), start: Duration::ZERO };
        let client = reqwest::Client::new();
        loop {
            let answer = client.post(format!("{}/score", peer.url)).json(body).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                peer.start = started.elapsed();
                return peer;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "it does not answer");
            assert!(peer.process.try_wait().expect("it can be asked").is_none(), "it has ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A line of `/proc/PID/status` in MiB.
    pub fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0) >> 10
    }

    /// What our own service says that it computes in.
    pub async fn precision(&self) -> String {
        let model = reqwest::get(format!("{}/v1/model", self.url)).await.expect("it answers");
        let model: Value = model.json().await.expect("it is JSON");
        model["precision"].as_str().unwrap_or("?").to_owned()
    }

    /// A number of the metrics of our own service.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = reqwest::get(format!("{}/metrics", self.url)).await.expect("it answers");
        let text = text.text().await.expect("it is text");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or(0.0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is asked of a server: where, and how a text becomes a body.
#[derive(Clone, Copy)]
pub struct Question {
    pub path: &'static str,
    pub body: fn(&str) -> Value,
}

/// Scored and stored.
pub const REVIEW: Question =
    Question { path: "/v1/reviews", body: |text| json!({"subject": "bench", "text": text}) };
/// Scored only.
pub const ANALYSIS: Question =
    Question { path: "/v1/analyses", body: |text| json!({"texts": [text]}) };
/// As the peers are asked.
pub const SCORE: Question = Question { path: "/score", body: |text| json!({"text": text}) };

/// What clients saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Of those that were answered with 2xx.
    pub times: Vec<Duration>,
    pub elapsed: Duration,
    /// Answers of 503, and how many of them had a `Retry-After`.
    pub refused: usize,
    pub told_when: usize,
    /// Anything else.
    pub lost: usize,
}

impl Seen {
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Milliseconds below which this share of the times lies.
    pub fn percentile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        let place = (times.len().saturating_sub(1) as f64 * share).round() as usize;
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    pub fn add(&mut self, other: Seen) {
        self.times.extend(other.times);
        self.elapsed += other.elapsed;
        self.refused += other.refused;
        self.told_when += other.told_when;
        self.lost += other.lost;
    }
}

/// Sends one text and notes what came of it.
pub async fn ask(client: &reqwest::Client, url: &str, question: Question, text: &str) -> Seen {
    let started = Instant::now();
    let mut seen = Seen::default();
    let body = (question.body)(text);
    match client.post(format!("{url}{}", question.path)).json(&body).send().await {
        Ok(answer) if answer.status().is_success() => {
            // The answer counts when all of it is there.
            match answer.bytes().await {
                Ok(_) => seen.times.push(started.elapsed()),
                Err(_) => seen.lost += 1,
            }
        }
        Ok(answer) if answer.status().as_u16() == 503 => {
            seen.refused += 1;
            seen.told_when += usize::from(answer.headers().contains_key("retry-after"));
        }
        Ok(answer) => {
            eprintln!("{url}: {}", answer.status());
            seen.lost += 1;
        }
        Err(error) => {
            eprintln!("{url}: {error:?}");
            seen.lost += 1;
        }
    }
    seen
}

/// So many clients, each with one question at a time, until the time is over.
pub async fn load(
    url: &str,
    question: Question,
    concurrency: usize,
    time: Duration,
    text: impl Fn(usize) -> String + Clone + Send + 'static,
) -> Seen {
    let started = Instant::now();
    send(url, question, concurrency, move |number| (started.elapsed() < time).then(|| text(number)))
        .await
}

/// So many clients, each with one question at a time, until each text was sent once.
pub async fn load_all(
    url: &str,
    question: Question,
    concurrency: usize,
    texts: Arc<Vec<String>>,
) -> Seen {
    send(url, question, concurrency, move |number| texts.get(number).cloned()).await
}

async fn send(
    url: &str,
    question: Question,
    concurrency: usize,
    text: impl Fn(usize) -> Option<String> + Clone + Send + 'static,
) -> Seen {
    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..concurrency)
        .map(|_| {
            let (url, next, text) = (url.to_owned(), Arc::clone(&next), text.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut all = Seen::default();
                while let Some(text) = text(next.fetch_add(1, Ordering::Relaxed)) {
                    all.add(ask(&client, &url, question, &text).await);
                }
                all
            })
        })
        .collect();
    let mut all = Seen::default();
    for client in clients {
        all.add(client.await.expect("no client panics"));
    }
    all.elapsed = started.elapsed();
    all
}
