//! Databases that earlier versions have written are read by this one.

use crate::helpers::Server;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[tokio::test]
async fn the_database_of_version_1_is_read() {
    is_read("v1").await;
}

/// It has lists by label, emotion and source.
#[tokio::test]
async fn the_database_of_version_2_is_read() {
    is_read("v2").await;
}

async fn is_read(version: &str) {
    let folder = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(golden.join(format!("{version}.tar.gz")))
        .arg("-C")
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
    let data = folder.path().join("data");
    let expected = std::fs::read_to_string(golden.join(format!("{version}.ndjson"))).unwrap();
    let mut expected: Vec<Value> =
        expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = expected.pop().unwrap();
    assert_eq!(expected.len(), 15);

    let server = Server::start_on(&data, &[]);
    let export = server.request(Method::GET, "/v1/export").send().await.unwrap();
    let found = export.text().await.unwrap();
    let found: Vec<Value> = found.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found, expected);
    assert_eq!(server.get("/v1/summary").await.1, summary);
    assert_eq!(points(&server, "film-1").await, times_of(&expected, "film-1"));
    for label in ["positive", "neutral", "negative", "mixed"] {
        let (_, page) = server.get(&format!("/v1/reviews?label={label}&sort=oldest")).await;
        assert_eq!(page["reviews"].as_array().unwrap().len(), with_label(&expected, label));
    }
    // It can be written to, and nothing that was there is lost by it.
    let review = server.review("sku:4711", "It is still good.").await;
    let mut written = times_of(&expected, "sku:4711");
    written.push(review["written_at"].as_str().unwrap().to_owned());
    assert_eq!(points(&server, "sku:4711").await, written);
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 16);
    drop(server);
    let verified = Command::new(env!("CARGO_BIN_EXE_heartstrings"))
        .args(["verify", "--store", &format!("sled:{}", data.display())])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// How many reviews have a label.
fn with_label(reviews: &[Value], label: &str) -> usize {
    let is_so = |review: &&Value| review["analysis"]["sentiment"]["label"] == label;
    reviews.iter().filter(is_so).count()
}

/// When the reviews of a subject were written, each on a day of its own, earliest first.
fn times_of(reviews: &[Value], subject: &str) -> Vec<String> {
    let of_subject = reviews.iter().filter(|review| review["subject"] == subject);
    let mut times: Vec<_> =
        of_subject.map(|review| review["written_at"].as_str().unwrap().to_owned()).collect();
    times.sort();
    times
}

/// The first times of the points of a time line by days; each point has one review.
async fn points(server: &Server, subject: &str) -> Vec<String> {
    let (_, line) = server.get(&format!("/v1/subjects/{subject}/timeline?interval=day")).await;
    let points = line["points"].as_array().unwrap();
    let times = points.iter().map(|point| {
        assert_eq!(point["first_written_at"], point["last_written_at"]);
        point["first_written_at"].as_str().unwrap().to_owned()
    });
    times.collect()
}
