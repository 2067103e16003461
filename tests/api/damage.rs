//! A database with a damaged record, from outside: what is told, what goes on, what is saved.

use crate::helpers::{NOTE, Server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Output};

fn run(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command.args(arguments).args(["--store", url, "--free-disk-mib", "0"]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn url(folder: &Path) -> String {
    format!("sled:{}", folder.display())
}

/// Three reviews, one of which is damaged in a way that sled itself does not notice.
async fn damaged(data: &Path) {
    let server = Server::start_on(data, &[]);
    for id in ["a", "b", "c"] {
        let body = json!({"id": id, "subject": "film", "text": NOTE});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    server.signal("TERM");
    assert!(server.wait().success());
    let database = sled::open(data).unwrap();
    let mut bytes = database.get("rb").unwrap().unwrap().to_vec();
    bytes[40] ^= 1;
    database.insert("rb", bytes).unwrap();
    database.flush().unwrap();
}

#[tokio::test]
async fn a_damaged_review_keeps_nothing_else_from_being_read_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    damaged(&data).await;
    let server = Server::start_on(&data, &[]);
    let (status, page) = server.get("/v1/reviews?subject=film").await;
    let ids: Vec<_> = page["reviews"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!((status, ids), (StatusCode::OK, vec![&json!("c"), &json!("a")]), "{page}");
    let (status, problem) = server.get("/v1/reviews/b").await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(detail.contains("\"b\" is damaged") && detail.contains("verify"), "{detail}");
    assert_eq!(server.get("/v1/subjects/film/highlights").await.0, StatusCode::OK);
    assert_eq!(server.delete("/v1/subjects/film").await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/v1/subjects/film/summary").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 0);
    drop(server);
    assert_eq!(run(&url(&data), &["verify"]).status.code(), Some(0));
}

/// What a damaged review has added to the aggregates cannot be read, so it cannot be taken out of
/// them: a change is refused until a rebuild has left it out. Then they stay exact.
#[tokio::test]
async fn a_damaged_review_is_replaced_and_deleted_once_a_rebuild_has_left_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    damaged(&data).await;
    let server = Server::start_on(&data, &[]);
    let body = json!({"subject": "film", "text": "I hated every minute of it."});
    let put = async |server: &Server| {
        let request = server.request(Method::PUT, "/v1/reviews/b").json(&body);
        let response = request.send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap())
    };
    let (status, problem) = put(&server).await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(detail.contains("\"b\" is damaged") && detail.contains("rebuild"), "{detail}");
    assert_eq!(server.get("/v1/reviews/b").await.1["detail"], detail);
    let deleted = server.delete("/v1/reviews/b").await;
    assert_eq!(deleted, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 3);
    drop(server);

    assert_eq!(run(&url(&data), &["rebuild"]).status.code(), Some(3));
    let (replaced, removed) = (folder.path().join("replaced"), data);
    copy(&removed, &replaced);
    let server = Server::start_on(&replaced, &[]);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 2);
    assert_eq!(put(&server).await.0, StatusCode::CREATED);
    assert_eq!(server.get("/v1/reviews/b").await.1["text"], body["text"]);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 3);
    drop(server);
    assert_eq!(run(&url(&replaced), &["verify"]).status.code(), Some(0));

    let server = Server::start_on(&removed, &[]);
    assert_eq!(server.delete("/v1/reviews/b").await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/v1/reviews/b").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 2);
    drop(server);
    assert_eq!(run(&url(&removed), &["verify"]).status.code(), Some(0));
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

#[tokio::test]
async fn a_backup_tells_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("backup"));
    damaged(&data).await;
    let file_name = file.to_str().unwrap();
    let server = Server::start_on(&data, &[]);
    for is_running in [true, false] {
        if !is_running {
            server.signal("TERM");
            while data.join("control.sock").exists() {
                tokio::task::yield_now().await;
            }
        }
        let refused = run(&url(&data), &["backup", "--to", file_name]);
        let message = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{message}");
        assert!(message.contains("\"b\" is damaged"), "{message}");
        assert!(message.contains("--skip-damaged"), "{message}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "only the database: {left:?}");

        let saved = run(&url(&data), &["backup", "--skip-damaged", "--json", "--to", file_name]);
        let message = String::from_utf8(saved.stderr).unwrap();
        assert_eq!(saved.status.code(), Some(3), "{message}");
        assert!(message.contains("\"b\" is damaged"), "{message}");
        let report: Value = serde_json::from_slice(&saved.stdout).unwrap();
        assert_eq!(
            (&report["reviews"], report["damaged"].as_array().unwrap().len()),
            (&json!(2), 1)
        );
        let copy = folder.path().join("copy");
        let restored = run(&url(&copy), &["restore", "--from", file_name]);
        let message = String::from_utf8(restored.stderr).unwrap();
        assert_eq!(restored.status.code(), Some(0), "{message}");
        assert!(message.contains("\"b\" is damaged"), "{message}");
        std::fs::remove_dir_all(&copy).unwrap();
        // What the backup says of itself is under its checksum.
        let told = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, told.replace("\\\"b\\\" is damaged", "\\\"a\\\" is damaged"))
            .unwrap();
        let refused = run(&url(&copy), &["restore", "--from", file_name]);
        assert_eq!(refused.status.code(), Some(1));
        std::fs::remove_file(&file).unwrap();
    }
    assert!(server.wait().success());
}

