//! What others see while the service starts.

use crate::helpers::{NOTE, Server, command, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes a copy of the model that is not there as a whole before somebody writes the tokenizer
/// into its pipe; gives what there is to write.
fn gated_model(folder: &Path) -> Vec<u8> {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/heartstrings-en");
    for name in ["config.json", "model.safetensors"] {
        symlink(model.join(name), folder.join(name)).unwrap();
    }
    let made = Command::new("mkfifo").arg(folder.join("tokenizer.json")).status().unwrap();
    assert!(made.success());
    fs::read(model.join("tokenizer.json")).unwrap()
}

#[tokio::test]
async fn while_the_model_is_loaded_all_but_health_and_documents_wait() {
    let folders = tempfile::tempdir().unwrap();
    let [model, data] = ["model", "data"].map(|name| folders.path().join(name));
    fs::create_dir(&model).unwrap();
    let tokenizer = gated_model(&model);
    let mut start = command(&data, &["--model", model.to_str().unwrap()]);
    start.env("HEARTSTRINGS_LOG", "info").env("HEARTSTRINGS_LOG_FORMAT", "json");
    let mut process = start.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    // The port is free as long as nobody has taken it, so the log says which it is.
    let url = log.find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        line["fields"]["url"].as_str().map(str::to_owned)
    });
    let server = Server::running(process, url.unwrap());

    assert_eq!(server.get("/health").await.0, StatusCode::OK, "the process lives");
    assert_eq!(server.get("/openapi.json").await.0, StatusCode::OK);
    let review = json!({"subject": "film", "text": NOTE});
    for (method, path) in [
        (Method::GET, "/ready"),
        (Method::GET, "/v1/model"),
        (Method::GET, "/v1/reviews"),
        (Method::POST, "/v1/reviews"),
    ] {
        let mut request = server.request(method.clone(), path);
        if method == Method::POST {
            request = request.json(&review);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let seconds = answer.headers()["retry-after"].to_str().unwrap().parse::<u64>();
        assert!(seconds.is_ok_and(|seconds| seconds > 0), "{path}");
        assert_eq!(read(answer).await.1["type"], "/problems/not-ready", "{path}");
    }

    // Opening the pipe waits until the service reads it.
    fs::write(model.join("tokenizer.json"), tokenizer).unwrap();
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), format!("listening on {}", server.url));
    assert_eq!(server.get("/ready").await.0, StatusCode::OK);
    assert_eq!(server.post("/v1/reviews", &review).await.0, StatusCode::CREATED);
}
