//! Whether answers keep what the OpenAPI document says of them.

use crate::helpers::{NOTE, Server};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// All operations by their ids.
fn operations(document: &Value) -> BTreeMap<&str, &Value> {
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    operations.map(|operation| (operation["operationId"].as_str().unwrap(), operation)).collect()
}

fn responses<'a>(document: &'a Value, operation: &'a Value) -> BTreeMap<&'a str, &'a Value> {
    let all = operation["responses"].as_object().unwrap();
    all.iter().map(|(status, response)| (status.as_str(), resolve(document, response))).collect()
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

/// The codes of the problems in a response.
fn codes(response: &Value) -> BTreeSet<&str> {
    names(&response["content"]["application/problem+json"]["examples"])
}

const BODY: &str = "malformed-request request-timeout payload-too-large unsupported-media-type invalid-request \
     bodies-full";
const LOADED: &str = "unauthorized forbidden too-many-requests not-ready stopping";
const ALWAYS: &str = "uri-too-long header-too-large internal-error";
const SCORING: &str = "queue-full scoring-stopped";
const WRITE: &str = "store-busy writes-stopped";

/// Every problem that each operation can answer with.
fn promised() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let rows = [
        ("create_review", vec![BODY, LOADED, WRITE, SCORING, "conflict disk-full"]),
        ("put_review", vec![BODY, LOADED, WRITE, SCORING, "disk-full"]),
        ("create_reviews", vec![BODY, LOADED]),
        ("analyze", vec![BODY, LOADED, SCORING]),
        ("get_review", vec![LOADED, "not-found invalid-request"]),
        ("delete_review", vec![LOADED, WRITE, "not-found invalid-request"]),
        ("delete_subject", vec![LOADED, WRITE, "not-found invalid-request"]),
        ("list_reviews", vec![LOADED, "bad-cursor invalid-request"]),
        ("list_subjects", vec![LOADED, "bad-cursor invalid-request"]),
        ("get_subject_summary", vec![LOADED, "not-found invalid-request"]),
        ("get_subject_timeline", vec![LOADED, "not-found invalid-request"]),
        ("get_subject_highlights", vec![LOADED, "not-found invalid-request"]),
        ("compare_subjects", vec![LOADED, "not-found invalid-request"]),
        ("get_summary", vec![LOADED, "invalid-request"]),
        ("get_model", vec![LOADED]),
        ("export_reviews", vec![LOADED]),
        ("get_metrics", vec!["unauthorized forbidden too-many-requests stopping"]),
        ("get_problem", vec!["too-many-requests stopping not-found"]),
        ("get_ready", vec!["not-ready stopping"]),
        ("get_health", vec![]),
    ];
    let words = |lists: Vec<&'static str>| {
        lists.into_iter().chain([ALWAYS]).flat_map(str::split_whitespace).collect()
    };
    rows.into_iter().map(|(id, lists)| (id, words(lists))).collect()
}

#[test]
fn every_operation_names_its_problems() {
    let document = document();
    let promised = promised();
    let operations = operations(&document);
    assert!(operations.keys().eq(promised.keys()), "{:?}", operations.keys());
    for (id, operation) in operations {
        let mut named = BTreeSet::new();
        for (status, response) in responses(&document, operation) {
            let examples = &response["content"]["application/problem+json"]["examples"];
            for code in codes(response) {
                let value = &examples[code]["value"];
                assert_eq!(value["type"], format!("/problems/{code}"), "{id} {status}");
                assert_eq!(value["status"].to_string(), status, "{id} {code}");
                let description = response["description"].as_str().unwrap();
                let explained = codes(response).len() == 1 || description.contains(code);
                assert!(explained, "{id} {status}: nothing on {code}");
                named.insert(code);
            }
            assert!(status < "400" || !codes(response).is_empty(), "{id} {status} names none");
        }
        assert_eq!(named, promised[id], "{id}");
    }
}

#[test]
fn every_answer_names_its_headers() {
    let document = document();
    for (id, operation) in operations(&document) {
        for (status, response) in responses(&document, operation) {
            let mut expected = BTreeSet::from(["X-Request-Id"]);
            let is_counted = !matches!(id, "get_health" | "get_ready");
            if is_counted && (status < "400" || status == "429") {
                expected.extend(["RateLimit", "RateLimit-Policy"]);
            }
            match status {
                "401" => expected.extend(["WWW-Authenticate"]),
                "429" | "503" => expected.extend(["Retry-After"]),
                _ => {}
            }
            if status < "300" && !response["content"].is_null() {
                expected.insert("Content-Encoding");
            }
            if status < "300" && matches!(id, "create_review" | "put_review") {
                expected.extend(["Location", "ETag"]);
            }
            let aggregates = ["get_subject_", "get_summary", "compare_", "get_review"];
            if status < "400" && aggregates.iter().any(|prefix| id.starts_with(prefix)) {
                expected.insert("ETag");
            }
            assert_eq!(names(&response["headers"]), expected, "{id} {status}");
            for header in response["headers"].as_object().unwrap().values() {
                let header = resolve(&document, header);
                assert!(header["description"].is_string() && header["schema"].is_object());
            }
        }
    }
    let not_allowed = &document["components"]["responses"]["MethodNotAllowed"];
    assert!(names(&not_allowed["headers"]).contains("Allow"));
}