/// The folder of a store with a slash at its end is the same folder: the keys' file and the place
/// where a restore builds are beside it.
#[tokio::test]
async fn a_slash_after_the_folder_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let server = Server::start_on(&data, &[]);
    server.review("film", NOTE).await;
    let file = folder.path().join("backup");
    let backup = run(&url(&data), &["backup", "--to", file.to_str().unwrap()]);
    assert!(backup.status.success());
    std::fs::create_dir(&copy).unwrap();
    let with_slash = format!("{}/", url(&copy));
    let restored = run(&with_slash, &["restore", "--from", file.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let made = run(&with_slash, &["key", "create", "--role", "read", "--name", "reader"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(folder.path().join("copy.keys.json").exists());
    let copied = Server::start_on(&copy, &[]);
    let request = copied.request(Method::GET, "/v1/summary").send().await.unwrap();
    assert_eq!(request.status(), StatusCode::UNAUTHORIZED, "the keys were found");
}

/// How many reviews stand in a database with an unreadable page.
const MANY: usize = 1_000;

/// Many reviews, and a page of the log that sled cannot read: the one with review `r0500`.
async fn unreadable(folder: &Path, data: &Path) {
    let one = folder.join("one");
    let server = Server::start_on(&one, &[]);
    let body = json!({"id": "r0000", "subject": "film", "text": NOTE});
    assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    drop(server);
    let file = folder.join("many");
    let backup = run(&url(&one), &["backup", "--to", file.to_str().unwrap()]);
    assert!(backup.status.success());
    let backup = std::fs::read_to_string(&file).unwrap();
    let mut lines = backup.lines();
    let (head, review) = (lines.next().unwrap(), lines.next().unwrap());
    let mut many = format!("{head}\n");
    for number in 0..MANY {
        many += &review.replace("r0000", &format!("r{number:04}")).replace(NOTE, &text(number));
        many.push('\n');
    }
    let sha256: String = Sha256::digest(&many).iter().map(|byte| format!("{byte:02x}")).collect();
    many += &format!("{}\n", json!({"reviews": MANY, "sha256": sha256}));
    std::fs::write(&file, many).unwrap();
    let restored = run(&url(data), &["restore", "--from", file.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    // After this sled's snapshot of its page table covers what stands in the log's middle.
    assert_eq!(run(&url(data), &["verify"]).status.code(), Some(0));
    let (log, needle) = (data.join("db"), text(500).into_bytes());
    let mut bytes = std::fs::read(&log).unwrap();
    for place in 0..bytes.len() {
        if bytes[place] == needle[0] && bytes[place..].starts_with(&needle) {
            bytes[place..place + needle.len()].fill(0x5a);
        }
    }
    std::fs::write(log, bytes).unwrap();
}

fn text(number: usize) -> String {
    format!("This is the text of number {number:04}.")
}

#[tokio::test]
async fn what_is_behind_an_unreadable_page_is_saved_and_what_is_on_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("backup"));
    unreadable(folder.path(), &data).await;
    let verified = run(&url(&data), &["verify", "--json"]);
    let message = String::from_utf8(verified.stderr).unwrap();
    assert_eq!(verified.status.code(), Some(3), "{message}");
    for told in ["review \"r0500\" is damaged", "backup --skip-damaged", "restore"] {
        assert!(message.contains(told), "{message}");
    }
    let findings: Value = serde_json::from_slice(&verified.stdout).unwrap();
    let lost = findings["damaged"].as_u64().unwrap();
    assert!(0 < lost && lost < 100, "{findings}");
    assert_eq!(findings["reviews"].as_u64().unwrap() + lost, MANY as u64);
    let refused = run(&url(&data), &["rebuild"]);
    let message = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{message}");
    assert!(message.contains("nothing was rebuilt"), "{message}");

    let server = Server::start_on(&data, &[]);
    for is_running in [true, false] {
        if !is_running {
            server.signal("TERM");
            while data.join("control.sock").exists() {
                tokio::task::yield_now().await;
            }
        }
        let to = ["--to", file.to_str().unwrap()];
        let refused = run(&url(&data), &["backup", to[0], to[1]]);
        let message = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{message}");
        assert!(message.contains("--skip-damaged") && !file.exists(), "{message}");
        let saved = run(&url(&data), &["backup", "--skip-damaged", "--json", to[0], to[1]]);
        let message = String::from_utf8(saved.stderr).unwrap();
        assert_eq!(saved.status.code(), Some(3), "{message}");
        assert!(message.contains("review \"r0500\" is damaged"), "{message}");
        let report: Value = serde_json::from_slice(&saved.stdout).unwrap();
        assert_eq!(report["reviews"], findings["reviews"]);
        assert_eq!(report["damaged"].as_array().unwrap().len() as u64, lost);
        let copy = folder.path().join("copy");
        let restored = run(&url(&copy), &["restore", "--from", file.to_str().unwrap()]);
        assert_eq!(restored.status.code(), Some(0));
        let verified = run(&url(&copy), &["verify", "--json"]);
        assert_eq!(verified.status.code(), Some(0));
        let counted: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert_eq!(counted["reviews"], findings["reviews"]);
        std::fs::remove_dir_all(&copy).unwrap();
        std::fs::remove_file(&file).unwrap();
    }
    assert!(server.wait().success());
}
