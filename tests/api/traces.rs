//! Traces, as a collector gets them, and what is in neither traces nor logs.

use crate::helpers::{Server, command};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::Method;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const SECRET: &str = "The xylophone chapter made me cry until the lamps went out.";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Answers one request after the other, as long as the client keeps the connection.
fn collect(stream: TcpStream, bodies: &Sender<Vec<u8>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let (name, value) = line.trim_end().split_once(':').unwrap_or((line.trim_end(), ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "" => break,
                name => assert!(!name.starts_with("get "), "only posts are expected"),
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
        if bodies.send(body).is_err() {
            return;
        }
    }
}

/// A collector: its address, and the bodies it gets.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || collect(stream.unwrap(), &sender));
        }
    });
    (url, bodies)
}

fn attribute(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    format!("{:?}", found.and_then(|attribute| attribute.value.clone()))
}

#[tokio::test]
async fn a_request_is_one_trace_and_texts_are_nowhere() {
    let (url, bodies) = collector();
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--otlp-endpoint", &url, "--log", "trace", "--log-format", "json"];
    let mut command = command(folder.path(), &arguments);
    let log = folder.path().join("log");
    command.stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    let server = Server::spawn(command);
    let body = json!({"id": "r1", "subject": "film", "text": SECRET, "author": "Quillfeather",
        "metadata": {"mood": "heliotrope"}});
    let posted = server
        .request(Method::POST, "/v1/reviews?sentences=true")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .header("x-request-id", "call-7")
        .json(&body);
    assert_eq!(posted.send().await.unwrap().status(), 201);
    // A text that is refused, one that is only scored, and one that comes as HTML.
    let wrong = json!({"subject": "film", "text": SECRET, "rating": 9});
    assert_eq!(server.post("/v1/reviews", &wrong).await.0, 422);
    assert_eq!(server.post("/v1/analyses", &json!({"texts": [SECRET]})).await.0, 200);
    let broken =
        server.request(Method::POST, "/v1/reviews").body(format!("{{\"text\": \"{SECRET}"));
    let broken = broken.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    assert_eq!(server.get("/v1/reviews?subject=film").await.0, 200);
    server.signal("TERM");
    assert!(server.wait().success());

    let mut spans = Vec::new();
    let mut raw = Vec::new();
    while let Ok(body) = bodies.recv_timeout(Duration::from_secs(1)) {
        let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
        raw.extend(body);
    }
    let trace: Vec<u8> =
        (0..16).map(|i| u8::from_str_radix(&TRACE[2 * i..2 * i + 2], 16).unwrap()).collect();
    let of_the_post: Vec<_> = spans.iter().filter(|span| span.trace_id == trace).collect();
    let root = of_the_post.iter().find(|span| span.name == "POST /v1/reviews").unwrap();
    assert!(attribute(root, "http.response.status_code").contains("201"));
    assert!(attribute(root, "http.route").contains("/v1/reviews"));
    assert!(attribute(root, "request_id").contains("call-7"));
    for name in ["score", "store.write"] {
        let child = of_the_post.iter().find(|span| span.name == name);
        let child = child.unwrap_or_else(|| panic!("no span {name} in {of_the_post:?}"));
        assert_eq!(child.parent_span_id, root.span_id, "{name}");
        assert!(child.start_time_unix_nano >= root.start_time_unix_nano);
        assert!(child.end_time_unix_nano <= root.end_time_unix_nano);
    }
    let log = std::fs::read_to_string(log).unwrap();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        // The tokenizer would spell the text, a character a line, and the store write down its bytes.
        let is_ours = line["target"].to_string().contains("heartstrings");
        assert!(is_ours || line["level"] != "TRACE", "{line}");
    }
    assert!(log.contains("\"request_id\":\"call-7\""), "the request is logged");
    let traces = String::from_utf8_lossy(&raw);
    for secret in ["xylophone", "lamps", "Quillfeather", "heliotrope"] {
        let leak = log.lines().find(|line| line.contains(secret));
        assert_eq!(leak, None, "{secret} is in the log");
        assert!(!traces.contains(secret), "{secret} is in the traces");
    }
}

#[tokio::test]
async fn a_collector_that_is_not_there_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start_on(folder.path(), &["--otlp-endpoint", &format!("http://{nobody}")]);
    server.review("film", SECRET).await;
    server.signal("TERM");
    assert!(server.wait().success());
}
