//! A disk that fails or is full, at any write or sync.

use crate::clients;
use crate::helpers::{Server, command, first_line, killed_if_it_hangs};
use crate::random::Random;
use crate::{compile, kills, seed};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Error numbers of Linux: an input or output error, no space left.
const ERRORS: [(&str, i32); 2] = [("EIO", 5), ("ENOSPC", 28)];
/// Requests of a round.
const REQUESTS: usize = 16;

/// Where a round takes place.
struct Disk {
    root: PathBuf,
    library: PathBuf,
}

/// Which calls fail.
#[derive(Clone, Copy)]
struct Fault {
    /// After so many that do not,
    after: u64,
    /// so many,
    times: u64,
    /// with this number.
    error: i32,
}

impl Fault {
    const NONE: Fault = Fault { after: 0, times: 0, error: 0 };
}

impl Disk {
    fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// A process that this fault will meet.
    fn start(&self, fault: Fault) -> Command {
        // Of the process before, which may have ended without a call.
        let _ = std::fs::remove_file(self.count());
        let mut command = command(&self.data(), &[]);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULTS_ROOT", self.data())
            .env("FAULTS_COUNT", self.count())
            .env("FAULTS_AFTER", fault.after.to_string())
            .env("FAULTS_TIMES", fault.times.to_string())
            .env("FAULTS_ERROR", fault.error.to_string())
            .env("FAULTS_READS", self.unreadable())
            .stderr(Stdio::piped());
        command
    }

    /// A service that listens, and that this fault meets from now on. How many calls it takes to open a
    /// database differs from start to start, because sled syncs in the background meanwhile.
    fn serve(&self, fault: Fault) -> Server {
        let _ = std::fs::remove_file(self.listening());
        let mut command = self.start(fault);
        command.env("FAULTS_FROM", self.listening());
        let server = Server::spawn(command);
        std::fs::write(self.listening(), "").unwrap();
        server
    }

    /// The file that says that the process listens.
    fn listening(&self) -> PathBuf {
        self.root.join("listening")
    }

    /// The file that holds how many calls there were.
    fn count(&self) -> PathBuf {
        self.root.join("count")
    }

    /// While this file is there, the disk cannot be read.
    fn unreadable(&self) -> PathBuf {
        self.root.join("unreadable")
    }

    /// Writes and syncs that counted, of the process that ran last.
    fn calls(&self) -> u64 {
        let bytes = std::fs::read(self.count()).unwrap();
        u64::from_le_bytes(bytes[..8].try_into().unwrap())
    }
}

fn disk(folder: &tempfile::TempDir) -> Disk {
    let root = folder.path().canonicalize().unwrap();
    Disk { library: compile("faults.c", &root), root }
}

/// What is known to be stored: id and text.
type Stored = BTreeMap<String, String>;

/// Posts, replaces and deletes, one after the other. Whatever fails must fail in order: with a
/// problem, and nothing more is written afterwards. Says whether something failed; `stored` is what
/// was acknowledged, `unsure` what was asked for when the disk failed.
async fn work(server: &Server, stored: &mut Stored, unsure: &mut Option<(String, Option<String>)>) {
    for number in 0..REQUESTS {
        let id = format!("r{}", number % 7);
        let text = format!("It is number {number}, and it is good.");
        let body = json!({"subject": "film", "text": text});
        let path = format!("/v1/reviews/{id}");
        let is_delete = number % 5 == 4;
        let response = match is_delete {
            true => server.request(Method::DELETE, &path).send().await.unwrap(),
            false => server.request(Method::PUT, &path).json(&body).send().await.unwrap(),
        };
        let outcome = (!is_delete).then_some(text);
        match response.status().as_u16() {
            200 | 201 => drop(stored.insert(id, outcome.unwrap())),
            204 | 404 if is_delete => drop(stored.remove(&id)),
            503 | 507 => {
                let kind = response.headers()["content-type"].to_str().unwrap();
                assert_eq!(kind, "application/problem+json");
                let problem: Value = response.json().await.unwrap();
                assert_eq!(problem["type"], "/problems/writes-stopped", "{problem}");
                // Only the first refused write can be on the disk: the others were not tried.
                unsure.get_or_insert((id, outcome));
            }
            other => panic!("{other}: {:?}", response.text().await),
        }
    }
}

/// Everything acknowledged can be read; the review that was being written when the disk failed may
/// be what it was or what it would have become.
async fn check(server: &Server, stored: &mut Stored, unsure: Option<(String, Option<String>)>) {
    if let Some((id, outcome)) = unsure {
        let (status, body) = server.get(&format!("/v1/reviews/{id}")).await;
        let found = (status == StatusCode::OK).then(|| body["text"].as_str().unwrap().to_owned());
        assert!(found == outcome || found.as_ref() == stored.get(&id), "{id}: {found:?}");
        match found {
            Some(text) => drop(stored.insert(id, text)),
            None => drop(stored.remove(&id)),
        }
    }
    for (id, text) in &*stored {
        let (status, body) = server.get(&format!("/v1/reviews/{id}")).await;
        assert_eq!((status, body["text"].as_str()), (StatusCode::OK, Some(&**text)), "{id}");
    }
    let (_, summary) = server.get("/v1/summary").await;
    assert_eq!(summary["reviews"], stored.len());
}

