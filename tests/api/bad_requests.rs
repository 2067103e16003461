//! Bad input gets a clear error that names the place.

use crate::helpers::{NOTE, Server, pointers, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Checks what all problems have.
fn check(problem: &Value, status: StatusCode) {
    assert_eq!(problem["status"], status.as_u16(), "{problem}");
    for member in ["type", "title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
}

async fn raw(server: &Server, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let request = server.request(Method::POST, "/v1/reviews");
    let request = request.header("content-type", "application/json").body(body);
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn values_that_are_wrong_are_named() {
    let server = Server::start();
    let good = json!({"subject": "film", "text": "Good."});
    let with = |name: &str, value: Value| {
        let mut review = good.clone();
        review[name] = value;
        review
    };
    let cases = [
        (with("text", json!("  \n ")), "/text"),
        (with("text", json!("x".repeat(100_001))), "/text"),
        (with("text", json!(5)), "/text"),
        (with("subject", json!("a b")), "/subject"),
        (with("subject", json!("")), "/subject"),
        (with("id", json!("../../etc/passwd")), "/id"),
        (with("rating", json!(9)), "/rating"),
        (with("rating", json!("five")), "/rating"),
        (with("written_at", json!("2999-01-01T00:00:00Z")), "/written_at"),
        (with("written_at", json!("yesterday")), "/written_at"),
        (with("language", json!("english please")), "/language"),
        (with("colour", json!("red")), "/colour"),
        (with("format", json!("rtf")), "/format"),
        (with("metadata", json!({"a": 1})), "/metadata/a"),
        (json!({"subject": "film"}), "/text"),
    ];
    for (body, pointer) in cases {
        let (status, problem) = server.post("/v1/reviews", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer}: {problem}");
        check(&problem, status);
        assert_eq!(pointers(&problem), [pointer]);
    }
    let many = json!({"subject": "a b", "text": "", "rating": 0});
    let (_, problem) = server.post("/v1/reviews", &many).await;
    assert_eq!(pointers(&problem), ["/subject", "/text", "/rating"]);
    let (status, subjects) = server.get("/v1/subjects").await;
    assert_eq!((status, &subjects["subjects"]), (StatusCode::OK, &json!([])), "nothing is stored");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let server = Server::start();
    let deep = "[".repeat(10_000);
    for bad in [
        &b"{\"subject\": \"film\""[..],
        b"",
        b"nonsense",
        b"{\"text\": \"\xff\xfe\"}",
        deep.as_bytes(),
        b"{} {}",
        b"{\"subject\": 1, \"text\": ",
    ] {
        let (status, problem) = raw(&server, bad.to_vec()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
        check(&problem, status);
    }
    let twice = r#"{"subject": "film", "text": "a", "text": "b"}"#;
    let (status, problem) = raw(&server, twice).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers(&problem), ["/text"]);
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    let server = Server::start();
    let large = json!({"subject": "film", "text": "x".repeat(3 << 20)}).to_string();
    let (status, problem) = raw(&server, large.clone()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    check(&problem, status);
    // Without a length, so that only counting can notice.
    let bytes = large.into_bytes();
    let chunks = bytes.chunks(100_000).map(|c| Ok::<_, std::io::Error>(c.to_vec()));
    let stream = futures_util::stream::iter(chunks.collect::<Vec<_>>());
    let (status, _) = raw(&server, reqwest::Body::wrap_stream(stream)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn media_types_paths_and_methods_are_checked() {
    let server = Server::start();
    let plain = server.request(Method::POST, "/v1/reviews").body("good film");
    let (status, problem) = read(plain.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    check(&problem, status);

    let (status, problem) = server.get("/v1/nothing/here").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    check(&problem, status);

    let patch = server.request(Method::PATCH, "/v1/reviews/x").send().await.unwrap();
    assert_eq!(patch.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(patch.headers()["allow"], "GET, HEAD, PUT, DELETE");
    let (status, problem) = read(patch).await;
    check(&problem, status);
}

#[tokio::test]
async fn parameters_are_checked() {
    let server = Server::start();
    let cases = [
        ("/v1/subjects?limit=0", "/query/limit"),
        ("/v1/subjects?limit=201", "/query/limit"),
        ("/v1/subjects?limit=many", "/query/limit"),
        ("/v1/subjects?sort=colour", "/query/sort"),
        ("/v1/subjects?prefix=%2f", "/query/prefix"),
        ("/v1/subjects?page=2", "/query/page"),
        ("/v1/subjects/film/summary?from=2024-13-01", "/query/from"),
        ("/v1/subjects/film/summary?to=today", "/query/to"),
        ("/v1/subjects/a%20b/summary", "/path/subject"),
        ("/v1/reviews/a%20b", "/path/review_id"),
        ("/v1/reviews/x?sentences=maybe", "/query/sentences"),
    ];
    for (path, pointer) in cases {
        let (status, problem) = server.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {problem}");
        check(&problem, status);
        assert_eq!(pointers(&problem), [pointer], "{path}");
    }
    let none = json!({"texts": []});
    let (status, problem) = server.post("/v1/analyses", &none).await;
    assert_eq!((status, pointers(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["/texts"]));
    let blank = json!({"texts": ["good", " "]});
    let (_, problem) = server.post("/v1/analyses", &blank).await;
    assert_eq!(pointers(&problem), ["/texts/1"]);
    let (status, _) = server.get("/v1/subjects/unknown/summary").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_problem_explains_itself() {
    let server = Server::start();
    let (_, problem) = server.post("/v1/reviews", &json!({})).await;
    let page = problem["type"].as_str().unwrap();
    let (status, explained) = server.get(page).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(explained["title"], problem["title"]);
    assert_eq!(server.get("/problems/unheard-of").await.0, StatusCode::NOT_FOUND);
    let sent = server.request(Method::GET, page).header("accept", "text/html,*/*;q=0.8").send();
    let answer = sent.await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(answer.headers()["vary"], "Accept");
    let text = answer.text().await.unwrap();
    assert!(text.contains(&format!("<h1>{}</h1>", problem["title"].as_str().unwrap())), "{text}");
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let server = Server::start();
    let sent = server.request(Method::GET, "/health").header("x-request-id", "mine-1");
    assert_eq!(sent.send().await.unwrap().headers()["x-request-id"], "mine-1");
    let odd = server.request(Method::GET, "/v1/nothing").header("x-request-id", "a b\"c");
    let response = odd.send().await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(id.len(), 36);
    assert_eq!(read(response).await.1["instance"], id);
}

#[tokio::test]
async fn long_values_are_refused_outside_of_bodies_too() {
    let server = Server::start();
    server.review("film", "Good fun.").await;
    let long = "x".repeat(1_001);
    let (status, problem) = server.get(&format!("/v1/reviews?source={long}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["pointer"], "/query/source");
    for path in ["/v1/subjects/film/summary", "/v1/summary", "/v1/subjects/film/timeline"] {
        let request = server.request(Method::GET, path).header("If-None-Match", &long);
        let (status, problem) = read(request.send().await.unwrap()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(problem["errors"][0]["pointer"], "/header/If-None-Match");
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
