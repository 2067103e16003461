//! Clients that mean harm, all at once, against a running service: each gets the answer that is
//! promised, memory stays flat, a client that behaves is served meanwhile, and in the end nothing
//! is held on to.
//!
//! `HEARTSTRINGS_TORTURE_CONNECTIONS` sets how many connections are held at the same time (500 when
//! absent), `HEARTSTRINGS_TORTURE_MIB` how large the large bodies are (64 when absent), and
//! `HEARTSTRINGS_TORTURE_LINES` how many lines one batch has (20,000 when absent); `make torture`
//! takes 10,000, 2,048 and a million. Only with the first of them is it asserted how long the client
//! that behaves has to wait: it says something only when nothing else runs. Attackers come from
//! 127.0.0.2 and on, as strangers do, and not from the address of the client that behaves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod content;
mod good;
#[path = "../api/helpers.rs"]
#[allow(dead_code, reason = "the helpers serve other tests too")]
mod helpers;
mod lines;
mod slow;
mod slowhttptest;
mod wire;

use good::Good;
use helpers::{NOTE, RAVE, Server};
use std::time::{Duration, Instant};

/// What memory may grow by, besides what the connections take.
const GROWTH: usize = 128 << 20;
/// What one connection may take: two buffers of 8 KiB, a task and its records.
const PER_CONNECTION: usize = 48 << 10;

/// How many times as long a client that behaves may wait under attack as without.
const PATIENCE: u32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_without_end_leaves_no_trace_in_memory() {
    lines::all(number("LINES", 20_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn harm_is_answered_and_others_are_served() {
    let (connections, mib) = (number("CONNECTIONS", 500), number("MIB", 64));
    wire::allow_files(connections);
    let server = Server::start();
    server.review("film", RAVE).await;
    server.review("film", NOTE).await;
    let quiet = Good::quiet(&server.url, if is_torture() { 2_000 } else { 400 }).await;
    let (sockets, memory) = (wire::sockets(&server), server.resident_bytes());

    let good = Good::start(&server.url);
    wire::step_back(good::NAME);
    let started = Instant::now();
    let url = &server.url;
    let held = tokio::join!(
        slow::idle(url, connections),
        slow::heads(url, connections / 5),
        slow::bodies(url, connections / 10),
        slow::readers(url, 8),
        content::all(&server, mib),
        wire::peak(&server, Duration::from_secs(20)),
    );
    let peak = held.5.max(server.resident_bytes());
    let attacked = started.elapsed();
    println!("all attacks have had their answers after {:.0} s", attacked.as_secs_f64());
    let grown = peak.saturating_sub(memory);
    println!("memory: {} MiB before, at most {} MiB more", memory >> 20, grown >> 20);
    assert!(grown < GROWTH + connections * PER_CONNECTION, "memory grew by {} MiB", grown >> 20);

    // The attackers still hold their ends; the service must not hold on to its own.
    while wire::sockets(&server) > sockets + 4 {
        let left = wire::sockets(&server) - sockets;
        assert!(started.elapsed() < Duration::from_secs(300), "{left} connections are kept");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("every connection was let go after {:.0} s", started.elapsed().as_secs_f64());
    drop(held);
    let harmed = good.stop();
    // After the client that behaves: it comes from the same address, and would share its limits.
    slowhttptest::all(&server, connections).await;
    assert!(harmed.count() > 100, "hardly served: {} requests", harmed.count());
    // Not over the time after, in which little is left to do and many requests are fast.
    let (quiet_p99, harmed_p99) = (quiet.p99(Duration::MAX), harmed.p99(attacked));
    println!(
        "a client that behaves: p99 {:.1} ms when quiet, {:.1} ms under attack ({:.1} times), \
         {} requests, all answered 200; the slowest:\n{}",
        quiet_p99.as_secs_f64() * 1e3,
        harmed_p99.as_secs_f64() * 1e3,
        harmed_p99.as_secs_f64() / quiet_p99.as_secs_f64(),
        harmed.count(),
        harmed.slowest(20)
    );
    if is_torture() {
        let most = quiet_p99 * PATIENCE;
        assert!(harmed_p99 <= most, "p99 is more than {PATIENCE} times the quiet one");
    }
}

/// Whether the machine is said to be ours alone.
fn is_torture() -> bool {
    std::env::var_os("HEARTSTRINGS_TORTURE_CONNECTIONS").is_some()
}

fn number(name: &str, default: usize) -> usize {
    let name = format!("HEARTSTRINGS_TORTURE_{name}");
    let text = std::env::var(&name).ok();
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}
