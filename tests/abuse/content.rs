//! Requests whose content means harm: too large, too deep, not what they claim to be.

use crate::helpers::{NOTE, Server};
use crate::wire::{connect, exchange, leave, rest, status};
use serde_json::{Value, json};
use std::fmt::Write;
use tokio::io::AsyncWriteExt;

/// One after the other; each gets what is promised.
pub async fn all(server: &Server, mib: usize) {
    let url = &server.url;
    large_bodies(url, mib).await;
    bombs(url).await;
    deep_json(url).await;
    garbage(url).await;
    header_floods(url).await;
    odd_bytes(url).await;
    traversal(server).await;
    cursors(server).await;
    keys().await;
    println!("large, deep, compressed, broken and forged requests: answered as promised");
}

fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\
         Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

const JSON: &str = "Content-Type: application/json\r\n";

async fn large_bodies(url: &str, mib: usize) {
    let bytes = mib << 20;
    let piece = vec![b' '; 1 << 20];
    let announced = format!("Content-Length: {bytes}\r\n");
    for (path, kind, length) in [
        ("/v1/reviews", "application/json", announced.as_str()),
        ("/v1/reviews", "application/json", "Transfer-Encoding: chunked\r\n"),
        ("/v1/reviews/batch", "application/json", "Transfer-Encoding: chunked\r\n"),
        ("/nowhere", "application/json", announced.as_str()),
        ("/v1/reviews/batch", "application/x-ndjson", "Transfer-Encoding: chunked\r\n"),
    ] {
        let mut stream = connect(url).await;
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{length}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let is_chunked = length.contains("chunked");
        let piece = piece.clone();
        let sending = tokio::spawn(async move {
            for _ in 0..mib {
                let size = format!("{:x}\r\n", piece.len());
                let parts = [size.as_bytes(), &piece, b"\r\n"];
                for part in if is_chunked { &parts[..] } else { &parts[1..2] } {
                    if writing.write_all(part).await.is_err() {
                        return;
                    }
                }
            }
            let _ = writing.write_all(if is_chunked { b"0\r\n\r\n" } else { b"" }).await;
            let _ = writing.shutdown().await;
        });
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut answer).await;
        sending.await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        if kind == "application/x-ndjson" {
            assert!(answer.contains("/problems/payload-too-large"), "{answer}");
        } else {
            // Whoever goes on sending may lose the answer to a reset, but gets no other one.
            let promised = if path == "/nowhere" { 404 } else { 413 };
            assert!([0, promised].contains(&status(&answer)), "{path}: {answer}");
        }
    }
}

async fn bombs(url: &str) {
    // What ten thousand zeros and more look like in gzip; nobody ever unpacks it.
    let bomb = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03".as_slice(), &[0; 1 << 20]].concat();
    for path in ["/v1/reviews", "/v1/reviews/batch", "/v1/analyses"] {
        for encoding in ["gzip", "br", "deflate", "gzip, gzip"] {
            let headers = format!("{JSON}Content-Encoding: {encoding}\r\n");
            let answer = exchange(url, &post(path, &headers, &bomb)).await;
            assert!([0, 415].contains(&status(&answer)), "{path} {encoding}: {answer}");
        }
    }
}

async fn deep_json(url: &str) {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        for path in ["/v1/reviews", "/v1/reviews/batch", "/v1/analyses"] {
            for body in [deep.clone(), open.repeat(200_000), format!("[{deep}]")] {
                let answer = exchange(url, &post(path, JSON, body.as_bytes())).await;
                assert!(matches!(status(&answer), 400 | 422), "{path}: {answer}");
            }
        }
    }
}

/// A good request, and then anything at all, a thousand times over.
async fn garbage(url: &str) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..1_000 {
        let good = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1 + round % 3);
        let noise: Vec<u8> = (0..1 + random() % 200).flat_map(|_| random().to_le_bytes()).collect();
        let mut sent = good.into_bytes();
        sent.extend(noise);
        let answer = leave(url, &sent).await;
        assert!(!answer.contains("HTTP/1.1 5"), "round {round}: {answer}");
        assert!(answer.is_empty() || status(&answer) == 200, "round {round}: {answer}");
    }
    for broken in [
        "GET / HTTP/9.9\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "\r\n\r\n\r\n\r\nnothing\r\n\r\n",
        "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\
         \r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
         ffffffffffffffffff\r\n",
    ] {
        let answer = leave(url, broken.as_bytes()).await;
        let refused = answer.is_empty() || (400..500).contains(&status(&answer));
        assert!(refused && !answer.contains("HTTP/1.1 200"), "{broken:?}: {answer}");
    }
}

