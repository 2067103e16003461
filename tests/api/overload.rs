//! More than the service can do, or than one client may have of it.

use crate::helpers::{NOTE, PLOT, Server, copies, read};
use crate::raw::{Raw, status_of};
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Longer than anything here takes, even on a machine that has much else to do.
const LONG: Duration = Duration::from_secs(120);

fn start(arguments: &[&str]) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Server::start_on(folder.path(), arguments), folder)
}

/// A client at another address.
fn stranger() -> reqwest::Client {
    reqwest::Client::builder().local_address("127.0.0.2".parse().ok()).build().unwrap()
}

async fn waiting_tokens(server: &Server) -> f64 {
    let text = server.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("scoring_queue_tokens "));
    line.unwrap().parse().unwrap()
}

fn retry_after(response: &Response) -> u64 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_full_queue_refuses_and_says_when_to_come_again() {
    let (server, _folder) = start(&["--queue-tokens", "1000"]);
    let server = Arc::new(server);
    // A single text is taken however long it is, and then it fills the queue.
    let long = json!({"texts": [copies(PLOT, 60)]});
    let request = server.request(Method::POST, "/v1/analyses").json(&long);
    let long = tokio::spawn(request.send());
    let started = Instant::now();
    while waiting_tokens(&server).await < 5_000.0 {
        assert!(started.elapsed() < LONG && !long.is_finished(), "the queue never fills");
    }
    // Its client has used up its share, others find the queue full.
    let mine = server.request(Method::POST, "/v1/analyses").json(&json!({"texts": [NOTE]}));
    let mine = mine.send().await.unwrap();
    assert_eq!(mine.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(retry_after(&mine) >= 1);
    let stranger = stranger();
    let review = json!({"id": "a", "subject": "film", "text": NOTE});
    let post = || stranger.post(format!("{}/v1/reviews", server.url)).json(&review).send();
    let refused = post().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(retry_after(&refused) >= 1);
    assert_eq!(read(refused).await.1["type"], "/problems/queue-full");
    assert_eq!(server.get("/v1/reviews/a").await.0, StatusCode::NOT_FOUND, "reads go on");
    // Who is no longer interested frees the queue.
    long.abort();
    while post().await.unwrap().status() != StatusCode::CREATED {
        assert!(started.elapsed() < LONG, "there is never room");
    }
}

/// Each of many requests at once is either stored or told when to come again; none is lost.
#[tokio::test]
async fn under_overload_what_is_accepted_is_stored_and_the_rest_is_told() {
    let (server, _folder) = start(&["--queue-tokens", "600", "--requests-at-once", "0"]);
    let posts = (0..200).map(|number| {
        let text = format!("Review {number}. {NOTE}");
        let body = json!({"id": format!("r{number}"), "subject": "film", "text": text});
        server.request(Method::POST, "/v1/reviews").json(&body).send()
    });
    let answers = futures_util::future::join_all(posts).await;
    let mut counts = [0, 0];
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.unwrap();
        match answer.status() {
            StatusCode::CREATED => {
                counts[0] += 1;
                let (status, _) = server.get(&format!("/v1/reviews/r{number}")).await;
                assert_eq!(status, StatusCode::OK, "r{number} was acknowledged");
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                counts[1] += 1;
                assert!(retry_after(&answer) >= 1);
            }
            other => panic!("{other}"),
        }
    }
    assert!(counts[0] > 0 && counts[1] > 0, "stored and refused: {counts:?}");
    assert_eq!(server.get("/v1/summary").await.1["reviews"], counts[0]);
}

