//! What others see while the service stops.

use crate::helpers::{NOTE, Server};
use crate::raw::{Raw, status_of};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

/// Answers on this connection until one ends with `end`.
fn until(raw: &mut Raw, end: &str) -> String {
    let mut seen = String::new();
    while !seen.ends_with(end) {
        let piece = raw.piece();
        assert!(!piece.is_empty(), "the connection ended after {seen}");
        seen.push_str(&piece);
    }
    seen
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[tokio::test]
async fn requests_under_way_finish_and_new_ones_are_told_to_go_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &[]);
    // A batch is under way for as long as its client wants.
    let mut batch = Raw::connect(&server.url);
    let head = "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: application/x-ndjson\r\n\r\n";
    batch.send(head).unwrap();
    until(&mut batch, "\r\n\r\n");
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut kept = [Raw::connect(&server.url), Raw::connect(&server.url)];
    for raw in &mut kept {
        raw.send(ask("/health")).unwrap();
        until(raw, "}");
    }
    server.signal("TERM");
    let started = Instant::now();
    let problem = loop {
        let (status, body) = server.get("/ready").await;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            break body;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "/ready never says so");
    };
    assert_eq!(problem["type"], "/problems/stopping");
    // On connections that were open before, and on new ones.
    for (raw, path) in kept.iter_mut().zip(["/v1/model", "/ready"]) {
        raw.send(ask(path)).unwrap();
        let answer = raw.rest();
        assert_eq!(status_of(&answer), 503, "{answer}");
        for part in ["/problems/stopping", "retry-after: ", "connection: close"] {
            assert!(answer.contains(part), "{path}: no {part} in {answer}");
        }
    }
    let review = json!({"subject": "film", "text": NOTE});
    assert_eq!(server.post("/v1/reviews", &review).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.get("/health").await.0, StatusCode::OK, "the process lives");

    let line = json!({"id": "late", "subject": "film", "text": NOTE}).to_string() + "\n";
    batch.send(chunk(&line)).unwrap();
    let answer = until(&mut batch, "}\n\r\n");
    assert!(answer.contains("\"status\":201"), "{answer}");
    batch.send("0\r\n\r\n").unwrap();
    assert!(batch.rest().ends_with("0\r\n\r\n"), "the answer is whole");
    assert!(server.wait().success());
    let server = Server::start_on(folder.path(), &[]);
    assert_eq!(server.get("/v1/reviews/late").await.0, StatusCode::OK);
}

#[test]
fn a_request_that_never_ends_is_cut_off_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &["--shutdown-seconds", "1"]);
    let mut batch = Raw::connect(&server.url);
    let head = "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: application/x-ndjson\r\n\r\n";
    batch.send(head).unwrap();
    until(&mut batch, "\r\n\r\n");
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(!batch.rest().ends_with("0\r\n\r\n"), "what is cut off does not look whole");
}