async fn header_floods(url: &str) {
    for (count, bytes) in [(94, 10), (200, 10), (10_000, 100), (50, 1_000), (1, 1 << 20)] {
        let mut head = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".to_owned();
        for number in 0..count {
            write!(head, "X-{number}: {}\r\n", "a".repeat(bytes)).unwrap();
        }
        let answer = exchange(url, format!("{head}\r\n").as_bytes()).await;
        let promised: &[u16] = if count == 94 { &[200] } else { &[0, 400, 431] };
        assert!(promised.contains(&status(&answer)), "{count} of {bytes}: {answer}");
    }
}

async fn odd_bytes(url: &str) {
    let bad: [&[u8]; 5] = [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\0"];
    for bytes in bad {
        let body = [b"{\"subject\": \"film\", \"text\": \"", bytes, b"\"}"].concat();
        let answer = exchange(url, &post("/v1/reviews", JSON, &body)).await;
        assert_eq!(status(&answer), 400, "{bytes:?}: {answer}");
        for place in ["/v1/reviews/@", "/v1/subjects?prefix=@", "/v1/subjects/@/summary"] {
            let mut request = b"GET ".to_vec();
            let (before, after) = place.split_once('@').unwrap();
            for part in [before.as_bytes(), bytes, after.as_bytes()] {
                request.extend(part);
            }
            request.extend(b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = exchange(url, &request).await;
            let refused = answer.is_empty() || (400..500).contains(&status(&answer));
            assert!(refused, "{place} {bytes:?}: {answer}");
            let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            let request = format!(
                "GET {before}{escaped}{after} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            );
            let answer = exchange(url, request.as_bytes()).await;
            assert!((400..500).contains(&status(&answer)), "{request}: {answer}");
        }
    }
}

async fn traversal(server: &Server) {
    let names = ["..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "a/../b", "..;/"];
    for name in names {
        for path in ["/v1/reviews/@", "/v1/subjects/@/summary", "/docs/@", "/problems/@"] {
            let path = path.replace('@', name);
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = exchange(&server.url, request.as_bytes()).await;
            assert!(matches!(status(&answer), 404 | 405 | 422), "{path}: {answer}");
            assert!(!answer.contains("root:"), "{path}: {answer}");
        }
        let body = json!({"id": name, "subject": name, "text": NOTE});
        let (status, _) = server.post("/v1/reviews", &body).await;
        // Two dots are a name like any other: names are keys of a database, not of files.
        assert_eq!(status.as_u16(), if name == ".." { 201 } else { 422 }, "{name}");
    }
    server.delete("/v1/reviews/%2e%2e").await;
}

async fn cursors(server: &Server) {
    let (_, page) = server.get("/v1/reviews?subject=film&limit=1").await;
    let Value::String(cursor) = &page["next_cursor"] else { panic!("no cursor in {page}") };
    let ask = |cursor: String| async move {
        server.get(&format!("/v1/reviews?subject=film&limit=1&cursor={cursor}")).await.0.as_u16()
    };
    assert_eq!(ask(cursor.clone()).await, 200);
    for place in 0..cursor.len() {
        let mut forged = cursor.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(ask(forged.clone()).await, 400, "{forged}");
        assert_eq!(ask(cursor[..place].to_owned()).await, 400, "cut off at {place}");
    }
    let elsewhere = server.get(&format!("/v1/reviews?limit=1&cursor={cursor}")).await;
    assert_eq!(elsewhere.0.as_u16(), 400, "a cursor of another list");
}

/// Guesses, on a service of its own that asks for keys.
async fn keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut create = std::process::Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    create.args(["key", "create", "--role", "admin", "--name", "owner", "--store"]);
    let data = folder.path().join("data");
    let made = create.arg(format!("sled:{}", data.display())).output().unwrap();
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let server = Server::start_on(&data, &[]);
    let mut stream = connect(&server.url).await;
    let mut guesses = String::new();
    for number in 0..1_000 {
        let guess = &key[..key.len() - number % 10 - 1];
        write!(
            guesses,
            "GET /v1/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {guess}\r\n\r\n"
        )
        .unwrap();
    }
    guesses.push_str("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(guesses.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    let refused = answer.matches("HTTP/1.1 401").count();
    let slowed = answer.matches("HTTP/1.1 429").count();
    assert_eq!(refused + slowed, 1_000);
    assert!(refused >= 30 && slowed > 0, "{refused} {slowed}");
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "only /health is open");
    let owner = server.request(reqwest::Method::GET, "/v1/export").bearer_auth(key);
    assert_eq!(owner.send().await.unwrap().status(), 200);
}
