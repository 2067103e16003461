//! More work than the service can do, for a long time: whoever is accepted shall not wait much longer
//! than before, everybody else shall be told when to come again, and nothing that was acknowledged
//! may be missing afterwards.

use crate::client::{REVIEW, Seen, Service, load};
use crate::report::{Table, publish};
use crate::{setting, texts};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that the requests come from. Each is one caller, with its own share of the queue.
const ADDRESSES: usize = 8;
/// How long each of the two measurements takes that go before.
const WARM_UP: Duration = Duration::from_secs(20);

/// What came of the requests of a while.
#[derive(Default)]
struct Came {
    /// Of those that were answered with 201: their numbers, and how long they took.
    stored: Vec<(u32, Duration)>,
    /// Answers of 429 and of 503, and how many of them said when to come again.
    too_many: usize,
    unavailable: usize,
    told_when: usize,
    /// Anything else.
    lost: usize,
}

impl Came {
    fn add(&mut self, other: Came) {
        self.stored.extend(other.stored);
        self.too_many += other.too_many;
        self.unavailable += other.unavailable;
        self.told_when += other.told_when;
        self.lost += other.lost;
    }

    /// Milliseconds below which this share of the times lies.
    fn percentile(&self, share: f64) -> f64 {
        let mut times: Vec<_> = self.stored.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        let place = (times.len().saturating_sub(1) as f64 * share).round() as usize;
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

/// How long it lasts.
pub fn minutes() -> u64 {
    setting("MINUTES", 20)
}

pub async fn run() {
    let overload: f64 = setting("OVERLOAD", 1.2);
    let folder = crate::folder();
    let service = Service::start_as_released(folder.path());
    let (quiet, capacity) = warm_up(&service, 40_000_000).await;
    let before = quiet.times.len() + capacity.times.len();
    let new = service.memory("VmRSS:");
    let every = Duration::from_secs_f64(1.0 / (capacity.per_second() * overload));
    let (table, total) = flood(&service, every).await;
    let refused = total.too_many + total.unavailable;
    let missing = missing(&service.url, &total).await;
    let held = held(&service).await;
    let (precision, grown, most) =
        (service.precision().await, service.memory("VmRSS:"), service.memory("VmHWM:"));
    drop(service);
    let again = memory_again(folder.path()).await;
    let body = format!(
        "{table}\nOne request at a time: p50 {:.0} ms, p99 {:.0} ms. 64 at a time: p50 {:.0} ms, p99 {:.0} \
         ms. Of the accepted above: p50 {:.0} ms, p99 {:.0} ms.\n\n{} were stored, {refused} refused \
         ({} with 429, {} with 503), {} of those told when to come again, {} lost. Every id that got \
         a 201 was read back: {missing} are missing. The service holds {held} reviews, {before} of them \
         from before. At most {most} MiB.\n\nMemory: {new} MiB before, {grown} after; a new process with \
         the same reviews {again}, after as many seconds of the same load as the first had had.",
        quiet.percentile(0.5),
        quiet.percentile(0.99),
        capacity.percentile(0.5),
        capacity.percentile(0.99),
        total.percentile(0.5),
        total.percentile(0.99),
        total.stored.len(),
        total.too_many,
        total.unavailable,
        total.told_when,
        total.lost
    );
    let settings = format!(
        "{}; {} minutes at {overload} times the {:.0} reviews/s that it can do, from {ADDRESSES} addresses",
        precision,
        minutes(),
        capacity.per_second()
    );
    let name = if overload < 2.0 { "soak".to_owned() } else { format!("overload-{overload}") };
    publish(&name, &settings, &body);
    assert_eq!(missing, 0, "what was acknowledged is missing");
    assert_eq!(total.told_when, refused, "some were not told when to come again");
    assert_eq!(total.lost, 0, "some had another answer, or none");
    assert_eq!(held, before + total.stored.len(), "what was refused is stored");
}

/// What clients see that come one at a time, and 64 at a time, with texts from this number on.
async fn warm_up(service: &Service, first: usize) -> (Seen, Seen) {
    let text = move |number| texts::mixed(number + first);
    let quiet = load(&service.url, REVIEW, 1, WARM_UP, text).await;
    let text = move |number| texts::mixed(number + first + 10_000_000);
    (quiet, load(&service.url, REVIEW, 64, WARM_UP, text).await)
}

/// MiB of a new process with the reviews in `folder`, as warm as the one before was when the flood began: what it
/// has more than that one had then is for the reviews, and what it has less than that one had at the
/// end would be lost.
async fn memory_again(folder: &Path) -> u64 {
    let service = Service::start_as_released(folder);
    warm_up(&service, 60_000_000).await;
    service.memory("VmRSS:")
}

/// Sends as many as the clock says, whether answers come or not: a row for each minute, and all that
/// came of it.
async fn flood(service: &Service, every: Duration) -> (String, Came) {
    let heads =
        ["minute", "stored/s", "p50 ms", "p99 ms", "429/s", "503/s", "told when", "lost", "MiB"];
    let mut table = Table::new(&heads);
    let clients: Vec<_> = (0..ADDRESSES).map(client).collect();
    let all = Arc::new(Mutex::new(Came::default()));
    let take = || std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    let (mut total, started, mut sent) = (Came::default(), Instant::now(), 0_u32);
    for minute in 1..=minutes() {
        while started.elapsed() < Duration::from_secs(60 * minute) {
            // However late this task is, as many are sent as the clock says.
            while started.elapsed() > every * sent {
                let client = clients[sent as usize % ADDRESSES].clone();
                let (url, all, number) = (service.url.clone(), Arc::clone(&all), sent);
                tokio::spawn(async move {
                    let came = post(&client, &url, number).await;
                    all.lock().unwrap_or_else(PoisonError::into_inner).add(came);
                });
                sent += 1;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let came = take();
        table.row(&[
            minute.to_string(),
            format!("{:.1}", came.stored.len() as f64 / 60.0),
            format!("{:.0}", came.percentile(0.5)),
            format!("{:.0}", came.percentile(0.99)),
            format!("{:.1}", came.too_many as f64 / 60.0),
            format!("{:.1}", came.unavailable as f64 / 60.0),
            came.told_when.to_string(),
            came.lost.to_string(),
            service.memory("VmRSS:").to_string(),
        ]);
        total.add(came);
    }
    // Those that are under way hold a handle each.
    while Arc::strong_count(&all) > 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    total.add(take());
    (table.text(), total)
}

/// Reviews that the service holds.
async fn held(service: &Service) -> usize {
    let summary = reqwest::get(format!("{}/v1/subjects/bench/summary", service.url)).await;
    let summary: serde_json::Value = summary.expect("it answers").json().await.expect("it is JSON");
    summary["reviews"].as_u64().unwrap_or(0) as usize
}

fn client(number: usize) -> reqwest::Client {
    let address = format!("127.0.0.{}", 2 + number).parse().ok();
    reqwest::Client::builder().local_address(address).build().expect("a client")
}

/// Posts a review under its number, and notes what came of it.
async fn post(client: &reqwest::Client, url: &str, number: u32) -> Came {
    let (started, mut came) = (Instant::now(), Came::default());
    let text = texts::mixed(number as usize);
    let body = json!({"id": format!("soak-{number}"), "subject": "bench", "text": text});
    let Ok(answer) = client.post(format!("{url}/v1/reviews")).json(&body).send().await else {
        came.lost = 1;
        return came;
    };
    let told_when = answer.headers().contains_key("retry-after");
    let status = answer.status().as_u16();
    // The answer counts when all of it is there.
    let is_whole = answer.bytes().await.is_ok();
    match status {
        201 if is_whole => came.stored.push((number, started.elapsed())),
        429 => came.too_many = 1,
        503 => came.unavailable = 1,
        _ => came.lost = 1,
    }
    came.told_when = usize::from(told_when && came.too_many + came.unavailable > 0);
    came
}

/// How many of those that were acknowledged are not there.
async fn missing(url: &str, came: &Came) -> usize {
    let client = reqwest::Client::new();
    let mut found = stream::iter(came.stored.iter().map(|(number, _)| *number))
        .map(|number| {
            let asked = client.get(format!("{url}/v1/reviews/soak-{number}")).send();
            async move { asked.await.is_ok_and(|answer| answer.status().is_success()) }
        })
        .buffer_unordered(16);
    let mut missing = 0;
    while let Some(is_there) = found.next().await {
        missing += usize::from(!is_there);
    }
    missing
}
