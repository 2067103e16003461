//! Limits: on what one caller asks for, and on everything that a client controls.

use crate::helpers::{NOTE, Server, command, read};
use crate::raw::{Raw, status_of};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

fn start(arguments: &[&str]) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Server::start_on(folder.path(), arguments), folder)
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    // One more in a hundred seconds at the earliest would be 0.01; the least is one a second.
    let (server, _folder) = start(&["--rate-limit", "1", "--rate-burst", "5"]);
    let ask = || server.request(Method::GET, "/v1/model").send();
    let first = ask().await.unwrap();
    assert_eq!(first.headers()["ratelimit-policy"], "\"caller\";q=5;w=5");
    assert_eq!(first.headers()["ratelimit"], "\"caller\";r=4;t=1");
    let mut refused = first;
    let started = Instant::now();
    while refused.status() == StatusCode::OK {
        assert!(started.elapsed() < Duration::from_secs(60), "never refused");
        refused = ask().await.unwrap();
    }
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let headers = refused.headers();
    let wait: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert!(headers["ratelimit"].to_str().unwrap().starts_with("\"caller\";r=0;t="));
    let (_, problem) = read(refused).await;
    assert_eq!(problem["type"], "/problems/too-many-requests");
    // Another address has a count of its own, and supervisors are never refused.
    let address = server.url.strip_prefix("http://").unwrap().parse::<SocketAddr>().unwrap();
    let elsewhere = reqwest::Client::builder().local_address("127.0.0.2".parse().ok());
    let elsewhere = elsewhere.build().unwrap();
    let other = elsewhere.get(format!("http://{address}/v1/model")).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);
    for _ in 0..20 {
        assert_eq!(server.get("/health").await.0, StatusCode::OK);
    }
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK, "after Retry-After");
}

#[tokio::test]
async fn requests_at_once_are_counted_until_their_answers_are_sent() {
    let (server, _folder) = start(&["--requests-at-once", "2"]);
    let open = "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: application/x-ndjson\r\n\r\n";
    let mut held: Vec<_> = (0..2).map(|_| Raw::connect(&server.url)).collect();
    for raw in &mut held {
        raw.send(open).unwrap();
        assert_eq!(raw.next_status(), 200, "the answer has begun");
    }
    let refused = server.request(Method::GET, "/v1/model").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    let mut last = held.pop().unwrap();
    last.send("0\r\n\r\n").unwrap();
    let started = Instant::now();
    while server.get("/v1/model").await.0 != StatusCode::OK {
        assert!(started.elapsed() < Duration::from_secs(60), "the place was not given back");
    }
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let (server, _folder) = start(&[]);
    let with = |headers: String| format!("GET /v1/model HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let uri = |bytes| format!("GET /v1/model?x={} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(bytes));
    assert_eq!(Raw::status(&server.url, with(String::new())), 200);
    assert_eq!(Raw::status(&server.url, uri(9_000)), 414);
    assert_eq!(Raw::status(&server.url, with(format!("X-A: {}\r\n", "a".repeat(40_000)))), 431);
    // Beyond what is read of a head at all.
    assert_eq!(Raw::status(&server.url, with(format!("X-A: {}\r\n", "a".repeat(300_000)))), 431);
    assert_eq!(Raw::status(&server.url, with("X-A: a\r\n".repeat(90))), 200);
    let many = Raw::status(&server.url, with("X-A: a\r\n".repeat(200)));
    assert!(matches!(many, 400 | 431), "{many}");
    let problem = server.request(Method::GET, &format!("/v1/model?x={}", "a".repeat(9_000)));
    let (_, problem) = read(problem.send().await.unwrap()).await;
    assert_eq!(problem["type"], "/problems/uri-too-long");
}

