//! Files of reviews into a running service, and what the other commands read from one.

use crate::helpers::Server;
use crate::people::{Outcome, person, run};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

const ROWS: &str = "id,text,subject,rating\n\
    a,I loved it.,film,5\n\
    b,I hated it.,film,1\n\
    c,,film,1\n\
    d,It is what it is.,other film,3\n\
    taken,Another text.,film,3\n";

/// Runs a command beside the service; it never sees the store.
async fn ask(server: &Server, arguments: &[&str]) -> Outcome {
    let nowhere = tempfile::tempdir().unwrap();
    let data = nowhere.path().join("data");
    let url = server.url.clone();
    let arguments: Vec<String> = arguments.iter().map(|part| (*part).to_owned()).collect();
    let asked = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome = run(&data, &[&arguments[..], &["--server", &url]].concat());
        assert!(!data.exists(), "{outcome:?}");
        outcome
    });
    asked.await.unwrap()
}

fn file(folder: &Path) -> String {
    let file = folder.join("reviews.csv");
    std::fs::write(&file, ROWS).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_go_into_a_running_service() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path());
    let server = Server::start();
    let taken = json!({"id": "taken", "subject": "film", "text": "Something else."});
    server.post("/v1/reviews", &taken).await;
    let import = ["import", "--yes", "--json", &file];
    let first = ask(&server, &import).await;
    assert_eq!((first.code, first.counts()), (4, [3, 0, 2]), "{}", first.err);
    let told = std::fs::read_to_string(format!("{file}.refused.csv")).unwrap();
    for words in [",4,text: the text is empty", ",6,", "belongs to a review with other content"] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    let again = ask(&server, &import).await;
    assert_eq!((again.code, again.counts()), (4, [0, 3, 2]), "{}", again.err);
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!((&summary["reviews"], &summary["rating"]["mean"]), (&json!(3), &json!(3.0)));

    // What the other commands say is what the API says.
    let told = ask(&server, &["summary", "film", "--json"]).await;
    assert_eq!(told.json(), summary);
    let told = ask(&server, &["summary", "nothing"]).await;
    assert!(told.code == 1 && told.err.contains("no review of the subject"), "{told:?}");
    let told = ask(&server, &["subjects", "--json", "--limit", "1"]).await;
    let (_, subjects) = server.get("/v1/subjects?sort=reviews&limit=1").await;
    assert_eq!(told.json(), subjects["subjects"][0]);
    let told = ask(&server, &["export", "--subject", "film", "--max-score", "-0.5"]).await;
    let (_, page) =
        server.get("/v1/reviews?subject=film&max_score=-0.5&sentences=true&sort=oldest").await;
    let lines: Vec<Value> =
        told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&json!(lines), &page["reviews"]);
    assert!(!lines.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_keys_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (file(folder.path()), folder.path().join("data"));
    let made = run(&data, &["key", "create", "--role", "read", "--name", "x", "--json"]);
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let server = Server::start_on(&data, &[]);
    for (arguments, words) in [
        (vec!["import", "--yes", &file], "--key"),
        (vec!["import", "--yes", "--key", "wrong", &file], "--key"),
        (vec!["import", "--yes", "--key", &key, &file], "another role"),
        (vec!["summary"], "--key"),
    ] {
        let outcome = ask(&server, &arguments).await;
        assert!(outcome.code == 1 && outcome.err.contains(words), "{arguments:?}: {outcome:?}");
    }
    let outcome = ask(&server, &["subjects", "--key", &key]).await;
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "no subjects\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_and_a_service_that_is_gone_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (file(folder.path()), folder.path().join("data"));
    let server = Server::start_on(&data, &[]);
    for command in [&["import", "--yes", &file][..], &["summary"], &["subjects"], &["export"]] {
        let outcome = run(&data, command);
        assert!(outcome.code == 1 && outcome.err.contains("--server"), "{command:?}: {outcome:?}");
    }
    let url = server.url.clone();
    server.signal("TERM");
    server.wait();
    let outcome = run(&data, &["import", "--yes", &file, "--server", &url]);
    assert!(outcome.code == 1 && outcome.err.contains("no answer from"), "{outcome:?}");
    // A command that only reads makes no store.
    let nowhere = folder.path().join("nowhere");
    for command in ["summary", "subjects", "export"] {
        let outcome = run(&nowhere, &[command]);
        assert!(outcome.code == 1 && outcome.err.contains("there is no database"), "{outcome:?}");
    }
    assert!(!nowhere.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_tls_is_asked_when_its_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let [key, certificate] = ["key.pem", "cert.pem"].map(|name| folder.path().join(name));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let files = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    let server = Server::start_with(&["--tls-certificate", files[0], "--tls-key", files[1]]);
    assert!(server.url.starts_with("https://"));
    let nowhere = folder.path().join("data");
    let mut subjects = person(&nowhere, &["subjects", "--server", &server.url]);
    let trusting: Outcome = subjects.env("SSL_CERT_FILE", files[0]).output().unwrap().into();
    assert_eq!((trusting.code, trusting.out.as_str()), (0, "no subjects\n"), "{trusting:?}");
    let mut subjects = person(&nowhere, &["subjects", "--server", &server.url]);
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, other.cert.pem()).unwrap();
    let wary: Outcome = subjects.env("SSL_CERT_FILE", files[0]).output().unwrap().into();
    assert!(wary.code == 1 && wary.err.contains("certificate"), "{wary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_after_its_service_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("many.csv"));
    let rows = (0..600).map(|number| format!("Number {number} was what it was.,film\n"));
    std::fs::write(&file, format!("text,subject\n{}", rows.collect::<String>())).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let server = Server::start_on(&data, &[]);
    let arguments = ["import", "--yes", &file, "--server", &server.url];
    let mut import = person(&folder.path().join("nowhere"), &arguments);
    let mut import = import.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(import.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("100 ")), "it ended before the kill");
    server.signal("KILL");
    let told = lines.last().unwrap();
    assert_eq!(import.wait().unwrap().code(), Some(1), "{told}");
    assert!(told.contains("run the same command again"), "{told}");
    drop(server);
    let server = Server::start_on(&data, &[]);
    let again = ask(&server, &["import", "--yes", "--json", &file]).await;
    let [stored, known, refused] = again.counts();
    assert_eq!((again.code, stored + known, refused), (0, 600, 0), "{}", again.err);
    assert!(known >= 100, "what was answered was there: {known}");
    let (_, summary) = server.get("/v1/summary").await;
    assert_eq!(summary["reviews"], 600);
}
