//! Clients that create, replace and delete until the service dies, and remember what it promised.

use crate::helpers::{Server, number};
use crate::random::Random;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Clients at the same time.
const CLIENTS: usize = 6;
/// Ids of each client: few, so that they are met in all states.
const IDS: usize = 12;
/// Texts of reviews; short ones, so that the disk is what is busy.
const TEXTS: [&str; 4] = ["I love it.", "It is awful.", "It is a box.", "Not bad, not good."];

/// A few reviews are many here, so that lists by label, emotion and source come and go.
pub const SETTINGS: [&str; 2] = ["--page-scan", "8"];

/// What a review may be: its text, or that it is not there. One entry when the last request about
/// it was answered, two when the service died before.
pub type Possible = Vec<Option<String>>;

/// What is known of all ids.
pub struct Known(BTreeMap<String, Possible>);

impl Known {
    /// Nothing is there.
    pub fn nothing() -> Self {
        let ids = (0..CLIENTS).flat_map(|client| (0..IDS).map(move |n| id_of(client, n)));
        Self(ids.map(|id| (id, vec![None])).collect())
    }

    /// Lets clients work until `operations` were answered, then kills the service.
    pub async fn work_and_kill(&mut self, server: Server, random: &mut Random, operations: usize) {
        let server = Arc::new(server);
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let mine = (0..IDS).map(|n| id_of(client, n));
                let mine = mine.map(|id| (id.clone(), self.0[&id].clone())).collect();
                let worker = Client {
                    server: Arc::clone(&server),
                    random: Random::new(random.below(usize::MAX) as u64),
                    answered: Arc::clone(&answered),
                    known: mine,
                };
                tokio::spawn(worker.work())
            })
            .collect();
        while answered.load(Ordering::Relaxed) < operations {
            // They go on for as long as the service lives.
            assert!(!clients.iter().all(tokio::task::JoinHandle::is_finished), "it died too early");
            tokio::task::yield_now().await;
        }
        server.signal("KILL");
        for client in clients {
            self.0.extend(client.await.unwrap());
        }
    }

    /// Looks at every id: what stands there must be possible, and is what is known from now on.
    /// The summary must be that of what stands there.
    pub async fn check(&mut self, server: &Server) {
        let (mut reviews, mut score) = (0, 0.0);
        for (id, possible) in &mut self.0 {
            let (status, body) = server.get(&format!("/v1/reviews/{id}")).await;
            let found = match status {
                StatusCode::OK => Some(body["text"].as_str().unwrap().to_owned()),
                StatusCode::NOT_FOUND => None,
                other => panic!("{id}: {other} {body}"),
            };
            assert!(possible.contains(&found), "{id} is {found:?} and should be in {possible:?}");
            if found.is_some() {
                reviews += 1;
                score += number(&body, "/analysis/sentiment/score");
            }
            *possible = vec![found];
        }
        let (_, summary) = server.get("/v1/summary").await;
        assert_eq!(summary["reviews"], reviews);
        if reviews > 0 {
            let mean = number(&summary, "/sentiment/mean");
            assert!((mean - score / f64::from(reviews)).abs() < 2e-6);
        }
    }
}

/// Everything in the database is what a recount makes.
pub fn verify(folder: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_heartstrings"))
        .args(["verify", "--store", &format!("sled:{}", folder.display())])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn id_of(client: usize, number: usize) -> String {
    format!("c{client}-{number}")
}

struct Client {
    server: Arc<Server>,
    random: Random,
    answered: Arc<AtomicUsize>,
    known: BTreeMap<String, Possible>,
}

impl Client {
    async fn work(mut self) -> BTreeMap<String, Possible> {
        loop {
            let ids: Vec<&String> = self.known.keys().collect();
            let id = ids[self.random.below(ids.len())].clone();
            let is_alive = match self.random.below(10) {
                0..4 => self.put(id).await,
                4..7 => self.delete(id).await,
                7..9 => self.create(id).await,
                _ => self.batch().await,
            };
            if !is_alive {
                return self.known;
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn review(&mut self, id: &str) -> (Value, String) {
        let text = TEXTS[self.random.below(TEXTS.len())].to_owned();
        let subject = format!("s{}", self.random.below(3));
        let day = self.random.below(60) + 1;
        let written_at = format!("2024-{:02}-{:02}T00:00:00Z", 1 + day / 30, 1 + day % 28);
        (json!({"id": id, "subject": subject, "text": text, "written_at": written_at}), text)
    }

    /// A request under way: afterwards the review may be what it was or what it would become.
    fn expect_either(&mut self, id: &str, outcome: Option<String>) {
        self.known.get_mut(id).unwrap().push(outcome);
    }

    fn is(&mut self, id: &str, outcome: Option<String>) -> bool {
        self.known.insert(id.to_owned(), vec![outcome]);
        true
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let request = self.server.request(method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    async fn put(&mut self, id: String) -> bool {
        let (body, text) = self.review(&id);
        self.expect_either(&id, Some(text.clone()));
        match self.send(Method::PUT, &format!("/v1/reviews/{id}"), Some(body)).await {
            Some((200 | 201, _)) => self.is(&id, Some(text)),
            None => false,
            other => panic!("{id}: {other:?}"),
        }
    }

    async fn create(&mut self, id: String) -> bool {
        let (body, text) = self.review(&id);
        let before = self.known[&id].clone();
        self.expect_either(&id, Some(text.clone()));
        match self.send(Method::POST, "/v1/reviews", Some(body)).await {
            Some((201, _)) => self.is(&id, Some(text)),
            // Another review has the id, or the same one.
            Some((409 | 200, _)) => {
                self.known.insert(id, before);
                true
            }
            None => false,
            other => panic!("{id}: {other:?}"),
        }
    }

    async fn delete(&mut self, id: String) -> bool {
        self.expect_either(&id, None);
        match self.send(Method::DELETE, &format!("/v1/reviews/{id}"), None).await {
            Some((204 | 404, _)) => self.is(&id, None),
            None => false,
            other => panic!("{id}: {other:?}"),
        }
    }

    /// New reviews of several ids in one request, each after a delete of the old one.
    async fn batch(&mut self) -> bool {
        let ids: Vec<String> = self.known.keys().take(3).cloned().collect();
        for id in &ids {
            if !Box::pin(self.delete(id.clone())).await {
                return false;
            }
        }
        let reviews: Vec<_> = ids.iter().map(|id| self.review(id)).collect();
        for (id, (_, text)) in ids.iter().zip(&reviews) {
            self.expect_either(id, Some(text.clone()));
        }
        let body = Value::from(reviews.iter().map(|(body, _)| body.clone()).collect::<Vec<_>>());
        match self.send(Method::POST, "/v1/reviews/batch", Some(body)).await {
            Some((200, answer)) => {
                for (place, (id, (_, text))) in ids.iter().zip(reviews).enumerate() {
                    assert_eq!(answer["results"][place]["status"], 201, "{answer}");
                    self.is(id, Some(text));
                }
                true
            }
            None => false,
            other => panic!("{other:?}"),
        }
    }
}
