//! How answers come: compressed, and without a body.

use crate::helpers::{NOTE, RAVE, Server};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use std::io::Read;

async fn shelf() -> Server {
    let server = Server::start();
    for (id, text) in [("rave", RAVE), ("note", NOTE)] {
        let review = serde_json::json!({"id": id, "subject": "film", "text": text});
        assert_eq!(server.post("/v1/reviews", &review).await.0, StatusCode::CREATED);
    }
    server
}

const PATHS: [&str; 16] = [
    "/v1/reviews?limit=1",
    "/v1/reviews/rave?sentences=true",
    "/v1/subjects",
    "/v1/subjects/film/summary",
    "/v1/subjects/film/timeline",
    "/v1/subjects/film/highlights",
    "/v1/summary",
    "/v1/compare?subject=film&subject=film",
    "/v1/model",
    "/v1/export",
    "/health",
    "/ready",
    "/openapi.json",
    "/docs/",
    "/problems/conflict",
    "/v1/reviews/nobody",
];

/// Headers that tell of the request and not of what is asked for.
fn comparable(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in ["date", "x-request-id"] {
        headers.remove(name);
    }
    headers
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let server = shelf().await;
    for path in PATHS {
        let get = server.request(Method::GET, path).send().await.unwrap();
        let head = server.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(comparable(head.headers()), comparable(get.headers()), "{path}");
        let whole = get.bytes().await.unwrap();
        if let Some(length) = head.headers().get("content-length") {
            assert_eq!(length.to_str().unwrap(), whole.len().to_string(), "{path}");
        }
        assert!(head.bytes().await.unwrap().is_empty() && !whole.is_empty(), "{path}");
    }
    let head = server.request(Method::HEAD, "/metrics").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    let tag = server.request(Method::HEAD, "/v1/summary").send().await.unwrap();
    let known = server.request(Method::HEAD, "/v1/summary");
    let known = known.header("if-none-match", &tag.headers()["etag"]).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let post_only = server.request(Method::HEAD, "/v1/analyses").send().await.unwrap();
    assert_eq!(post_only.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(post_only.headers()["allow"], "POST");
}

/// A key that may not `GET` may not `HEAD` either.
#[tokio::test]
async fn head_takes_the_key_that_get_takes() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let keys = ["read", "admin"].map(|role| crate::keys::create(&folder, role, role));
    let server = Server::start_on(&folder, &[]);
    let ask = async |key: &str| {
        let head = server.request(Method::HEAD, "/v1/export").bearer_auth(key);
        head.send().await.unwrap().status()
    };
    assert_eq!(ask(&keys[0]).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&keys[1]).await, StatusCode::OK);
    assert_eq!(ask("hs_x").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let server = shelf().await;
    let ask = async |path: &str, encoding: &str| {
        let request = server.request(Method::GET, path).header("accept-encoding", encoding);
        let answer = request.send().await.unwrap();
        let headers = answer.headers().clone();
        (headers, answer.bytes().await.unwrap().to_vec())
    };
    for path in ["/v1/reviews", "/v1/subjects/film/summary", "/v1/export", "/openapi.json"] {
        let (headers, plain) = ask(path, "identity").await;
        assert!(!headers.contains_key("content-encoding"), "{path}");
        for encoding in ["gzip", "br"] {
            let (headers, bytes) = ask(path, encoding).await;
            assert_eq!(headers["content-encoding"], encoding, "{path}");
            let varies = headers["vary"].to_str().unwrap().to_lowercase();
            assert!(varies.contains("accept-encoding"), "{path}: {varies}");
            let mut read = Vec::new();
            match encoding {
                "gzip" => flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut read),
                _ => brotli::Decompressor::new(&bytes[..], 4_096).read_to_end(&mut read),
            }
            .unwrap();
            assert!(read == plain, "{path} {encoding}: it is not what is sent plainly");
        }
    }
}