#[test]
fn links_lead_to_operations_that_take_them() {
    let document = document();
    let operations = operations(&document);
    let mut ends = Vec::new();
    for (id, operation) in &operations {
        let mut count = 0;
        for (status, response) in responses(&document, operation) {
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let target = operations[link["operationId"].as_str().unwrap()];
                for parameter in names(&link["parameters"]) {
                    let mut taken = target["parameters"].as_array().into_iter().flatten();
                    let is_taken = taken.any(|taken| taken["name"] == parameter);
                    assert!(is_taken, "{id} {status} {name}: {parameter}");
                }
                count += 1;
            }
        }
        if count == 0 {
            ends.push(*id);
        }
    }
    // What these answer names nothing that another operation takes.
    let expected = [
        "analyze",
        "delete_review",
        "delete_subject",
        "export_reviews",
        "get_health",
        "get_metrics",
        "get_model",
        "get_problem",
        "get_ready",
        "get_summary",
    ];
    assert_eq!(ends, expected);
}

/// Names of headers that the document can speak of, in an answer.
fn told(document: &Value, response: &Response) -> BTreeSet<String> {
    let known = names(&document["components"]["headers"]);
    let sent = |name: &&str| response.headers().contains_key(*name);
    known.into_iter().filter(sent).map(str::to_owned).collect()
}

/// Each operation is asked once well, and some badly; the answers carry the headers that the
/// document names, and no others of those that it knows.
#[tokio::test]
async fn answers_carry_the_headers_that_are_promised() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &["--rate-limit", "100000"]);
    let document = document();
    let operations = operations(&document);
    let review = json!({"id": "a", "subject": "film", "text": NOTE});
    let none = Value::Null;
    let good = [
        ("create_review", Method::POST, "/v1/reviews", &review, 201),
        ("create_review", Method::POST, "/v1/reviews", &review, 200),
        ("create_review", Method::POST, "/v1/reviews", &json!({"subject": "film"}), 422),
        (
            "create_review",
            Method::POST,
            "/v1/reviews",
            &json!({"id": "a", "subject": "film", "text": "b"}),
            409,
        ),
        ("create_reviews", Method::POST, "/v1/reviews/batch", &json!([review]), 200),
        (
            "put_review",
            Method::PUT,
            "/v1/reviews/b",
            &json!({"subject": "film", "text": NOTE}),
            201,
        ),
        (
            "put_review",
            Method::PUT,
            "/v1/reviews/b",
            &json!({"subject": "film", "text": NOTE}),
            200,
        ),
        ("get_review", Method::GET, "/v1/reviews/a", &none, 200),
        ("get_review", Method::GET, "/v1/reviews/nobody", &none, 404),
        ("list_reviews", Method::GET, "/v1/reviews", &none, 200),
        ("list_reviews", Method::GET, "/v1/reviews?cursor=AAAA", &none, 400),
        ("analyze", Method::POST, "/v1/analyses", &json!({"texts": [NOTE]}), 200),
        ("list_subjects", Method::GET, "/v1/subjects", &none, 200),
        ("get_subject_summary", Method::GET, "/v1/subjects/film/summary", &none, 200),
        ("get_subject_timeline", Method::GET, "/v1/subjects/film/timeline", &none, 200),
        ("get_subject_highlights", Method::GET, "/v1/subjects/film/highlights", &none, 200),
        ("get_summary", Method::GET, "/v1/summary", &none, 200),
        ("compare_subjects", Method::GET, "/v1/compare?subject=film&subject=film", &none, 200),
        ("get_model", Method::GET, "/v1/model", &none, 200),
        ("export_reviews", Method::GET, "/v1/export", &none, 200),
        ("get_metrics", Method::GET, "/metrics", &none, 200),
        ("get_problem", Method::GET, "/problems/conflict", &none, 200),
        ("get_health", Method::GET, "/health", &none, 200),
        ("get_ready", Method::GET, "/ready", &none, 200),
        ("delete_review", Method::DELETE, "/v1/reviews/b", &none, 204),
        ("delete_subject", Method::DELETE, "/v1/subjects/film", &none, 204),
    ];
    let mut seen = BTreeSet::new();
    for (id, method, path, body, status) in good {
        let mut request = server.request(method, path).header("accept-encoding", "gzip");
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{id} {path}");
        let promised = responses(&document, operations[id])[status.to_string().as_str()];
        let mut promised: BTreeSet<String> =
            names(&promised["headers"]).into_iter().map(str::to_owned).collect();
        let mut told = told(&document, &answer);
        if status >= 400 {
            // Problems are counted and compressed too; that goes without saying each time.
            for name in ["RateLimit", "RateLimit-Policy", "Content-Encoding"] {
                told.remove(name);
                promised.remove(name);
            }
        }
        assert_eq!(told, promised, "{id} {status}");
        seen.insert(id);
    }
    assert!(seen.iter().eq(operations.keys()), "every operation is asked");
    let tag = server.request(Method::GET, "/v1/summary").send().await.unwrap();
    let known = server.request(Method::GET, "/v1/summary");
    let known = known.header("if-none-match", &tag.headers()["etag"]).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let promised = responses(&document, operations["get_summary"])["304"];
    assert!(told(&document, &known).iter().map(String::as_str).eq(names(&promised["headers"])));
}

/// The problems of all operations are all that there are, but for those of no operation.
#[tokio::test]
async fn no_problem_is_left_out() {
    let server = Server::start();
    let (_, unknown) = server.get("/problems/unheard-of").await;
    let (_, list) = unknown["detail"].as_str().unwrap().split_once("there are ").unwrap();
    let mut all: BTreeSet<&str> = list.split(", ").collect();
    assert!(all.remove("method-not-allowed"), "{list}");
    let promised: BTreeSet<&str> = promised().into_values().flatten().collect();
    assert_eq!(promised, all);
}
