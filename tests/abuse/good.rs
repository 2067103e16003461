//! A client that behaves, and how long it waits.

use crate::helpers::{NOTE, Server};
use reqwest::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// A client at work.
pub struct Good {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Waits>,
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

    /// Starts asking, and goes on until it is stopped.
    pub fn start(url: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (url, stopped) = (url.to_owned(), stop.clone());
        let task = tokio::spawn(async move {
            let client = client();
            let mut waits = Vec::new();
            while !stopped.load(Ordering::Acquire) {
                waits.push(ask(&client, &url, waits.len()).await);
                // It is one client among others, not an attacker itself.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Waits(waits)
        });
        Self { stop, task }
    }

    /// Ends it; fails if one of its requests has failed.
    pub async fn stop(self) -> Waits {
        self.stop.store(true, Ordering::Release);
        self.task.await.unwrap()
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
