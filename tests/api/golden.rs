//! A database that the first version has written is read by this one.

use crate::helpers::Server;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[tokio::test]
async fn the_database_of_version_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(golden.join("v1.tar.gz"))
        .arg("-C")
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
    let data = folder.path().join("data");
    let expected = std::fs::read_to_string(golden.join("v1.ndjson")).unwrap();
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
    // It can be written to, and nothing that was there is lost by it.
    server.review("film-1", "It is still good.").await;
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 16);
    drop(server);
    let verified = Command::new(env!("CARGO_BIN_EXE_heartstrings"))
        .args(["verify", "--store", &format!("sled:{}", data.display())])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
