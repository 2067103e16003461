//! TLS: a certificate that is shown, exchanged while connections go on, and explained when bad.

use crate::helpers::{Server, command};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use reqwest::StatusCode;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::ServerName;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Writes a new certificate and its key, and gives what trusts it.
fn certificate(folder: &Path) -> Arc<ClientConfig> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    // Every connection shall look at the certificate anew.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

fn connect(url: &str, trust: &Arc<ClientConfig>) -> Stream {
    let stream = TcpStream::connect(url.strip_prefix("https://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(trust.clone(), name).unwrap(), stream)
}

/// Sends a request and reads one answer, as far as it comes at once.
fn ask(stream: &mut Stream) -> std::io::Result<String> {
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    while !answer.ends_with('}') {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes)?;
        if count == 0 {
            break;
        }
        answer.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    Ok(answer)
}

fn arguments(folder: &Path) -> Vec<String> {
    let file = |name: &str| folder.join(name).display().to_string();
    vec!["--tls-certificate".into(), file("cert.pem"), "--tls-key".into(), file("key.pem")]
}

fn start(folder: &Path) -> Server {
    let arguments = arguments(folder);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut serve = command(&folder.join("data"), &arguments);
    serve.stderr(std::fs::File::create(folder.join("log")).unwrap());
    Server::spawn(serve)
}

#[test]
fn a_new_certificate_is_shown_and_old_connections_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let server = start(folder.path());
    let mut old = connect(&server.url, &first);
    let answer = ask(&mut old).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");

    let port = server.url.rsplit(':').next().unwrap();
    let health = |folder: &Path| {
        let mut health = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
        health.args(["health", "--listen", &format!("127.0.0.1:{port}")]).args(arguments(folder));
        health.output().unwrap().status.code()
    };
    assert_eq!(health(folder.path()), Some(0));

    let second = certificate(folder.path());
    let started = Instant::now();
    while ask(&mut connect(&server.url, &second)).is_err() {
        assert!(started.elapsed() < Duration::from_secs(60), "the new one is never shown");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(ask(&mut connect(&server.url, &first)).is_err(), "the old one is gone");
    assert!(ask(&mut old).unwrap().starts_with("HTTP/1.1 200"), "and its connection is not");

    std::fs::write(folder.path().join("key.pem"), "half a k").unwrap();
    let log = || std::fs::read_to_string(folder.path().join("log")).unwrap();
    while !log().contains("the certificate stays as it was") {
        assert!(started.elapsed() < Duration::from_secs(90), "the bad file is never looked at");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(ask(&mut connect(&server.url, &second)).is_ok(), "a bad file changes nothing");
    let other = tempfile::tempdir().unwrap();
    certificate(other.path());
    assert_eq!(health(other.path()), Some(1), "another certificate is not trusted");
}

#[test]
fn who_speaks_no_tls_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let trust = certificate(folder.path());
    let server = start(folder.path());
    let mut plain = TcpStream::connect(server.url.strip_prefix("https://").unwrap()).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "nothing is said in the clear");
    // Handshakes that never go on are let go, and keep nobody out.
    let silent: Vec<_> = (0..300)
        .map(|_| TcpStream::connect(server.url.strip_prefix("https://").unwrap()).unwrap())
        .collect();
    assert!(ask(&mut connect(&server.url, &trust)).unwrap().starts_with("HTTP/1.1 200"));
    let mut first = &silent[0];
    first.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let ended = first.read(&mut [0; 16]);
    assert!(!ended.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock), "it is kept");
}

#[test]
fn bad_files_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let refusal = || {
        let arguments = arguments(folder.path());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = command(&folder.path().join("data"), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let other = KeyPair::generate().unwrap().serialize_pem();
    let key = std::fs::read(folder.path().join("key.pem")).unwrap();
    std::fs::write(folder.path().join("key.pem"), other).unwrap();
    let said = refusal();
    assert!(said.contains("key.pem does not go with"), "{said}");
    std::fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    let said = refusal();
    assert!(said.contains("key.pem cannot be read as a PEM key"), "{said}");
    std::fs::write(folder.path().join("key.pem"), key).unwrap();
    std::fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    let said = refusal();
    assert!(said.contains("cert.pem holds no certificate"), "{said}");
    std::fs::remove_file(folder.path().join("cert.pem")).unwrap();
    let said = refusal();
    assert!(said.contains("cert.pem cannot be read"), "{said}");
}

#[tokio::test]
async fn plain_http_promises_no_encryption() {
    let server = Server::start();
    let answer = server.request(reqwest::Method::GET, "/health").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().get("strict-transport-security").is_none());
}
