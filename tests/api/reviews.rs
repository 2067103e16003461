//! Reviews: posted, read back, removed.

use crate::helpers::{RAVE, Server, number, read};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_review_is_scored_stored_read_and_removed() {
    let server = Server::start();
    let request = json!({
        "subject": "miracle-in-cell-no-7", "text": format!("  {RAVE}\n"), "id": "imdb:rw3141",
        "title": "Bring tissues", "rating": 4.5, "author": "minji", "source": "imdb",
        "language": "en", "written_at": "2013-02-01T01:00:00+01:00", "format": "plain",
        "metadata": {"country": "KR"}
    });
    let response = server.request(Method::POST, "/v1/reviews").json(&request).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["location"], "/v1/reviews/imdb:rw3141");
    assert!(response.headers().contains_key("x-request-id"));
    let (_, posted) = read(response).await;
    assert_eq!(posted["text"], RAVE, "the text is trimmed and otherwise as it was");
    assert_eq!(posted["written_at"], "2013-02-01T00:00:00Z");
    assert_eq!(posted["rating"], 4.5);
    assert_eq!(posted["metadata"]["country"], "KR");
    let analysis = &posted["analysis"];
    assert_eq!(analysis["model"], "heartstrings-en-1");
    assert_eq!(analysis["sentiment"]["label"], "positive");
    let sum: f64 = ["negative", "neutral", "positive"]
        .iter()
        .map(|class| number(analysis, &format!("/sentiment/{class}")))
        .sum();
    assert!((sum - 1.0).abs() < 1e-6);
    assert!(analysis.get("sentences").is_none());

    let (status, stored) = server.get("/v1/reviews/imdb:rw3141").await;
    assert_eq!((status, &stored), (StatusCode::OK, &posted));
    let (_, summary) = server.get("/v1/subjects/miracle-in-cell-no-7/summary").await;
    assert_eq!(summary["reviews"], 1);

    assert_eq!(server.delete("/v1/reviews/imdb:rw3141").await, StatusCode::NO_CONTENT);
    assert_eq!(server.delete("/v1/reviews/imdb:rw3141").await, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/reviews/imdb:rw3141").await.0, StatusCode::NOT_FOUND);
    let (status, _) = server.get("/v1/subjects/miracle-in-cell-no-7/summary").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sentences_come_when_asked_for_and_point_into_the_text() {
    let server = Server::start();
    let text = "😭 I wept. It was café-dark, and Mr. Kim was superb! Who knew?";
    let (status, posted) =
        server.post("/v1/reviews?sentences=true", &json!({"subject": "film", "text": text})).await;
    assert_eq!(status, StatusCode::CREATED);
    let chars: Vec<char> = text.chars().collect();
    let sentences: Vec<String> = posted["analysis"]["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            let at = |name: &str| s[name].as_u64().unwrap() as usize;
            chars[at("start")..at("end")].iter().collect()
        })
        .collect();
    let expected = ["😭 I wept.", "It was café-dark, and Mr. Kim was superb!", "Who knew?"];
    assert_eq!(sentences, expected);
    let path = format!("/v1/reviews/{}?sentences=true", posted["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.1, posted);
}

#[tokio::test]
async fn the_same_id_is_stored_once() {
    let server = Server::start();
    let review = json!({"subject": "film", "text": "Good fun.", "id": "one"});
    let (first, stored) = server.post("/v1/reviews", &review).await;
    let (second, again) = server.post("/v1/reviews", &review).await;
    assert_eq!((first, second), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(stored, again);
    let other = json!({"subject": "film", "text": "No fun.", "id": "one"});
    let (status, problem) = server.post("/v1/reviews", &other).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["type"], "/problems/conflict");
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], 1);
}

#[tokio::test]
async fn duplicates_at_the_same_time_are_stored_once() {
    let server = Server::start();
    let review = json!({"subject": "film", "text": "Good fun.", "id": "one"});
    let posts = (0..16).map(|_| server.post("/v1/reviews", &review));
    let outcomes = futures_util::future::join_all(posts).await;
    let created = outcomes.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    assert_eq!(created, 1);
    assert!(outcomes.iter().all(|(status, body)| status.is_success() && *body == outcomes[0].1));
}

#[tokio::test]
async fn a_tag_that_is_still_good_saves_the_body() {
    let server = Server::start();
    let review = server.review("film", "Good fun.").await;
    let path = format!("/v1/reviews/{}", review["id"].as_str().unwrap());
    let response = server.request(Method::GET, &path).send().await.unwrap();
    let tag = response.headers()["etag"].clone();
    let again = server.request(Method::GET, &path).header("if-none-match", &tag);
    let again = again.send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers()["etag"], tag);
    let other = server.request(Method::GET, &path).header("if-none-match", "\"other\"");
    assert_eq!(other.send().await.unwrap().status(), StatusCode::OK);
}
