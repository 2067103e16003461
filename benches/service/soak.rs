//! More work than the service can do, for a long time.

use crate::client::{REVIEW, Seen, Service, ask, load};
use crate::{setting, texts};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub async fn run() {
    let (minutes, overload): (u64, f64) = (setting("MINUTES", 20), setting("OVERLOAD", 1.2));
    let folder = tempfile::tempdir().expect("a folder for the store");
    let service = Service::start(folder.path(), &[]);
    let text = |number| texts::mixed(number + 50_000_000);
    let capacity = load(&service.url, REVIEW, 64, Duration::from_secs(20), text).await.per_second();
    let every = Duration::from_secs_f64(1.0 / (capacity * overload));
    println!("\n### Soak\n");
    println!("Capacity {capacity:.0} reviews/s; {minutes} minutes at {overload} times that.\n");
    println!("| minute | answered/s | p50 ms | p99 ms | refused/s | told when | lost | MiB |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let client = reqwest::Client::new();
    let all = Arc::new(Mutex::new(Seen::default()));
    let mut total = Seen::default();
    let started = Instant::now();
    let mut sent: u32 = 0;
    let take = || std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    for minute in 1..=minutes {
        while started.elapsed() < Duration::from_secs(60 * minute) {
            // However late this task is, as many are sent as the clock says.
            while started.elapsed() > every * sent {
                let (client, url, all) = (client.clone(), service.url.clone(), Arc::clone(&all));
                let text = texts::mixed(sent as usize);
                tokio::spawn(async move {
                    let seen = ask(&client, &url, REVIEW, &text).await;
                    all.lock().unwrap_or_else(PoisonError::into_inner).add(seen);
                });
                sent += 1;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mut seen = take();
        seen.elapsed = Duration::from_secs(60);
        println!(
            "| {minute} | {:.1} | {:.0} | {:.0} | {:.1} | {} | {} | {} |",
            seen.per_second(),
            seen.percentile(0.5),
            seen.percentile(0.99),
            seen.refused as f64 / 60.0,
            seen.told_when,
            seen.lost,
            service.memory("VmRSS:")
        );
        total.add(seen);
    }
    while service.metric("http_requests_in_flight").await > 1.0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    total.add(take());
    let summary = reqwest::get(format!("{}/v1/subjects/bench/summary", service.url)).await;
    let summary: serde_json::Value = summary.expect("it answers").json().await.expect("it is JSON");
    println!(
        "\nSent {sent}: {} answered with 201, {} refused, {} of them told when to come again, {} lost. \
         The service holds {} reviews, {} of them from before.",
        total.times.len(),
        total.refused,
        total.told_when,
        total.lost,
        summary["reviews"],
        summary["reviews"].as_u64().unwrap_or(0) - total.times.len() as u64,
    );
}