fn end(server: Server) {
    server.signal("TERM");
    let (status, log) = server.wait_with_log();
    assert!(!log.contains("panic"), "{log}");
    // Killed by no signal: it ended by itself.
    assert!(status.code().is_some(), "{status} {log}");
}

#[tokio::test]
async fn a_failing_disk_stops_writes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(&folder);
    let mut stored = Stored::new();
    let server = disk.serve(Fault::NONE);
    work(&server, &mut stored, &mut None).await;
    let working = disk.calls();
    end(server);
    check(&Server::start_on(&disk.data(), &[]), &mut stored, None).await;
    assert!(working >= 2 * REQUESTS as u64, "{working} writes and syncs");
    let (mut random, mut failed) = (Random::new(seed()), 0);
    for round in 0..kills() {
        let (name, error) = ERRORS[round % 2];
        let after = random.below(working as usize) as u64;
        let times = if random.below(2) == 0 { 1 } else { u64::MAX };
        let server = disk.serve(Fault { after, times, error });
        let mut unsure = None;
        work(&server, &mut stored, &mut unsure).await;
        println!("{name} after {after} calls, {times} times: failed at {unsure:?}");
        if unsure.is_some() {
            failed += 1;
            assert_eq!(server.get("/ready").await.1["status"], "read_only");
            assert_eq!(server.get("/v1/subjects").await.0, StatusCode::OK);
        }
        end(server);
        clients::verify(&disk.data());
        check(&Server::start_on(&disk.data(), &[]), &mut stored, unsure).await;
    }
    // A test in which nothing failed would prove nothing.
    assert!(failed > kills() / 2, "{failed}");
}

/// A disk that fails while the database is opened: the process says so and ends; afterwards
/// everything is there.
#[tokio::test]
async fn a_disk_that_fails_at_the_start_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(&folder);
    let mut stored = Stored::new();
    let server = Server::spawn(disk.start(Fault::NONE));
    work(&server, &mut stored, &mut None).await;
    end(server);
    let server = Server::spawn(disk.start(Fault::NONE));
    let opening = disk.calls();
    end(server);
    let refused = (0..opening)
        .filter(|after| {
            let (_, error) = ERRORS[*after as usize % 2];
            is_refused(&disk, Fault { after: *after, times: u64::MAX, error })
        })
        .count();
    // Those after the database is open stop nothing: sled writes in the background while the model is
    // being loaded, the more the slower the machine is.
    assert!(refused >= 4, "{refused} of {opening}");
    clients::verify(&disk.data());
    check(&Server::start_on(&disk.data(), &[]), &mut stored, None).await;
}

/// Whether the process ends by itself, which it must do with a sentence that names the folder.
fn is_refused(disk: &Disk, fault: Fault) -> bool {
    let mut process = disk.start(fault).stdout(Stdio::piped()).spawn().unwrap();
    if first_line(&mut process).starts_with("listening") {
        process.kill().unwrap();
        process.wait().unwrap();
        return false;
    }
    let _ends = killed_if_it_hangs(process.id());
    let output = process.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(!message.contains("panic"), "{message}");
    assert!(message.contains(disk.data().to_str().unwrap()), "{message}");
    true
}

/// A write has to look up what it changes. When that cannot be read, it is refused like one that
/// cannot be written, nothing of it is done, and everything is there after a restart.
#[tokio::test]
async fn a_disk_that_cannot_be_read_stops_writes() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(&folder);
    let mut stored = Stored::new();
    let server = Server::spawn(disk.start(Fault::NONE));
    work(&server, &mut stored, &mut None).await;
    end(server);
    let body = json!({"id": "r0", "subject": "film", "text": "It is another one."});
    for (method, path) in [
        (Method::PUT, "/v1/reviews/r0"),
        (Method::DELETE, "/v1/reviews/r0"),
        (Method::DELETE, "/v1/subjects/film"),
        (Method::POST, "/v1/reviews"),
    ] {
        // Nothing is in memory yet, so that everything has to be read.
        let server = Server::spawn(disk.start(Fault::NONE));
        std::fs::write(disk.unreadable(), "").unwrap();
        let request = server.request(method.clone(), path);
        let response = match method {
            Method::DELETE => request.send().await.unwrap(),
            _ => request.json(&body).send().await.unwrap(),
        };
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{method} {path}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["type"], "/problems/writes-stopped", "{method} {path}: {problem}");
        let (status, ready) = server.get("/ready").await;
        assert_eq!((status, &ready["status"]), (StatusCode::OK, &json!("read_only")), "{ready}");
        std::fs::remove_file(disk.unreadable()).unwrap();
        end(server);
        clients::verify(&disk.data());
        check(&Server::start_on(&disk.data(), &[]), &mut stored, None).await;
    }
}
