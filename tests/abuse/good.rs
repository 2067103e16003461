//! A client that behaves, and how long it waits.

use crate::helpers::{NOTE, Server};
use reqwest::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Name of its thread.
pub const NAME: &str = "good-client";

/// A client at work.
pub struct Good {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Waits>,
}

/// How long each request took.
pub struct Waits(Vec<Duration>);

impl Waits {
    /// Of a hundred requests, ninety-nine took no longer.
    pub fn p99(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() * 99).div_ceil(100) - 1]
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Good {
    /// What it waits for when nobody else is there.
    pub async fn quiet(server: &Server) -> Waits {
        let client = client();
        let mut waits = Vec::new();
        for number in 0..400 {
            waits.push(ask(&client, &server.url, number).await);
        }
        Waits(waits)
    }

    /// Starts asking, and goes on until it is stopped. It has a thread of its own, so that it waits
    /// for the service and not for the attackers' turns.
    pub fn start(url: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (url, stopped) = (url.to_owned(), stop.clone());
        let asking = async move {
            let client = client();
            let mut waits = Vec::new();
            while !stopped.load(Ordering::Acquire) {
                waits.push(ask(&client, &url, waits.len()).await);
                // It is one client among others, not an attacker itself.
                tokio::time::sleep(Duration::from_millis(10)).await;
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

async fn ask(client: &reqwest::Client, url: &str, number: usize) -> Duration {
    let started = Instant::now();
    let request = match number % 4 {
        0 => client.post(format!("{url}/v1/analyses")).json(&json!({"texts": [NOTE]})),
        1 => client.get(format!("{url}/v1/reviews?limit=10")),
        _ => client.get(format!("{url}/v1/subjects/film/summary")),
    };
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.bytes().await.unwrap();
    started.elapsed()
}
