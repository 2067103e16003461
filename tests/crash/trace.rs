//! A trace of system calls: every answer comes after a sync that covers what it promises.

use crate::helpers::Server;
use crate::power::{Change, changes, library, start};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Clients at the same time.
const CLIENTS: usize = 6;
/// What each of them does so often.
const ROUNDS: usize = 4;
/// A disk that is slow to sync, so that answers that do not wait are seen.
const SYNC_MICROS: u32 = 5_000;

/// A text of its own, by which a write is found again on the disk.
fn token(client: usize, round: usize, what: &str) -> String {
    format!("token-{client}-{round}-{what}-end")
}

/// All tokens in some bytes.
fn tokens(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let found = text.split("token-").skip(1);
    found.filter_map(|rest| Some(format!("token-{}-end", rest.split_once("-end")?.0))).collect()
}

/// One request on a connection of its own; gives status and body.
async fn send(
    server: &Server,
    method: Method,
    path: &str,
    kind: &str,
    body: String,
) -> (u16, String) {
    let request = server.request(method, path).header("connection", "close");
    let request = request.header("content-type", kind).body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Two reviews in one request, both of which are stored.
async fn send_two(server: &Server, kind: &str, body: String) {
    let (status, answer) = send(server, Method::POST, "/v1/reviews/batch", kind, body).await;
    assert_eq!((status, answer.matches("\"status\":201").count()), (200, 2), "{answer}");
}

async fn work(server: Arc<Server>, client: usize) {
    let json = "application/json";
    for round in 0..ROUNDS {
        let review = |what: &str| json!({"subject": "film", "text": token(client, round, what)});
        let named = |id: &str, what: &str| {
            let mut body = review(what);
            body["id"] = Value::from(id);
            body.to_string()
        };
        let id = format!("c{client}-{round}");
        let path = format!("/v1/reviews/{id}");
        // The same at the same time: one is stored, the others are told so.
        let same = named(&id, "post");
        let repeats =
            (0..6).map(|_| send(&server, Method::POST, "/v1/reviews", json, same.clone()));
        for (status, answer) in futures_util::future::join_all(repeats).await {
            assert!(matches!(status, 200 | 201), "{status} {answer}");
        }
        let (put, answer) =
            send(&server, Method::PUT, &path, json, review("put").to_string()).await;
        assert_eq!(put, 200, "{answer}");
        let (gone, answer) = send(&server, Method::DELETE, &path, json, String::new()).await;
        assert_eq!(gone, 204, "{answer}");
        let batch = Value::from(vec![review("batch-a"), review("batch-b")]).to_string();
        send_two(&server, json, batch).await;
        let lines = format!("{}\n{}\n", review("line-a"), review("line-b"));
        send_two(&server, "application/x-ndjson", lines).await;
    }
}

/// What went over one connection, each piece with its place in the journal.
#[derive(Default)]
struct Talk {
    asked: Vec<(usize, Vec<u8>)>,
    answered: Vec<(usize, Vec<u8>)>,
}

impl Talk {
    fn request(&self) -> Vec<u8> {
        self.asked.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
    }

    /// What the answer promised, each token with the place at which it was sent.
    fn promises(&self) -> Vec<(usize, String)> {
        let mut so_far = Vec::new();
        let mut promises: Vec<(usize, String)> = Vec::new();
        for (place, bytes) in &self.answered {
            so_far.extend(bytes);
            for token in tokens(&so_far) {
                if promises.iter().all(|(_, known)| *known != token) {
                    promises.push((*place, token));
                }
            }
        }
        promises
    }
}

#[tokio::test]
async fn every_answer_waits_for_its_sync() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let library = library(&root);
    let (disk, journal) = (root.join("disk"), root.join("journal"));
    std::fs::create_dir(&disk).unwrap();
    let server = Arc::new(start(&disk.join("data"), &library, &journal, SYNC_MICROS));
    let clients: Vec<_> =
        (0..CLIENTS).map(|client| tokio::spawn(work(Arc::clone(&server), client))).collect();
    for client in clients {
        client.await.unwrap();
    }
    // An answer reaches its client before it is written down. Whoever is answered after that has
    // waited until it was.
    assert_eq!(server.get("/health").await.0, 200);
    server.signal("KILL");
    check(&changes(&journal));
}

fn check(journal: &[Change]) {
    let mut talks: BTreeMap<String, Talk> = BTreeMap::new();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    let mut synced = Vec::new();
    for (place, change) in journal.iter().enumerate() {
        let name = change.path.to_str().unwrap();
        let is_log = change.path.file_name().is_some_and(|name| name == "db");
        let piece = || (place, change.after.clone());
        match change.kind {
            b'Q' => talks.entry(name.into()).or_default().asked.push(piece()),
            b'A' => talks.entry(name.into()).or_default().answered.push(piece()),
            b'W' if is_log => {
                for token in tokens(&change.after) {
                    written.entry(token).or_insert(place);
                }
            }
            b'S' if is_log => synced.push(place),
            _ => {}
        }
    }
    let is_synced = |from: usize, to: usize| synced.iter().any(|at| (from..to).contains(at));
    let (mut stored, mut deleted) = (0, 0);
    for talk in talks.values() {
        let request = talk.request();
        if request.starts_with(b"DELETE") {
            let (asked, answered) = (talk.asked[0].0, talk.answered[0].0);
            assert!(is_synced(asked, answered), "a delete was answered without a sync");
            deleted += 1;
            continue;
        }
        for (place, token) in talk.promises() {
            let written = written.get(&token);
            let written = *written.unwrap_or_else(|| panic!("{token} was promised, not written"));
            assert!(is_synced(written, place), "{token} was promised before it was synced");
            stored += 1;
        }
    }
    // A trace in which nothing was seen would prove nothing.
    assert_eq!(deleted, CLIENTS * ROUNDS);
    assert_eq!(stored, CLIENTS * ROUNDS * (6 + 1 + 2 + 2));
}