#[tokio::test]
async fn bodies_that_are_compressed_or_too_deep_are_refused() {
    let (server, _folder) = start(&[]);
    for path in ["/v1/reviews", "/v1/reviews/batch", "/v1/analyses"] {
        for encoding in ["gzip", "br", "deflate", "zstd", "gzip, identity"] {
            let request = server.request(Method::POST, path).header("content-encoding", encoding);
            let request = request.header("content-type", "application/json").body("{}");
            let (status, problem) = read(request.send().await.unwrap()).await;
            assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {encoding}");
            assert_eq!(problem["type"], "/problems/unsupported-media-type");
        }
    }
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let bodies = [
        ("/v1/reviews/batch", format!("[{deep}]")),
        ("/v1/reviews/batch", format!("[{{\"metadata\": {deep}}}]")),
    ];
    for (path, body) in bodies {
        let request = server.request(Method::POST, path).header("content-type", "application/json");
        let (status, problem) = read(request.body(body).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
    }
    let typed = json!({"subject": "film", "text": NOTE, "metadata": 1}).to_string();
    let typed = typed.replace("\"metadata\":1", &format!("\"metadata\":{deep}"));
    let request = server.request(Method::POST, "/v1/reviews");
    let request = request.header("content-type", "application/json").body(typed);
    assert_eq!(read(request.send().await.unwrap()).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn slow_clients_are_let_go() {
    let (server, _folder) = start(&[]);
    // All at once, because each takes as long as the service has patience.
    std::thread::scope(|scope| {
        let url = &server.url;
        let head = scope.spawn(|| drip(url, "GET /health HTTP/1.1\r\nX-A: "));
        let silent = scope.spawn(|| Raw::connect(url).rest());
        let body = scope.spawn(|| {
            drip(
                url,
                "POST /v1/analyses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                 Content-Length: 1000\r\n\r\n",
            )
        });
        let line = scope.spawn(|| {
            drip(
                url,
                "POST /v1/reviews/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\
                 Content-Type: application/x-ndjson\r\n\r\n",
            )
        });
        // The time for a first head is actix's; this one is ours.
        let second = scope.spawn(|| {
            let mut raw = Raw::connect(url);
            raw.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            assert_eq!(raw.next_status(), 200);
            drip_on(raw, "GET /health HTTP/1.1\r\nX-A: ")
        });
        assert_eq!(status_of(&head.join().unwrap()), 408);
        assert_eq!(status_of(&silent.join().unwrap()), 408);
        assert_eq!(status_of(&body.join().unwrap()), 408);
        let line = line.join().unwrap();
        assert!(line.contains("/problems/request-timeout"), "{line}");
        second.join().unwrap();
    });
}

/// Sends a beginning and then a byte now and then, until the service closes the connection.
fn drip(url: &str, beginning: &str) -> String {
    drip_on(Raw::connect(url), beginning)
}

fn drip_on(mut raw: Raw, beginning: &str) -> String {
    raw.send(beginning).unwrap();
    let writer = Raw(raw.0.try_clone().unwrap());
    let started = Instant::now();
    let drops = std::thread::spawn(move || {
        let mut writer = writer;
        while writer.send("x").is_ok() {
            assert!(started.elapsed() < Duration::from_secs(150), "the connection is kept");
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let answer = raw.rest();
    let _ = raw.0.shutdown(std::net::Shutdown::Both);
    drops.join().unwrap();
    answer
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let (server, _folder) = start(&["--connections-per-address", "8"]);
    let address: SocketAddr = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let _held: Vec<_> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();
    let one_more = || Raw::status(&server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    let started = Instant::now();
    while one_more() != 0 {
        // The eight may not have been looked at yet.
        assert!(started.elapsed() < Duration::from_secs(60), "the ninth is still served");
    }
    let elsewhere = reqwest::Client::builder().local_address("127.0.0.2".parse().ok());
    let elsewhere = elsewhere.build().unwrap().get(format!("{}/health", server.url));
    assert_eq!(elsewhere.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn guesses_of_keys_are_slowed_down_and_good_keys_are_not() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let key = crate::keys::create(&folder, "shop", "read");
    let server = Server::start_on(&folder, &[]);
    let mut answers = [0, 0];
    for number in 0..200 {
        let guess = server.request(Method::GET, "/v1/model").bearer_auth(format!("hs_{number}"));
        match guess.send().await.unwrap().status() {
            StatusCode::UNAUTHORIZED => answers[0] += 1,
            StatusCode::TOO_MANY_REQUESTS => answers[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert!(answers[0] >= 30 && answers[1] > 0, "{answers:?}");
    let good = server.request(Method::GET, "/v1/model").bearer_auth(key).send().await.unwrap();
    assert_eq!(good.status(), StatusCode::OK);
}

#[test]
fn where_files_are_scarce_fewer_connections_are_kept_and_all_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let inner = command(folder.path(), &[]);
    let mut serve = Command::new("sh");
    serve.args(["-c", "ulimit -n 320 && exec \"$@\"", "sh"]).arg(inner.get_program());
    serve.args(inner.get_args()).current_dir(env!("CARGO_MANIFEST_DIR"));
    serve.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::spawn(serve);
    let ask = |raw: &mut Raw| {
        raw.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        raw.next_status()
    };
    // 64 files are for connections: 16 of them are second handles.
    let mut kept: Vec<_> = (0..16).map(|_| Raw::connect(&server.url)).collect();
    for raw in &mut kept {
        assert_eq!(ask(raw), 200);
    }
    for _ in 0..100 {
        let mut one = Raw::connect(&server.url);
        assert_eq!(ask(&mut one), 200);
        assert!(one.rest().contains("connection: close"), "it is closed after one answer");
    }
}
