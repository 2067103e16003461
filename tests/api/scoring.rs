//! The settings of scoring, as a client sees them.

use crate::helpers::{NOTE, PLOT, RANT, RAVE, Server, copies, number, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Scores of texts that come one beside the other.
async fn analyze(server: &Server, texts: &[&str]) -> Vec<Value> {
    let (status, body) = server.post("/v1/analyses", &json!({"texts": texts})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["analyses"].as_array().unwrap().clone()
}

/// The value of a line of the metrics.
async fn metric(server: &Server, name: &str) -> f64 {
    let text = server.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("there is no {name} in {text}")).parse().unwrap()
}

#[tokio::test]
async fn a_text_that_waits_too_long_is_given_up_and_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(
        folder.path(),
        &["--scoring-seconds", "1", "--scoring-workers", "1", "--queue-tokens", "10000000"],
    );
    // Some 400,000 tokens: no processor reads them in a second on one core.
    let texts: Vec<String> = (0..20)
        .map(|number| copies(&format!("{number} {PLOT}"), 200).chars().take(99_000).collect())
        .collect();
    let body = json!({"texts": texts});
    let request = server.request(Method::POST, "/v1/analyses").json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(after >= 1, "{after}");
    let (_, problem) = read(response).await;
    assert_eq!(problem["type"], "/problems/queue-full");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("not scored within 1 s"), "{detail}");
    assert!(metric(&server, "scoring_rejected_texts_total").await >= 1.0);
    // What was given up waits no more: the next one is scored in its time.
    analyze(&server, &["Fine."]).await;
}

#[tokio::test]
async fn without_a_cache_every_text_is_scored_anew() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &["--score-cache-mib", "0"]);
    let (first, second) = (analyze(&server, &[NOTE]).await, analyze(&server, &[NOTE]).await);
    assert_eq!(first, second);
    assert_eq!(metric(&server, "scoring_texts_total").await, 2.0);
    for name in ["scoring_cache_hits_total", "scoring_cache_misses_total"] {
        assert_eq!(metric(&server, name).await, 0.0, "{name}");
    }
}

#[tokio::test]
async fn workers_and_threads_do_not_change_what_is_said() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let start = |folder: &tempfile::TempDir, workers, threads| {
        let settings = ["--scoring-workers", workers, "--threads-per-worker", threads];
        Server::start_on(folder.path(), &settings)
    };
    let (one, many) = (start(&folders[0], "1", "1"), start(&folders[1], "2", "2"));
    assert_eq!(metric(&one, "scoring_workers").await, 1.0);
    assert_eq!(metric(&many, "scoring_workers").await, 2.0);
    let long = format!("{RAVE} {PLOT}").repeat(4);
    let texts = [RAVE, "ok", &long, RANT, NOTE, PLOT, "Not bad at all."];
    let (one, many) = (analyze(&one, &texts).await, analyze(&many, &texts).await);
    for (one, many) in one.iter().zip(&many) {
        for pointer in ["/sentiment/score", "/intensity", "/affect/arousal", "/affect/valence"] {
            let distance = (number(one, pointer) - number(many, pointer)).abs();
            assert!(distance < 1e-5, "{pointer} moved by {distance}: {one} {many}");
        }
        assert_eq!(
            one["sentences"].as_array().map(Vec::len),
            many["sentences"].as_array().map(Vec::len)
        );
    }
}
