//! `slowhttptest`, the tool that others test with, where it is installed: slow heads, slow bodies,
//! slow readers.

use crate::helpers::Server;
use std::process::{Command, Stdio};

/// Runs each of its attacks; afterwards the service still answers. Says so when it is not there.
pub async fn all(server: &Server, connections: usize) {
    if Command::new("slowhttptest").arg("-h").stdout(Stdio::null()).status().is_err() {
        println!(
            "slowhttptest is not installed (apt-get install slowhttptest): its attacks are left out, \
             those of this test are made all the same"
        );
        return;
    }
    let url = server.url.clone();
    // All come from one address, which may not have more than some thousand.
    let connections = connections.min(1_000).to_string();
    let (post, document) = (format!("{url}/v1/reviews"), format!("{url}/openapi.json"));
    let attacks: [(&str, Vec<&str>); 3] = [
        ("slow heads", vec!["-H", "-i", "5", "-x", "24", "-u", &url]),
        (
            "slow bodies",
            vec!["-B", "-i", "5", "-s", "65536", "-x", "24", "-f", "application/json", "-u", &post],
        ),
        (
            "slow reading",
            vec!["-X", "-w", "1", "-y", "16", "-n", "3", "-z", "8", "-k", "5", "-u", &document],
        ),
    ];
    for (name, arguments) in attacks {
        let mut command = Command::new("slowhttptest");
        command.args(["-c", &connections, "-r", "200", "-p", "5", "-l", "30"]).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.rfind("service available").map(|place| &text[place..]);
        let available = last.and_then(|text| text.lines().next()).unwrap_or("").to_owned();
        assert!(available.contains("YES"), "slowhttptest, {name}: {available:?}\n{text}");
        println!("slowhttptest, {name}, {connections} connections: {available}");
        assert_eq!(server.get("/health").await.0, reqwest::StatusCode::OK);
    }
}
