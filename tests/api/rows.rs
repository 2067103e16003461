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
