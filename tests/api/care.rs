//! The commands that take care of the data, beside a running service and without one.

use crate::helpers::{NOTE, RANT, RAVE, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command of the binary on the store in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command.args(arguments).arg("--store").arg(format!("sled:{}", folder.display()));
    command.args(["--free-disk-mib", "0"]).env("HEARTSTRINGS_PRECISION", "fp32");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

/// Exit code and the JSON on standard output.
fn json_of(output: &Output) -> (i32, Value) {
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!("not JSON: {text}; {}", String::from_utf8_lossy(&output.stderr))
    });
    (output.status.code().unwrap(), value)
}

async fn fill(server: &Server) {
    for (id, text) in [("rave", RAVE), ("rant", RANT), ("note", NOTE)] {
        let body = json!({"id": id, "subject": "film", "text": text,
            "metadata": {"quote": "\"\u{1F62D}\n\""}});
        server.post("/v1/reviews", &body).await;
    }
}

#[tokio::test]
async fn a_backup_of_a_running_service_makes_the_same_database() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let file = folder.path().join("backup.ndjson");
    let file_name = file.to_str().unwrap();
    let server = Server::start_on(&data, &[]);
    fill(&server).await;
    let (code, report) = json_of(&run(&data, &["backup", "--to", file_name, "--json"]));
    assert_eq!((code, &report["reviews"]), (0, &json!(3)));
    let again = run(&data, &["backup", "--to", file_name]);
    assert_eq!(again.status.code(), Some(1), "an existing file is not overwritten");
    let to_stdout = run(&data, &["backup", "--to", "-"]);
    assert_eq!(to_stdout.stdout, std::fs::read(&file).unwrap());

    let (code, report) = json_of(&run(&copy, &["restore", "--from", file_name, "--json"]));
    assert_eq!((code, &report["reviews"]), (0, &json!(3)));
    let onto_data = run(&copy, &["restore", "--from", file_name]);
    assert_eq!(onto_data.status.code(), Some(1), "a folder that holds something is left alone");
    let (code, report) = json_of(&run(&copy, &["verify", "--json"]));
    assert_eq!((code, &report["count"], &report["reviews"]), (0, &json!(0), &json!(3)));
    let copied = Server::start_on(&copy, &[]);
    for path in ["/v1/reviews/rave?sentences=true", "/v1/subjects/film/summary", "/v1/reviews"] {
        assert_eq!(copied.get(path).await, server.get(path).await, "{path}");
    }
    // What was backed up is known by its content, as it was before.
    let body = json!({"id": "note", "subject": "film", "text": NOTE,
        "metadata": {"quote": "\"\u{1F62D}\n\""}});
    assert_eq!(copied.post("/v1/reviews", &body).await.0, 200);
}

#[tokio::test]
async fn a_broken_backup_restores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let server = Server::start_on(&data, &[]);
    fill(&server).await;
    let whole = run(&data, &["backup", "--to", "-"]).stdout;
    let changed = String::from_utf8(whole.clone()).unwrap().replace("Tuesday", "Sundays");
    let cut = &whole[..whole.len() - 120];
    let twice = [&whole[..], &whole[..]].concat();
    for broken in [cut, changed.as_bytes(), b"", b"{}\n", &twice] {
        let file = folder.path().join("broken");
        std::fs::write(&file, broken).unwrap();
        let output = run(&copy, &["restore", "--from", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("not a whole backup"), "{message}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "only the database and the broken file: {left:?}");
    }
}

#[tokio::test]
async fn commands_need_a_database_that_is_not_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for command in ["verify", "rebuild", "rescore"] {
        let output = run(&data, &[command]);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("there is no database"));
    }
    assert!(!data.exists(), "a mistyped folder is not made");
    let server = Server::start_on(&data, &[]);
    fill(&server).await;
    for command in ["verify", "rebuild"] {
        let output = run(&data, &[command]);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("open in another process"));
    }
    server.signal("TERM");
    assert!(server.wait().success());
    let (code, report) = json_of(&run(&data, &["rebuild", "--json"]));
    assert_eq!((code, &report["reviews"]), (0, &json!(3)));
    assert_eq!(run(&data, &["verify"]).status.code(), Some(0));
}

/// The same reviews under a model of another name: `rescore` brings them to this one while the
/// service runs, and again without it.
#[tokio::test]
async fn rescore_brings_reviews_to_the_current_model() {
    let folder = tempfile::tempdir().unwrap();
    let (data, old) = (folder.path().join("data"), folder.path().join("old-model"));
    rename_model(&old);
    let server = Server::start_on(&data, &["--model", old.to_str().unwrap()]);
    fill(&server).await;
    let (_, before) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(before["models"], json!(["another-1"]));
    drop(server);

    let server = Server::start_on(&data, &[]);
    let (code, report) = json_of(&run(&data, &["rescore", "--json"]));
    assert_eq!((code, &report["rescored"], &report["seen"]), (0, &json!(3), &json!(3)));
    let (_, after) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(after["models"], json!(["heartstrings-en-1"]));
    assert_eq!(after["sentiment"], before["sentiment"], "it is the same network");
    let (_, report) = json_of(&run(&data, &["rescore", "--json"]));
    assert_eq!(report["rescored"], 0, "there is nothing left to do");
    drop(server);
    let (_, report) = json_of(&run(&data, &["rescore", "--all", "--json"]));
    assert_eq!(report["rescored"], 3);
    assert_eq!(run(&data, &["verify"]).status.code(), Some(0));
}

/// A copy of the model under another id.
fn rename_model(folder: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/heartstrings-en");
    std::fs::create_dir(folder).unwrap();
    for name in ["tokenizer.json", "model.safetensors"] {
        std::fs::copy(source.join(name), folder.join(name)).unwrap();
    }
    let config = std::fs::read_to_string(source.join("config.json")).unwrap();
    let config = config.replace("\"heartstrings-en-1\"", "\"another-1\"");
    std::fs::write(folder.join("config.json"), config).unwrap();
}

#[tokio::test]
async fn an_export_holds_every_review() {
    let server = Server::start();
    fill(&server).await;
    let response = server.request(Method::GET, "/v1/export").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let path = format!("/v1/reviews/{}?sentences=true", line["id"].as_str().unwrap());
        assert_eq!(server.get(&path).await.1, line);
    }
}
