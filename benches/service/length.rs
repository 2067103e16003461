//! What a token costs in texts from a line to the longest that is taken.

use crate::client::{ANALYSIS, Seen, Service, ask};
use crate::report::{Table, publish};
use crate::{NO_CACHE, folder, texts};

/// Times that each text is sent.
const TIMES: usize = 15;

pub async fn run() {
    let mut table = Table::new(&["characters", "tokens", "ms", "µs a token"]);
    let folder = folder();
    let service = Service::start(folder.path(), &NO_CACHE);
    let client = reqwest::Client::new();
    for characters in [16, 64, 256, 1_000, 4_000, 16_000, 100_000] {
        let text: String = texts::made(7, characters / 4 + 8).chars().take(characters).collect();
        let before = service.metric("scoring_tokens_total").await;
        let mut seen = Seen::default();
        for _ in 0..TIMES {
            seen.add(ask(&client, &service.url, ANALYSIS, &text).await);
        }
        let tokens = (service.metric("scoring_tokens_total").await - before) / TIMES as f64;
        let ms = seen.percentile(0.5);
        table.row(&[
            characters.to_string(),
            format!("{tokens:.0}"),
            format!("{ms:.1}"),
            format!("{:.1}", ms * 1e3 / tokens),
        ]);
    }
    let settings = format!(
        "{}; one text at a time, the median of {TIMES}, scored and not stored",
        service.precision().await
    );
    publish("length", &settings, &table.text());
}
