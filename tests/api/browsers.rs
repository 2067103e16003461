//! What browsers are told: other origins, and what pages may do.

use crate::helpers::Server;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

async fn preflight(server: &Server, origin: &str) -> (StatusCode, HeaderMap) {
    let request = server
        .request(Method::OPTIONS, "/v1/reviews")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let response = request.send().await.unwrap();
    (response.status(), response.headers().clone())
}

#[tokio::test]
async fn other_origins_are_let_in_only_when_listed() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let key = crate::keys::create(&folder, "shop", "read");
    let origins = "https://shop.example,http://127.0.0.1:3000";
    let server = Server::start_on(&folder, &["--cors-origins", origins]);
    // A browser asks without the key.
    let (status, headers) = preflight(&server, "https://shop.example").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(value(&headers, "access-control-allow-origin"), Some("https://shop.example"));
    assert!(value(&headers, "access-control-allow-headers").unwrap().contains("authorization"));
    let (status, headers) = preflight(&server, "https://evil.example").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(value(&headers, "access-control-allow-origin"), None);

    let ask = |key: &str| {
        let request = server.request(Method::GET, "/v1/model").bearer_auth(key);
        request.header("origin", "https://shop.example").send()
    };
    for (key, status) in [(&key[..], StatusCode::OK), ("hs_x", StatusCode::UNAUTHORIZED)] {
        let response = ask(key).await.unwrap();
        assert_eq!(response.status(), status);
        let headers = response.headers();
        assert_eq!(value(headers, "access-control-allow-origin"), Some("https://shop.example"));
        let exposed = value(headers, "access-control-expose-headers").unwrap();
        assert!(exposed.contains("x-request-id") && exposed.contains("retry-after"), "{exposed}");
        assert!(value(headers, "vary").unwrap().to_lowercase().contains("origin"));
        assert_eq!(value(headers, "access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn without_a_list_no_origin_is_let_in() {
    let server = Server::start();
    let (status, headers) = preflight(&server, "https://shop.example").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(value(&headers, "access-control-allow-origin"), None);
    let request = server.request(Method::GET, "/v1/model").header("origin", "https://shop.example");
    let response = request.send().await.unwrap();
    assert_eq!(value(response.headers(), "access-control-allow-origin"), None);
}

#[tokio::test]
async fn pages_may_use_what_comes_from_here_only() {
    let server = Server::start();
    let page = server.request(Method::GET, "/docs/").send().await.unwrap();
    let headers = page.headers().clone();
    let policy = value(&headers, "content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(value(&headers, "x-frame-options"), Some("DENY"));
    assert_eq!(value(&headers, "referrer-policy"), Some("no-referrer"));
    let html = page.text().await.unwrap();
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains("src=\"./"), "the policy forbids scripts in the page: {tag}");
    }
    let unknown = server.request(Method::GET, "/nowhere").send().await.unwrap();
    let headers = unknown.headers();
    assert_eq!(value(headers, "x-content-type-options"), Some("nosniff"));
    let policy = value(headers, "content-security-policy").unwrap();
    assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'");
}
