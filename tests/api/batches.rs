//! Many reviews in one request, as an array and as lines.

use crate::helpers::{NOTE, RAVE, Server, pointers, read};
use futures_util::StreamExt;
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::{Value, json};

async fn send_lines(server: &Server, body: impl Into<Body>) -> Response {
    let request = server.request(Method::POST, "/v1/reviews/batch");
    request.header("Content-Type", "application/x-ndjson").body(body).send().await.unwrap()
}

fn results(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn good_ones_are_stored_although_others_fail() {
    let server = Server::start();
    let batch = json!([
        {"id": "a", "subject": "film", "text": RAVE},
        {"id": "b", "subject": "film", "text": "  "},
        {"id": "a", "subject": "film", "text": NOTE},
        {"id": "c", "subject": "film", "text": NOTE, "colour": "red"},
        {"id": "d", "subject": "film", "text": 7},
        {"id": "e", "subject": "film", "text": NOTE, "rating": 9},
        {"id": "f", "subject": "film", "text": NOTE},
    ]);
    let (status, body) = server.post("/v1/reviews/batch", &batch).await;
    assert_eq!(status, StatusCode::OK);
    let results = body["results"].as_array().unwrap();
    let statuses: Vec<u64> = results.iter().map(|r| r["status"].as_u64().unwrap()).collect();
    // Two reviews in one batch may claim the same id; one of them wins.
    let (first, second) = (statuses[0], statuses[2]);
    assert!([(201, 409), (409, 201)].contains(&(first, second)), "{statuses:?}");
    assert_eq!(
        [statuses[1], statuses[3], statuses[4], statuses[5], statuses[6]],
        [422, 422, 422, 422, 201]
    );
    for (place, pointer) in [(1, "/text"), (3, "/colour"), (4, "/text"), (5, "/rating")] {
        assert_eq!(pointers(&results[place]["problem"]), [pointer]);
        assert!(!results[place]["problem"]["instance"].as_str().unwrap().is_empty());
    }
    assert_eq!(results[6]["review"]["id"], "f");
    let indices: Vec<u64> = results.iter().map(|r| r["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, (0..7).collect::<Vec<_>>());
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], 2);
    // Sent again, what is stored is found.
    let (_, again) = server.post("/v1/reviews/batch", &json!([batch[6]])).await;
    assert_eq!(again["results"][0]["status"], 200);
    assert_eq!(again["results"][0]["review"], results[6]["review"]);
}

#[tokio::test]
async fn batches_have_limits() {
    let server = Server::start();
    let one = json!({"subject": "film", "text": "x"});
    for batch in [json!([]), Value::from(vec![one.clone(); 1001])] {
        let (status, _) = server.post("/v1/reviews/batch", &batch).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (status, _) = server.post("/v1/reviews/batch", &one).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = json!([{"subject": "film", "text": "x".repeat(17 << 20)}]);
    let (status, _) = server.post("/v1/reviews/batch", &large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = server.request(Method::POST, "/v1/reviews/batch").body("[{]");
    let broken = broken.header("Content-Type", "application/json").send().await.unwrap();
    assert_eq!(read(broken).await.0, StatusCode::BAD_REQUEST);
    let text = server.request(Method::POST, "/v1/reviews/batch").body("x").send().await.unwrap();
    assert_eq!(read(text).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn lines_are_stored_or_refused_each_on_its_own() {
    let server = Server::start();
    let mut body = Vec::new();
    body.extend_from_slice(b"{\"subject\": \"film\", \"text\": \"I love it\"}\r\n\n");
    body.extend_from_slice(b"not json\n");
    body.extend_from_slice(b"{\"subject\": \"film\", \"text\": \"\xff\"}\n");
    body.extend_from_slice(&[&[b'x'; 3 << 20][..], b"\n"].concat());
    body.extend_from_slice(b"{\"subject\": \"film\", \"text\": \"The end\"}");
    let response = send_lines(&server, body).await;
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let results = results(&response.text().await.unwrap());
    let statuses: Vec<u64> = results.iter().map(|r| r["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 400, 400, 413, 201]);
    assert!(!results[1]["problem"]["instance"].as_str().unwrap().is_empty());
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], 2);
}

/// A byte more than fits is a problem of that line alone, wherever its pieces are cut.
#[tokio::test]
async fn a_line_just_too_long_is_refused_and_the_rest_is_stored() {
    let server = Server::start();
    let line = |id: &str, bytes: usize| {
        let review = json!({"id": id, "subject": "film", "text": NOTE}).to_string();
        // White space within the object counts; at its ends it would not be the object's.
        let padding = " ".repeat(bytes.saturating_sub(review.len()));
        review.replacen('{', &format!("{{{padding}"), 1)
    };
    const MOST: usize = 2 << 20;
    let lines = [
        line("fits", MOST) + "\r\n",
        line("one-more", MOST + 1) + "\n",
        line("many-more", MOST + 70_000) + "\r\n",
        line("after", 0) + "\n",
        line("last", MOST + 1),
    ];
    for piece in [8 << 10, 1 << 20] {
        let body = lines.concat().into_bytes();
        let pieces: Vec<_> =
            body.chunks(piece).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect();
        let body = Body::wrap_stream(futures_util::stream::iter(pieces));
        let results = results(&send_lines(&server, body).await.text().await.unwrap());
        let statuses: Vec<u64> = results.iter().map(|r| r["status"].as_u64().unwrap()).collect();
        let stored = if piece == 8 << 10 { 201 } else { 200 };
        assert_eq!(statuses, [stored, 413, 413, stored, 413]);
        assert_eq!(results[1]["problem"]["type"], "/problems/payload-too-large");
    }
}

/// Answers come while lines are still being sent: the second line is sent only after the answer
/// to the first.
#[tokio::test]
async fn lines_are_answered_as_they_come() {
    let server = Server::start();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let receiver = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|line| (line, receiver))
    });
    let line = |n: u8| {
        Ok::<_, std::io::Error>(format!(
            "{{\"id\": \"r{n}\", \"subject\": \"film\", \"text\": \"I love it\"}}\n"
        ))
    };
    sender.send(line(1)).unwrap();
    let response = send_lines(&server, Body::wrap_stream(receiver)).await;
    let mut answers = response.bytes_stream();
    for n in 1..=3 {
        let answer = answers.next().await.unwrap().unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["review"]["id"], format!("r{n}"));
        if n < 3 {
            sender.send(line(n + 1)).unwrap();
        }
    }
    drop(sender);
    assert!(answers.next().await.is_none());
}

/// A hundred thousand lines leave no trace in memory.
#[tokio::test]
async fn memory_stays_flat_however_many_lines_come() {
    let server = Server::start();
    let rounds = |lines: usize| {
        // Refused lines: what grows with lines is not what the model needs.
        let chunk = "{\"subject\": \"film\", \"text\": 7}\n".repeat(1_000);
        let chunks = (0..lines / 1_000).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
        Body::wrap_stream(futures_util::stream::iter(chunks))
    };
    let drain = async |lines: usize| {
        let mut answers = send_lines(&server, rounds(lines)).await.bytes_stream();
        let mut count = 0;
        while let Some(bytes) = answers.next().await {
            count += bytes.unwrap().iter().filter(|byte| **byte == b'\n').count();
        }
        assert_eq!(count, lines);
    };
    drain(10_000).await;
    let before = server.resident_bytes();
    drain(100_000).await;
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more than before");
}

/// A batch may have 16 MiB, where a review may have two.
#[tokio::test]
async fn a_batch_may_be_larger_than_a_review() {
    let server = Server::start();
    // One word, which is soon scored, and four bytes a character.
    let review = json!({"id": "a", "subject": "film", "text": "\u{1F62D}".repeat(100_000)});
    let batch = Value::from(vec![review; 8]);
    assert!(batch.to_string().len() > 3 << 20);
    let (status, body) = server.post("/v1/reviews/batch", &batch).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let results = body["results"].as_array().unwrap();
    let statuses = results.iter().map(|result| result["status"].as_u64().unwrap());
    assert!(results.len() == 8 && statuses.clone().all(|status| matches!(status, 200 | 201)));
    assert_eq!(statuses.filter(|status| *status == 201).count(), 1, "they are one review");
}