/// Lines are read as fast as the model gets through them, not as fast as they come.
#[tokio::test]
async fn lines_are_read_at_the_speed_of_the_model() {
    const LINES: usize = 200;
    let (server, _folder) = start(&["--queue-tokens", "2000"]);
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let lines = (0..LINES).map(move |number| {
        counter.fetch_add(1, Ordering::AcqRel);
        // The first keeps the model busy; the others are large, and soon scored.
        let text = match number {
            0 => copies(PLOT, 40),
            _ => format!("{number}{}", "\u{1F62D}".repeat(99_000)),
        };
        Ok::<_, std::io::Error>(json!({"subject": "film", "text": text}).to_string() + "\n")
    });
    let request = server.request(Method::POST, "/v1/reviews/batch");
    let request = request.header("Content-Type", "application/x-ndjson");
    let request = request.body(Body::wrap_stream(futures_util::stream::iter(lines)));
    let mut response = request.send().await.unwrap();
    let first: Value = {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.extend_from_slice(&response.chunk().await.unwrap().unwrap());
            line.truncate(line.iter().position(|b| *b == b'\n').map_or(line.len(), |end| end + 1));
        }
        serde_json::from_slice(&line).unwrap()
    };
    assert_eq!(first["status"], 201, "{first}");
    let ahead = sent.load(Ordering::Acquire);
    assert!((2..LINES).contains(&ahead), "{ahead} lines were taken before the first was scored");
}

/// What all clients have sent together is bounded, and what they sent is given back.
#[test]
fn the_bodies_of_all_clients_have_one_limit() {
    let (server, _folder) = start(&["--body-memory-mib", "16"]);
    let head = |bytes: usize| {
        format!(
            "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {bytes}\r\nConnection: close\r\n\r\n"
        )
    };
    let half = vec![b' '; 9 << 20];
    let (sender, answers) = channel();
    // Both want to send more, so neither is answered unless it is refused.
    let clients: Vec<_> = (0..2)
        .map(|_| {
            let (mut raw, sender) = (Raw::connect(&server.url), sender.clone());
            let other = raw.0.try_clone().unwrap();
            let (head, half) = (head(12 << 20), half.clone());
            std::thread::spawn(move || {
                let _ = raw.send(head).and_then(|()| raw.send(half));
                let _ = sender.send(raw.rest());
            });
            other
        })
        .collect();
    let refused = answers.recv().unwrap();
    assert_eq!(status_of(&refused), 503, "{refused}");
    for part in ["/problems/bodies-full", "retry-after: 2"] {
        assert!(refused.contains(part), "no {part} in {refused}");
    }
    for client in clients {
        let _ = client.shutdown(std::net::Shutdown::Both);
    }
    let body = format!("[{}{{}}]", " ".repeat(15 << 20));
    let started = Instant::now();
    // A service that has not noticed yet that the other has gone refuses this one too.
    while Raw::status(&server.url, head(body.len()) + &body) != 200 {
        assert!(started.elapsed() < LONG, "the memory is never given back");
    }
}

/// Each key has a count of its own, wherever its requests come from.
#[tokio::test]
async fn limits_are_counted_for_each_key() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let keys = ["one", "other"].map(|name| crate::keys::create(&folder, name, "write"));
    let arguments = ["--rate-limit", "1", "--rate-burst", "3", "--requests-at-once", "1"];
    let server = Server::start_on(&folder, &arguments);
    let elsewhere = stranger();
    let ask = async |client: &reqwest::Client, key: &str| {
        let request = client.get(format!("{}/v1/model", server.url)).bearer_auth(key);
        request.send().await.unwrap()
    };
    let started = Instant::now();
    let near = reqwest::Client::new();
    let refused = loop {
        let answer = ask(&near, &keys[0]).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        assert!(started.elapsed() < LONG, "never refused");
    };
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(retry_after(&refused) >= 1);
    let other = ask(&near, &keys[1]).await;
    assert_eq!(other.headers()["ratelimit"], "\"caller\";r=2;t=1", "it has a count of its own");

    // The other key's one request at a time is under way until its batch ends.
    let mut held = Raw::connect(&server.url);
    let head = format!(
        "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Transfer-Encoding: chunked\r\nContent-Type: application/x-ndjson\r\n\r\n",
        keys[1]
    );
    held.send(head).unwrap();
    assert_eq!(held.next_status(), 200);
    let refused = read(ask(&elsewhere, &keys[1]).await).await;
    assert_eq!(refused.0, StatusCode::TOO_MANY_REQUESTS, "the same key from another address");
    let detail = refused.1["detail"].as_str().unwrap();
    assert!(detail.contains("being answered"), "{detail}");
}
