//! Keys and roles: who may do what, made and revoked while the service runs.

use crate::helpers::{NOTE, Server, command, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs `heartstrings key` on the store in `folder`.
fn key(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command.arg("key").args(arguments).arg("--store").arg(format!("sled:{}", folder.display()));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

/// Makes a key.
pub fn create(folder: &Path, name: &str, role: &str) -> String {
    let made = key(folder, &["create", "--role", role, "--name", name, "--json"]);
    let report: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((&report["name"], &report["role"]), (&json!(name), &json!(role)));
    report["key"].as_str().unwrap().to_owned()
}

/// Sends a request with a key, and gives status and body.
async fn ask(server: &Server, method: &Method, path: &str, key: &str) -> (StatusCode, Value) {
    let mut request = server.request(method.clone(), path).bearer_auth(key);
    match (method, path) {
        (&Method::POST, "/v1/analyses") => request = request.json(&json!({"texts": [NOTE]})),
        (&Method::POST, "/v1/reviews/batch") => {
            request = request.json(&json!([{"id": "b", "subject": "film", "text": NOTE}]));
        }
        (&Method::POST | &Method::PUT, _) => {
            request = request.json(&json!({"id": "a", "subject": "film", "text": NOTE}));
        }
        _ => {}
    }
    let response = request.send().await.unwrap();
    // These two answer with lines, not with one JSON document.
    if response.status() == StatusCode::OK && (path == "/metrics" || path.starts_with("/v1/ex")) {
        return (response.status(), Value::Null);
    }
    read(response).await
}

/// Waits until a request gets a status.
async fn until(server: &Server, key: &str, status: StatusCode) {
    let started = Instant::now();
    while ask(server, &Method::GET, "/v1/model", key).await.0 != status {
        assert!(started.elapsed() < Duration::from_secs(60), "{status} never came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_role_may_do_what_the_table_says_and_no_more() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let keys = ["read", "write", "admin"].map(|role| create(&folder, role, role));
    let server = Server::start_on(&folder, &[]);
    // Each with the smallest of the three keys that may do it.
    let table = [
        (Method::POST, "/v1/reviews", 1),
        (Method::POST, "/v1/reviews/batch", 1),
        (Method::PUT, "/v1/reviews/a", 1),
        (Method::GET, "/v1/reviews", 0),
        (Method::GET, "/v1/reviews/a", 0),
        (Method::POST, "/v1/analyses", 0),
        (Method::GET, "/v1/subjects", 0),
        (Method::GET, "/v1/subjects/film/summary", 0),
        (Method::GET, "/v1/subjects/film/timeline?interval=day", 0),
        (Method::GET, "/v1/subjects/film/highlights", 0),
        (Method::GET, "/v1/summary", 0),
        (Method::GET, "/v1/compare?subject=film&subject=film", 0),
        (Method::GET, "/v1/model", 0),
        (Method::GET, "/metrics", 0),
        (Method::GET, "/v1/export", 2),
        // The router decodes paths, and so must the gate.
        (Method::GET, "/v1/ex%70ort", 2),
        (Method::DELETE, "/v1/reviews/b", 1),
        (Method::DELETE, "/v1/subjects/film", 2),
        (Method::DELETE, "/v1/%73ubjects/other", 2),
        (Method::GET, "/v1/nowhere", 0),
    ];
    for (method, path, smallest) in &table {
        let none = read(server.request(method.clone(), path).send().await.unwrap()).await;
        assert_eq!(none.0, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(none.1["type"], "/problems/unauthorized");
        for (rank, key) in keys.iter().enumerate() {
            let (status, body) = ask(&server, method, path, key).await;
            if rank < *smallest {
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} {body}");
                assert_eq!(body["type"], "/problems/forbidden");
            } else {
                let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                assert!(!refused.contains(&status), "{method} {path} {status} {body}");
            }
        }
    }
    for open in ["/health", "/ready", "/openapi.json", "/problems/unauthorized"] {
        assert_eq!(server.get(open).await.0, StatusCode::OK, "{open}");
    }
    for open in ["/", "/docs/", "/docs/swagger-ui.css"] {
        let status = server.request(Method::GET, open).send().await.unwrap().status();
        assert_eq!(status, StatusCode::OK, "{open}");
    }
}

#[tokio::test]
async fn a_refusal_says_how_to_do_better() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let good = create(&folder, "shop", "read");
    let server = Server::start_on(&folder, &[]);
    let model = || server.request(Method::GET, "/v1/model");
    let bare = model().send().await.unwrap();
    assert_eq!(bare.headers()["www-authenticate"], "Bearer realm=\"heartstrings\"");
    let wrong = [
        format!("Bearer {good}x"),
        format!("Bearer {}", &good[..good.len() - 1]),
        format!("Basic {good}"),
        "Bearer".into(),
        good.clone(),
        "Bearer hs_".into(),
    ];
    for value in wrong {
        let refused = model().header("authorization", &value).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{value}");
        let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.contains("invalid_token"), "{challenge}");
        assert!(!refused.text().await.unwrap().contains(&good[3..20]), "the key is not repeated");
    }
    let lower = model().header("authorization", format!("bearer {good}")).send().await.unwrap();
    assert_eq!(lower.status(), StatusCode::OK, "schemes know no case");
}

#[tokio::test]
async fn keys_are_made_and_revoked_while_the_service_runs() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let server = Server::start_on(&folder, &[]);
    assert_eq!(server.get("/v1/model").await.0, StatusCode::OK, "no keys, and on loopback");
    let first = create(&folder, "first", "read");
    until(&server, "hs_wrong", StatusCode::UNAUTHORIZED).await;
    until(&server, &first, StatusCode::OK).await;
    let second = create(&folder, "second", "admin");
    until(&server, &second, StatusCode::OK).await;

    let listed = key(&folder, &["list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let names: Vec<_> = listed["keys"].as_array().unwrap().iter().map(|k| &k["name"]).collect();
    assert_eq!(names, ["first", "second"]);
    assert!(!listed.to_string().contains("sha256") && !listed.to_string().contains(&first[3..]));

    assert_eq!(key(&folder, &["revoke", "--name", "first"]).status.code(), Some(0));
    until(&server, &first, StatusCode::UNAUTHORIZED).await;
    until(&server, &second, StatusCode::OK).await;
    assert_eq!(key(&folder, &["revoke", "--name", "second"]).status.code(), Some(0));
    until(&server, &second, StatusCode::UNAUTHORIZED).await;
    let open = server.get("/v1/model").await.0;
    assert_eq!(open, StatusCode::UNAUTHORIZED, "the last key leaves a closed door");
}

#[tokio::test]
async fn mistakes_with_keys_are_explained() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    create(&folder, "shop", "write");
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let again = key(&folder, &["create", "--role", "read", "--name", "shop"]);
    assert!(again.status.code() == Some(1) && said(&again).contains("already"));
    let unknown = key(&folder, &["revoke", "--name", "other"]);
    assert!(unknown.status.code() == Some(1) && said(&unknown).contains("key list"));
    let odd = key(&folder, &["create", "--role", "king", "--name", "shop2"]);
    assert_eq!(odd.status.code(), Some(2));
    let odd = key(&folder, &["create", "--role", "read", "--name", "a b"]);
    assert_eq!(odd.status.code(), Some(2));

    std::fs::write(parent.path().join("data.keys.json"), "{").unwrap();
    let mut serve = command(&folder, &[]);
    let refused = serve.stdin(Stdio::null()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("keys.json is not a file of keys"), "{}", said(&refused));
}

#[tokio::test]
async fn keys_let_other_machines_in_and_their_names_are_in_the_log() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let everywhere = || {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
        serve.args(["serve", "--listen", "0.0.0.0:0", "--log-format", "json", "--store"]);
        serve.arg(format!("sled:{}", folder.display())).env("HEARTSTRINGS_FREE_DISK_MIB", "0");
        serve.current_dir(env!("CARGO_MANIFEST_DIR"));
        serve
    };
    let refused = everywhere().output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("heartstrings key create"));

    let key = create(&folder, "shop-frontend", "read");
    let log_path = parent.path().join("log");
    let mut serve = everywhere();
    serve.stderr(std::fs::File::create(&log_path).unwrap());
    let mut server = Server::spawn(serve);
    server.url = server.url.replace("0.0.0.0", "127.0.0.1");
    let secret_text = "The unmistakable wombat danced.";
    let body = json!({"texts": [secret_text]});
    let analysed = server.request(Method::POST, "/v1/analyses").bearer_auth(&key).json(&body);
    assert_eq!(analysed.send().await.unwrap().status(), StatusCode::OK);
    let body = json!({"subject": "film", "text": secret_text});
    let refused = server.request(Method::POST, "/v1/reviews").bearer_auth(&key).json(&body);
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let guessed = server.request(Method::GET, "/v1/model").bearer_auth("hs_guessed-wrongly");
    assert_eq!(guessed.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    server.signal("TERM");
    assert!(server.wait().success());
    let log = std::fs::read_to_string(&log_path).unwrap();
    let lines: Vec<Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let refusals: Vec<_> =
        lines.iter().map(|line| &line["fields"]).filter(|f| f["message"] == "refused").collect();
    assert_eq!(refusals.len(), 2, "{log}");
    assert_eq!(refusals[0]["key"], "shop-frontend");
    assert_eq!(refusals[0]["reason"], "the role is too small");
    assert_eq!(refusals[1]["reason"], "the key is unknown");
    for never in [&key[3..], "guessed", "wombat"] {
        assert!(!log.contains(never), "{never} is in the log");
    }
}

/// A name that two clients hit upon both shows neither the other's review.
#[tokio::test]
async fn idempotency_keys_belong_to_api_keys() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let keys = ["one", "other"].map(|name| create(&folder, name, "write"));
    let server = Server::start_on(&folder, &[]);
    let post = async |key: &str, text: &str| {
        let request = server.request(Method::POST, "/v1/reviews").bearer_auth(key);
        let request = request.header("idempotency-key", "order-1");
        let body = json!({"subject": "film", "text": text});
        read(request.json(&body).send().await.unwrap()).await
    };
    let (status, first) = post(&keys[0], "Good fun.").await;
    assert_eq!(status, StatusCode::CREATED);
    // With other content it would be a conflict, and with the same the other's review.
    let (status, second) = post(&keys[1], "No fun.").await;
    assert_eq!(status, StatusCode::CREATED, "{second}");
    assert_eq!(post(&keys[0], "Good fun.").await, (StatusCode::OK, first));
    assert_eq!(post(&keys[1], "No fun.").await, (StatusCode::OK, second));
    assert_eq!(post(&keys[0], "No fun.").await.0, StatusCode::CONFLICT);
}
