//! Clients that take their time: they hold connections, and give them nothing to do.

use crate::wire::{connect, is_known, rest, status};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Time after which a client that says nothing wonders. Its answer is due after ten seconds, and
/// after half a minute more where the system has to repeat a step of opening the connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connections that say nothing. They get 408 after a while.
pub async fn idle(url: &str, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        held.push(connect(url).await);
    }
    assert!(held.iter().take(10).any(is_known), "the system does not list what is connected");
    let answers = join_all(held.iter_mut().map(in_silence)).await;
    let served = answers.iter().filter(|answer| **answer == Some(408)).count();
    let lost = answers.iter().filter(|answer| answer.is_none()).count();
    assert_eq!(served + lost, count, "silence is not kept");
    assert!(lost <= count / 100, "the system lost {lost} of {count} before the service saw them");
    println!("{served} idle connections: 408 each; {lost} never came to the service");
    held
}

/// The status that silence is answered with; nothing when the connection never was one. Where more
/// are being opened than may wait, the system keeps nothing of them (`tcp_syncookies`). When the
/// last step of one is lost, its client takes it for open, nobody repeats the step, and a client that
/// says nothing never learns of it.
async fn in_silence(stream: &mut TcpStream) -> Option<u16> {
    if let Ok(answer) = tokio::time::timeout(PATIENCE, rest(stream)).await {
        return Some(status(&answer));
    }
    assert!(!is_known(stream), "the service has forgotten a connection");
    None
}

/// Heads that come a byte at a time, and never end.
pub async fn heads(url: &str, count: usize) -> Vec<TcpStream> {
    drip(url, count, "GET /v1/subjects HTTP/1.1\r\nHost: x\r\nX-A: ", "heads").await
}

/// Bodies that come a byte at a time, and never end.
pub async fn bodies(url: &str, count: usize) -> Vec<TcpStream> {
    let head = "POST /v1/reviews HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Content-Length: 1000000\r\n\r\n{";
    drip(url, count, head, "bodies").await
}

async fn drip(url: &str, count: usize, beginning: &str, what: &str) -> Vec<TcpStream> {
    let drips = join_all((0..count).map(|_| async {
        let mut stream = connect(url).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let drops = tokio::spawn(async move {
            while writing.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            writing
        });
        let mut answer = Vec::new();
        let end = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut answer);
        let _ = tokio::time::timeout(Duration::from_secs(240), end).await.expect("no end comes");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        (status(&answer), reading.reunite(drops.await.unwrap()).unwrap())
    }))
    .await;
    // A byte that crosses the answer on its way makes the system reset the connection, and the
    // answer may be lost with it; another answer is never given.
    let refused = drips.iter().filter(|(status, _)| *status == 408).count();
    let reset = drips.iter().filter(|(status, _)| *status == 0).count();
    assert!(refused + reset == count && refused > count / 4, "{refused} and {reset} of {count}");
    println!("{count} slow {what}: {refused} got 408, {reset} a reset");
    drips.into_iter().map(|(_, stream)| stream).collect()
}

/// Clients that ask for much and read nothing. The service lets go of them by itself, which is
/// seen in what it has open in the end.
pub async fn readers(url: &str, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = connect(url).await;
        let ask = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(300);
        stream.write_all(ask.as_bytes()).await.unwrap();
        held.push(stream);
    }
    println!("{count} clients ask for 300 documents each and read none");
    held
}
