//! Rows of the contract that no other file has in passing.

use crate::helpers::{NOTE, RANT, RAVE, Server, pointers, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn lists_have_a_least_and_a_greatest_of_everything() {
    let server = Server::start();
    for (id, text) in [("rave", RAVE), ("rant", RANT), ("note", NOTE)] {
        let body = json!({"id": id, "subject": "film", "text": text});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    let ids = async |query: &str| -> Vec<String> {
        let (status, page) = server.get(&format!("/v1/reviews?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {page}");
        let reviews = page["reviews"].as_array().unwrap().iter();
        reviews.map(|review| review["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("min_score=0.3").await, ["rave"]);
    assert_eq!(ids("min_score=-0.3&max_score=0.3").await, ["note"]);
    assert_eq!(ids("max_intensity=0.4").await, ["note"]);
    assert_eq!(ids("limit=200&sort=oldest").await, ["rave", "rant", "note"]);
    // The day of receipt, as a date, and as times with and without an offset.
    let (_, rave) = server.get("/v1/reviews/rave").await;
    let day = &rave["written_at"].as_str().unwrap()[..10];
    assert_eq!(ids(&format!("from={day}")).await.len(), 3);
    assert_eq!(ids(&format!("to={day}")).await.len(), 0);
    assert_eq!(ids(&format!("to={day}T00:00:00%2B00:00")).await.len(), 0);
    assert_eq!(ids(&format!("from={day}T00:00:00Z")).await.len(), 3);
}

/// Aggregates go by days: a time would promise more than there is.
#[tokio::test]
async fn aggregates_take_dates_and_no_times() {
    let server = Server::start();
    server.review("film", NOTE).await;
    for path in ["/v1/summary", "/v1/subjects/film/summary", "/v1/subjects/film/timeline"] {
        let (status, problem) = server.get(&format!("{path}?from=2024-02-01T00:00:00Z")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(pointers(&problem), ["/query/from"], "{path}");
    }
    let empty = "from=1999-01-01&to=1999-02-01";
    let (status, summary) = server.get(&format!("/v1/summary?{empty}")).await;
    assert_eq!((status, &summary["reviews"]), (StatusCode::OK, &json!(0)));
    for pointer in ["/sentiment/mean", "/intensity/mean", "/intensity/p50", "/rating/mean"] {
        assert_eq!(summary.pointer(pointer), Some(&Value::Null), "{pointer}");
    }
    let counts = summary["sentiment"]["histogram"]["counts"].as_array().unwrap();
    assert!(counts.len() == 20 && counts.iter().all(|count| *count == 0));
    let (status, line) = server.get(&format!("/v1/subjects/film/timeline?{empty}")).await;
    assert_eq!((status, &line["points"]), (StatusCode::OK, &json!([])));
}

#[tokio::test]
async fn iso_weeks_cross_years() {
    let server = Server::start();
    for day in ["2024-12-29", "2024-12-30", "2025-01-05", "2025-01-06"] {
        let body =
            json!({"subject": "film", "text": NOTE, "written_at": format!("{day}T12:00:00Z")});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    let (_, line) = server.get("/v1/subjects/film/timeline?interval=week").await;
    let points = line["points"].as_array().unwrap().iter();
    let points: Vec<_> =
        points.map(|p| (p["start"].as_str().unwrap(), p["reviews"].as_u64().unwrap())).collect();
    assert_eq!(points, [("2024-12-23", 1), ("2024-12-30", 2), ("2025-01-06", 1)]);
}

#[tokio::test]
async fn two_to_twenty_subjects_are_compared() {
    let server = Server::start();
    server.review("film", NOTE).await;
    for (count, expected) in [(1, 422), (2, 200), (20, 200), (21, 422)] {
        let query = vec!["subject=film"; count].join("&");
        let (status, body) = server.get(&format!("/v1/compare?{query}")).await;
        assert_eq!(status.as_u16(), expected, "{count}: {body}");
    }
    let (status, _) = server.get("/v1/compare?subject=film&subject=nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_to_128_texts_are_analysed_and_nothing_is_stored() {
    let server = Server::start();
    for (count, expected) in [(128, 200), (129, 422)] {
        let (status, _) =
            server.post("/v1/analyses", &json!({"texts": vec!["Good."; count]})).await;
        assert_eq!(status.as_u16(), expected, "{count}");
    }
    let asked = json!({"texts": ["I wept. Who knew?"], "sentences": true});
    let (_, body) = server.post("/v1/analyses", &asked).await;
    assert_eq!(body["analyses"][0]["sentences"].as_array().unwrap().len(), 2);
    let (status, problem) = server.post("/v1/analyses", &json!({"texts": ["a"], "x": 1})).await;
    assert_eq!((status, pointers(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["/x"]));
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 0);
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

/// Every path answers a method that it does not have with those that it has.
#[tokio::test]
async fn every_path_says_what_it_allows() {
    let server = Server::start();
    let (_, document) = server.get("/openapi.json").await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut allowed = Vec::new();
        for method in ["get", "put", "post", "delete"] {
            if item.get(method).is_some() {
                allowed.push(method.to_uppercase());
                if method == "get" {
                    allowed.push("HEAD".into());
                }
            }
        }
        let path =
            path.replace("{review_id}", "x").replace("{subject}", "x").replace("{code}", "x");
        let answer = server.request(Method::PATCH, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()["allow"], allowed.join(", "), "{path}");
        assert_eq!(read(answer).await.1["type"], "/problems/method-not-allowed");
    }
}

/// Bodies are taken by their media type alone, whatever its spelling.
#[tokio::test]
async fn media_types_are_compared_as_http_does() {
    let server = Server::start();
    let body = json!({"subject": "film", "text": NOTE}).to_string();
    let post = async |path: &str, kind: &str| {
        let request = server.request(Method::POST, path).header("content-type", kind);
        request.body(body.clone()).send().await.unwrap().status().as_u16()
    };
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(post("/v1/reviews", kind).await, 201, "{kind}");
    }
    for kind in ["text/plain", "application/xml", "application/x-ndjson", "json", ";"] {
        assert_eq!(post("/v1/reviews", kind).await, 415, "{kind}");
    }
    assert_eq!(post("/v1/reviews/batch", "application/x-ndjson;charset=utf-8").await, 200);
    assert_eq!(post("/v1/analyses", "application/x-ndjson").await, 415);
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

/// A detector may be wrong: short texts count, and so do those whose client says what they are.
#[tokio::test]
async fn in_doubt_and_when_the_client_says_so_a_text_counts() {
    let server = Server::start();
    let korean = "정말 최악의 영화입니다. 돈이 아까워요. 다시는 보지 않겠습니다.";
    let cases = [
        (json!({"text": korean}), true),
        (json!({"text": korean, "language": "en-GB"}), false),
        (json!({"text": "Très bien!"}), false),
        (json!({"text": NOTE, "language": "ko"}), true),
    ];
    for (index, (mut review, warned)) in cases.into_iter().enumerate() {
        let subject = format!("film-{index}");
        review["subject"] = json!(subject);
        let (status, stored) = server.post("/v1/reviews", &review).await;
        assert_eq!(status, StatusCode::CREATED);
        let warnings = if warned { json!(["language_not_supported"]) } else { json!([]) };
        assert_eq!(stored["analysis"]["warnings"], warnings, "{review}");
        let (_, summary) = server.get(&format!("/v1/subjects/{subject}/summary")).await;
        assert_eq!(summary["not_aggregated"], u64::from(warned), "{review}");
    }
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
