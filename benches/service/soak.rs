//! More work than the service can do, for a long time.

use crate::client::{REVIEW, Seen, Service, ask, load};
use crate::report::{Table, publish};
use crate::{setting, texts};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long it lasts.
pub fn minutes() -> u64 {
    setting("MINUTES", 20)
}

pub async fn run() {
    let overload: f64 = setting("OVERLOAD", 1.2);
    let folder = crate::folder();
    let service = Service::start(folder.path(), &[]);
    let text = |number| texts::mixed(number + 50_000_000);
    let capacity = load(&service.url, REVIEW, 64, Duration::from_secs(20), text).await;
    let before = capacity.times.len();
    let capacity = capacity.per_second();
    let heads = [
        "minute",
        "answered/s",
        "p50 ms",
        "p99 ms",
        "refused/s",
        "of them told when",
        "lost",
        "MiB",
    ];
    let mut table = Table::new(&heads);
    let mut clients = Clients::new(&service, capacity * overload);
    let mut total = Seen::default();
    for minute in 1..=minutes() {
        clients.send_until(Duration::from_secs(60 * minute)).await;
        let mut seen = clients.take();
        seen.elapsed = Duration::from_secs(60);
        table.row(&[
            minute.to_string(),
            format!("{:.1}", seen.per_second()),
            format!("{:.0}", seen.percentile(0.5)),
            format!("{:.0}", seen.percentile(0.99)),
            format!("{:.1}", seen.refused as f64 / 60.0),
            seen.told_when.to_string(),
            seen.lost.to_string(),
            service.memory("VmRSS:").to_string(),
        ]);
        total.add(seen);
    }
    total.add(clients.finish().await);
    let stored = stored(&service).await;
    let body = format!(
        "{}\nSent {}: {} were answered with 201, {} refused, {} of those told when to come again, {} \
         lost. The service holds {stored} reviews; {before} are from before. At most {} MiB.",
        table.text(),
        clients.sent,
        total.times.len(),
        total.refused,
        total.told_when,
        total.lost,
        service.memory("VmHWM:")
    );
    let settings = format!(
        "{}; {} minutes at {overload} times the {capacity:.0} reviews/s that it can do",
        service.precision().await,
        minutes()
    );
    publish("soak", &settings, &body);
}

/// Clients that send at a fixed rate, whatever becomes of what they have sent.
struct Clients {
    client: reqwest::Client,
    url: String,
    every: Duration,
    started: Instant,
    sent: u32,
    waiting: Vec<JoinHandle<()>>,
    seen: Arc<Mutex<Seen>>,
}

impl Clients {
    fn new(service: &Service, per_second: f64) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: service.url.clone(),
            every: Duration::from_secs_f64(1.0 / per_second),
            started: Instant::now(),
            sent: 0,
            waiting: Vec::new(),
            seen: Arc::default(),
        }
    }

    /// Sends until this long after the start.
    async fn send_until(&mut self, end: Duration) {
        while self.started.elapsed() < end {
            // However late this task is, as many are sent as the clock says.
            while self.started.elapsed() > self.every * self.sent {
                self.send();
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.waiting.retain(|task| !task.is_finished());
    }

    fn send(&mut self) {
        let (client, url, seen) = (self.client.clone(), self.url.clone(), Arc::clone(&self.seen));
        let text = texts::mixed(self.sent as usize);
        self.waiting.push(tokio::spawn(async move {
            let one = ask(&client, &url, REVIEW, &text).await;
            seen.lock().unwrap_or_else(PoisonError::into_inner).add(one);
        }));
        self.sent += 1;
    }

    /// What has been seen since the last time.
    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the last answers.
    async fn finish(&mut self) -> Seen {
        for task in self.waiting.drain(..) {
            task.await.expect("no client panics");
        }
        self.take()
    }
}

/// Reviews that the service holds.
async fn stored(service: &Service) -> u64 {
    let summary = reqwest::get(format!("{}/v1/subjects/bench/summary", service.url)).await;
    let summary: serde_json::Value = summary.expect("it answers").json().await.expect("it is JSON");
    summary["reviews"].as_u64().unwrap_or(0)
}
