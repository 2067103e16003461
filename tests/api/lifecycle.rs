//! Starting, stopping, dying, starting again.

use crate::helpers::{RAVE, Server, command, copies};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_restart_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &[]);
    let review = server.review("film", RAVE).await;
    let summary = server.get("/v1/subjects/film/summary").await.1;
    server.signal("TERM");
    assert!(server.wait().success());
    let server = Server::start_on(folder.path(), &[]);
    let path = format!("/v1/reviews/{}", review["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.1, review);
    assert_eq!(server.get("/v1/subjects/film/summary").await.1, summary);
}

/// SIGTERM lets requests finish that are under way, and ends with 0.
#[tokio::test]
async fn a_stop_loses_no_request() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Arc::new(Server::start_on(folder.path(), &[]));
        let long = copies(RAVE, 60);
        let posting = {
            let server = Arc::clone(&server);
            let body = json!({"subject": "film", "text": long, "id": "long"});
            tokio::spawn(async move { server.post("/v1/reviews", &body).await })
        };
        // The request is under way once the model has work; a text in front of it proves that
        // the server reads at all.
        server.review("film", "Good.").await;
        server.signal(signal);
        let (status, body) = posting.await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let server = Arc::into_inner(server).unwrap();
        assert!(server.wait().success(), "{signal}");
        let server = Server::start_on(folder.path(), &[]);
        let (status, _) = server.get("/v1/reviews/long").await;
        assert_eq!(status, StatusCode::OK);
    }
}

/// `kill -9` in the middle of a stream of posts and deletes: what was acknowledged is there,
/// once, and the summary equals a recount.
#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<Value> = Vec::new();
    for round in 0..3 {
        let server = Arc::new(Server::start_on(folder.path(), &[]));
        let done = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (server, done) = (Arc::clone(&server), Arc::clone(&done));
                tokio::spawn(async move { stream(&server, round, client, &done).await })
            })
            .collect();
        while done.load(Ordering::Relaxed) < 20 + 7 * round {
            tokio::task::yield_now().await;
        }
        server.signal("KILL");
        for client in clients {
            acknowledged.extend(client.await.unwrap());
        }
        drop(server);
    }
    assert!(acknowledged.len() >= 60);
    let server = Server::start_on(folder.path(), &[]);
    for review in &acknowledged {
        let path = format!("/v1/reviews/{}", review["id"].as_str().unwrap());
        assert_eq!(server.get(&path).await, (StatusCode::OK, review.clone()));
    }
    recount(&server, &acknowledged).await;
}

/// Posts until the connection breaks; gives what was acknowledged.
async fn stream(server: &Server, round: usize, client: usize, done: &AtomicUsize) -> Vec<Value> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let text = format!("Review {number} is good, and I would buy it again.");
        let id = format!("r{round}-{client}-{number}");
        let body = json!({"subject": "film", "text": text, "id": id});
        let request = server.request(reqwest::Method::POST, "/v1/reviews").json(&body);
        let Ok(response) = request.send().await else { break };
        if response.status() != StatusCode::CREATED {
            break;
        }
        let Ok(review) = response.json::<Value>().await else { break };
        acknowledged.push(review);
        done.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

/// The summary holds the acknowledged reviews, and beyond them at most the four of each round
/// that were under way when the process died; a recount of all ids that can exist says which.
async fn recount(server: &Server, acknowledged: &[Value]) {
    let mut found = 0;
    let mut score = 0.0;
    for round in 0..3 {
        for client in 0..4 {
            for number in 0.. {
                let path = format!("/v1/reviews/r{round}-{client}-{number}");
                let (status, review) = server.get(&path).await;
                if status == StatusCode::NOT_FOUND {
                    break;
                }
                found += 1;
                score += review["analysis"]["sentiment"]["score"].as_f64().unwrap();
            }
        }
    }
    assert!((acknowledged.len()..=acknowledged.len() + 12).contains(&found));
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], found);
    let mean = summary["sentiment"]["mean"].as_f64().unwrap();
    assert!((mean - score / found as f64).abs() < 1e-6);
}

#[test]
fn mistakes_at_start_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |arguments: &[&str]| {
        let output = command(folder.path(), arguments).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let message = fails(&["--model", "/nowhere"]);
    assert!(message.contains("/nowhere/config.json"), "{message}");
    let message = fails(&["--precision", "fp8", "--queue-tokens", "x"]);
    assert!(message.contains("precision") && message.contains("queue_tokens"), "{message}");
}

#[tokio::test]
async fn other_machines_and_other_processes_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start_on(folder.path(), &[]);
    let second = command(folder.path(), &[]).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("open in another process"), "{message}");
    let mut open = std::process::Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    let open = open.args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(1));
    assert!(String::from_utf8(open.stderr).unwrap().contains("--allow-anonymous"));
}

/// A disk with less room than is to be kept free takes no reviews; everything else works.
#[tokio::test]
async fn a_disk_that_is_nearly_full_refuses_reviews() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &[]);
    let review = server.review("film", "Good.").await;
    drop(server);
    let path = format!("/v1/reviews/{}", review["id"].as_str().unwrap());
    let server = Server::start_on(folder.path(), &["--free-disk-mib", "1000000000"]);
    let body = json!({"subject": "film", "text": "Good again."});
    let (status, problem) = server.post("/v1/reviews", &body).await;
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(problem["type"], "/problems/disk-full");
    assert_eq!(server.get(&path).await, (StatusCode::OK, review));
    assert_eq!(server.delete(&path).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get(&path).await.0, StatusCode::NOT_FOUND);
}
