//! A client that behaves, and how long it waits.

use crate::helpers::NOTE;
use reqwest::StatusCode;
use serde_json::json;
use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Name of its thread.
pub const NAME: &str = "good-client";

/// Time between an answer and the next request. It is one client among others, not an attacker
/// itself.
const PAUSE: Duration = Duration::from_millis(10);

/// A client at work.
pub struct Good {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Waits>,
}

/// One request.
struct Wait {
    /// When it was sent, since the client began.
    at: Duration,
    /// What was asked for.
    what: &'static str,
    took: Duration,
}

/// How long each request took.
pub struct Waits(Vec<Wait>);

impl Waits {
    /// Of a hundred requests that were sent within a time, ninety-nine took no longer.
    pub fn p99(&self, within: Duration) -> Duration {
        let waits = self.0.iter().filter(|wait| wait.at <= within);
        let mut sorted: Vec<_> = waits.map(|wait| wait.took).collect();
        sorted.sort_unstable();
        sorted[(sorted.len() * 99).div_ceil(100) - 1]
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The slowest, for those who look for the reason: when each was sent, what it was, and how
    /// long it took.
    pub fn slowest(&self, count: usize) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_unstable_by_key(|wait| Reverse(wait.took));
        let lines = sorted.iter().take(count).map(|Wait { at, what, took }| {
            let (at, took) = (at.as_secs_f64(), took.as_secs_f64() * 1e3);
            format!("  {at:7.3} s: {what}, {took:.1} ms\n")
        });
        lines.collect()
    }
}

impl Good {
    /// What it waits for when nobody else is there. It asks as it does under attack: from its
    /// thread, with the same pauses, in which the processor may go to sleep.
    pub async fn quiet(url: &str, requests: usize) -> Waits {
        let good = Self::ask_for(url, requests);
        tokio::task::spawn_blocking(|| good.thread.join().unwrap()).await.unwrap()
    }

    /// Starts asking, and goes on until it is stopped.
    pub fn start(url: &str) -> Self {
        Self::ask_for(url, usize::MAX)
    }

    /// It has a thread of its own, so that it waits for the service and not for the attackers'
    /// turns.
    fn ask_for(url: &str, most: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (url, stopped) = (url.to_owned(), stop.clone());
        let asking = async move {
            let (client, started) = (client(), Instant::now());
            let mut waits = Vec::new();
            while waits.len() < most && !stopped.load(Ordering::Acquire) {
                waits.push(ask(&client, &url, waits.len(), started).await);
                tokio::time::sleep(PAUSE).await;
            }
            Waits(waits)
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let thread = std::thread::Builder::new().name(NAME.to_owned());
        let thread = thread.spawn(move || runtime.block_on(asking)).unwrap();
        Self { stop, thread }
    }

    /// Ends it; fails if one of its requests has failed.
    pub fn stop(self) -> Waits {
        self.stop.store(true, Ordering::Release);
        self.thread.join().unwrap()
    }
}

/// Every request opens a connection of its own, so that it stands in the queue with the others.
fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0);
    builder.timeout(Duration::from_secs(120)).build().unwrap()
}

async fn ask(client: &reqwest::Client, url: &str, number: usize, began: Instant) -> Wait {
    let sent = Instant::now();
    let (what, request) = match number % 4 {
        0 => {
            let body = json!({"texts": [NOTE]});
            ("an analysis", client.post(format!("{url}/v1/analyses")).json(&body))
        }
        1 => ("a list", client.get(format!("{url}/v1/reviews?limit=10"))),
        _ => ("a summary", client.get(format!("{url}/v1/subjects/film/summary"))),
    };
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.bytes().await.unwrap();
    Wait { at: sent - began, what, took: sent.elapsed() }
}
