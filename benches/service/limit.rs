//! How far the service is from what the network could do alone, and the network from what the processor
//! can multiply.

use crate::client::{ANALYSIS, Service, load};
use crate::load::settings;
use crate::report::{Table, publish};
use crate::{NO_CACHE, folder, seconds, texts};
use std::path::PathBuf;
use std::process::Command;

/// Turns that the service and the bare network take.
const TURNS: usize = 3;

pub async fn run() {
    let Some(forward) = forward() else {
        eprintln!(
            "bench: the distance to the limit was left out; it needs the bench `forward`, which \
                   `make bench` builds"
        );
        return;
    };
    let folder = folder();
    let service = Service::start(folder.path(), &NO_CACHE);
    // Tokens per second: of the service, of the bare network, and of multiplications alone.
    let mut sums = [0.0; 3];
    for _ in 0..TURNS {
        let before = service.metric("scoring_tokens_total").await;
        let seen = load(&service.url, ANALYSIS, 64, seconds(), texts::mixed).await;
        let tokens = service.metric("scoring_tokens_total").await - before;
        sums[0] += tokens / seen.elapsed.as_secs_f64();
        let said = Command::new(&forward)
            .env("HEARTSTRINGS_BENCH", "ideal")
            .env("HEARTSTRINGS_BENCH_SECONDS", seconds().as_secs().to_string())
            .output()
            .expect("the bench `forward` runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let mut numbers = said.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        sums[1] += numbers.next().expect("it says tokens per second");
        sums[2] += numbers.next().expect("it says the limit of multiplication");
    }
    let [service_speed, bare, peak] = sums.map(|sum| sum / TURNS as f64);
    let mut table = Table::new(&["all cores", "tokens/s", "of the bare network", "of the limit"]);
    let rows = [
        ("the service, mixed stream, concurrency 64", service_speed),
        ("the bare network in a loop over windows of the same stream", bare),
        ("multiplying matrices of 2,048 × 2,048 and nothing else", peak),
    ];
    for (name, speed) in rows {
        table.row(&[
            name.into(),
            format!("{speed:.0}"),
            format!("{:.2}", speed / bare),
            format!("{:.2}", speed / peak),
        ]);
    }
    let settings = format!("{}, {TURNS} turns each, alternated", settings(&service).await);
    publish("limit", &settings, &table.text());
}

/// The bench `forward`, which was built beside this one; the newest when there are several.
fn forward() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let all = here.parent()?.read_dir().ok()?.flatten().map(|entry| entry.path());
    all.filter(|path| path.extension().is_none())
        .filter(|path| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("forward-"))
        })
        .max_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok())
}
