//! The numbers for those who watch.

use crate::helpers::{Server, copies};
use reqwest::{Method, StatusCode};
use std::time::{Duration, Instant};

/// The value of a line of the metrics that starts with `name`.
async fn value(server: &Server, name: &str) -> Option<f64> {
    let response = server.request(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(content_type.starts_with("application/openmetrics-text"), "{content_type}");
    let text = response.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn what_is_done_is_counted() {
    let server = Server::start();
    server.review("film", "I loved every minute of it.").await;
    server.review("film", "I loved every minute of it.").await;
    server.get("/v1/reviews/nobody").await;
    let count = async |name: &str| value(&server, name).await;
    let posts = r#"http_requests_total{method="POST",route="/v1/reviews",status="201"}"#;
    assert_eq!(count(posts).await, Some(2.0));
    let unknown =
        r#"http_requests_total{method="GET",route="/v1/reviews/{review_id}",status="404"}"#;
    assert_eq!(count(unknown).await, Some(1.0));
    let latency = r#"http_request_duration_seconds_count{method="POST",route="/v1/reviews"}"#;
    assert_eq!(count(latency).await, Some(2.0));
    // The second text was the first one again.
    assert_eq!(count("scoring_texts_total").await, Some(1.0));
    assert_eq!(count("scoring_cache_hits_total").await, Some(1.0));
    assert_eq!(count("scoring_queue_tokens").await, Some(0.0));
    assert_eq!(count("scoring_batch_tokens_sum").await, Some(9.0));
    assert_eq!(count(r#"scoring_batch_tokens_bucket{le="+Inf"}"#).await, Some(1.0));
    assert!(count("scoring_forward_seconds_total").await.unwrap() > 0.0);
    assert_eq!(count("store_commit_operations_sum").await, Some(2.0));
    assert_eq!(count("store_read_only").await, Some(0.0));
    assert!(count("process_resident_memory_bytes").await.unwrap() > 1e8);
    // The request that asks is the only one under way.
    assert_eq!(count("http_requests_in_flight").await, Some(1.0));
}

#[tokio::test]
async fn invented_paths_and_methods_are_one_line() {
    let server = Server::start();
    for path in ["/a", "/b", "/c?d"] {
        server.request(Method::GET, path).send().await.unwrap();
        let invented = Method::from_bytes(b"INVENTED").unwrap();
        server.request(invented, path).send().await.unwrap();
    }
    let get = r#"http_requests_total{method="GET",route="unmatched",status="404"}"#;
    assert_eq!(value(&server, get).await, Some(3.0));
    let other = r#"http_requests_total{method="other",route="unmatched",status="404"}"#;
    assert_eq!(value(&server, other).await, Some(3.0));
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_the_model() {
    let server = Server::start();
    let long = copies("This sentence stands in a very long text. ", 1_600);
    let body = serde_json::json!({"subject": "film", "text": long});
    let request = server.request(Method::POST, "/v1/reviews").json(&body);
    let waiting = async {
        while value(&server, "scoring_queue_tokens").await == Some(0.0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = request.send() => panic!("the text was too short for this test"),
        () = waiting => {}
    }
    // The text ends in one count or the other, however slow the machine is.
    let count = async |name: &str| value(&server, name).await.unwrap();
    let started = Instant::now();
    while count("scoring_abandoned_texts_total").await + count("scoring_texts_total").await == 0.0 {
        assert!(started.elapsed() < Duration::from_secs(600), "the text is still with the model");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The windows that wait are dropped, not scored.
    assert_eq!(count("scoring_abandoned_texts_total").await, 1.0);
    assert_eq!(count("scoring_texts_total").await, 0.0);
    assert_eq!(count("scoring_queue_tokens").await, 0.0);
}
