//! Reviews: posted, read back, removed.

use crate::helpers::{NOTE, RAVE, Server, number, pointers, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

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

/// Both conflicts have one type, and each says what to do.
#[tokio::test]
async fn a_conflict_says_which_of_the_two_it_is() {
    let server = Server::start();
    let post = async |key: Option<&str>, body: Value| {
        let mut request = server.request(Method::POST, "/v1/reviews").json(&body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        read(request.send().await.unwrap()).await
    };
    let first = json!({"id": "a", "subject": "film", "text": NOTE});
    let other = json!({"id": "a", "subject": "film", "text": RAVE});
    assert_eq!(post(Some("k"), first).await.0, StatusCode::CREATED);
    for (key, named) in [(None, "PUT"), (Some("k"), "Idempotency-Key")] {
        let (status, problem) = post(key, other.clone()).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(problem["type"], "/problems/conflict");
        assert!(problem["detail"].as_str().unwrap().contains(named), "{problem}");
    }
}

/// The last value that is allowed, and the first that is not, of everything that has bounds.
#[tokio::test]
async fn a_review_may_have_so_much_and_no_more() {
    let server = Server::start();
    let pairs = |count: usize| {
        Value::Object((0..count).map(|number| (format!("k{number}"), json!("v"))).collect())
    };
    let hours = |hours: i64| {
        json!((jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string())
    };
    let long = |length: usize| json!("a".repeat(length));
    let cases = [
        ("/id", json!("Aa0._:~-"), json!("a/b")),
        ("/id", long(128), long(129)),
        ("/subject", long(128), long(129)),
        ("/rating", json!(1), json!(0.999)),
        ("/rating", json!(5), json!(5.001)),
        ("/metadata", pairs(32), pairs(33)),
        ("/written_at", hours(23), hours(25)),
        // A text is measured after white space at its ends is removed, in characters.
        ("/text", json!(format!("  {}\n", "é".repeat(100_000))), json!("é".repeat(100_001))),
    ];
    for (pointer, good, bad) in cases {
        let mut review = json!({"subject": "film", "text": "Good."});
        review[&pointer[1..]] = good;
        let (status, stored) = server.post("/v1/reviews", &review).await;
        assert_eq!(status, StatusCode::CREATED, "{pointer}: {stored}");
        review[&pointer[1..]] = bad;
        let (status, problem) = server.post("/v1/reviews", &review).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer}: {problem}");
        assert_eq!(pointers(&problem), [pointer]);
    }
}

#[tokio::test]
async fn what_a_client_leaves_out_is_filled_in() {
    let server = Server::start();
    let before = jiff::Timestamp::now();
    let review = server.review("film", RAVE).await;
    let after = jiff::Timestamp::now();
    let time = |name: &str| review[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    // What is stored has microseconds.
    let second = jiff::SignedDuration::from_secs(1);
    assert!(before - second < time("written_at") && time("written_at") <= after);
    assert_eq!(review["written_at"], review["received_at"]);
    let id: uuid::Uuid = review["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
    let emotions = review["analysis"]["emotions"].as_array().unwrap();
    let probabilities: Vec<_> =
        emotions.iter().map(|emotion| emotion["probability"].as_f64().unwrap()).collect();
    assert!(probabilities.len() > 1, "this test needs a text with some: {review}");
    assert!(probabilities.is_sorted_by(|one, next| one >= next), "strongest first: {review}");
}
