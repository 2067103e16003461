//! Single posts, alone and while a bulk import runs.

use crate::client::{REVIEW, Service, load};
use crate::load::settings;
use crate::report::{Table, publish};
use crate::{cells, folder, seconds, texts};
use std::time::Duration;

pub async fn run() {
    let mut table = Table::new(&["one client", "reviews/s", "p50 ms", "p99 ms"]);
    let folder = folder();
    let service = Service::start(folder.path(), &[]);
    let text = |number| texts::made(number, 60);
    let _ = load(&service.url, REVIEW, 1, Duration::from_secs(3), text).await;
    let text = |number| texts::made(number + 1_000_000, 60);
    let alone = load(&service.url, REVIEW, 1, seconds(), text).await;
    table.row(&cells("alone".into(), &alone));
    let import = tokio::spawn(import(service.url.clone()));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = service.metric("scoring_texts_total").await;
    let text = |number| texts::made(number + 2_000_000, 60);
    let beside = load(&service.url, REVIEW, 1, seconds(), text).await;
    let all = service.metric("scoring_texts_total").await - before;
    table.row(&cells("beside an import".into(), &beside));
    assert!(!import.is_finished(), "the import ended early");
    import.abort();
    let body = format!(
        "{}\nThe p99 beside an import is {:.1} times that alone. The import went on at {:.1} reviews/s.",
        table.text(),
        beside.percentile(0.99) / alone.percentile(0.99),
        (all - beside.times.len() as f64) / beside.elapsed.as_secs_f64()
    );
    publish("import", &settings(&service).await, &body);
}

/// Newline-delimited JSON without end, from a line to a critic's page, as fast as it is taken.
async fn import(url: String) {
    let lines = futures_util::stream::iter((0..).map(|number: usize| {
        let text = texts::mixed(number + 5_000_000);
        let review = serde_json::json!({"subject": "import", "text": text});
        Ok::<_, std::io::Error>(format!("{review}\n"))
    }));
    let request = reqwest::Client::new()
        .post(format!("{url}/v1/reviews/batch"))
        .header("Content-Type", "application/x-ndjson")
        .body(reqwest::Body::wrap_stream(lines));
    let mut answer = request.send().await.expect("the import is taken");
    while answer.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
}
