//! Heartstrings beside what people run today.
//!
//! `HEARTSTRINGS_BENCH_DATA` is a folder with `imdb/test.tsv` and `sst/sst5_test.tsv`,
//! `HEARTSTRINGS_BENCH_PEERS` one with `venv` and `models`, made by `benches/peers/setup.sh`.

use crate::client::{ANALYSIS, Question, REVIEW, SCORE, Seen, Service, load};
use crate::{CONCURRENCY, NO_CACHE, texts};
use serde_json::json;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Turns that each contender takes.
const TURNS: usize = 2;
/// Texts of each set.
const TEXTS: usize = 1_000;

struct Contender {
    name: &'static str,
    service: Service,
    question: Question,
}

/// Name, module, model, and the environment of a peer.
type Peer = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const PEERS: [Peer; 5] = [
    ("pipeline, our weights, fp32", "pipeline", "bert", &[("PEER_DTYPE", "float32")]),
    ("pipeline, our weights, bf16", "pipeline", "bert", &[("PEER_DTYPE", "bfloat16")]),
    ("pipeline, DistilBERT's size, fp32", "pipeline", "distilbert", &[("PEER_DTYPE", "float32")]),
    ("ONNX Runtime, our weights, fp32", "batching", "fp32.onnx", &[]),
    ("ONNX Runtime, our weights, int8", "batching", "int8.onnx", &[]),
];

fn path(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set; use `make bench-peers`")).into()
}

async fn peer(folder: &Path, (name, module, model, environment): Peer) -> Contender {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Free a moment ago, and nobody else is about to take one.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = port.expect("a free port").port();
    let mut command = Command::new(folder.join("venv/bin/python"));
    command
        .args(["-m", "uvicorn", "--log-level", "error", "--no-access-log", "--port"])
        .arg(port.to_string())
        .arg(format!("{module}:app"))
        .current_dir(here.join("benches/peers"))
        .env("PEER_MODEL", folder.join("models").join(model))
        .env("PEER_TOKENIZER", here.join("models/heartstrings-en/tokenizer.json"))
        .env("HF_HUB_OFFLINE", "1")
        .envs(environment.iter().copied())
        .stdout(Stdio::null());
    let service = Service::start_peer(command, port, &json!({"text": "It is fine."})).await;
    Contender { name, service, question: SCORE }
}

pub async fn run() {
    let (data, folder) = (path("HEARTSTRINGS_BENCH_DATA"), path("HEARTSTRINGS_BENCH_PEERS"));
    let sets = [("SST", "sst/sst5_test.tsv"), ("IMDB", "imdb/test.tsv")];
    let sets = sets.map(|(name, file)| (name, Arc::new(texts::read(&data.join(file), TEXTS))));
    let store = tempfile::tempdir().expect("a folder for the store");
    let (stored, scored) = (store.path().join("stored"), store.path().join("scored"));
    let ours = |name, folder: &Path, question| Contender {
        name,
        service: Service::start(folder, &NO_CACHE),
        question,
    };
    let time = Duration::from_secs(crate::setting("SECONDS", 10));
    let mut contenders = vec![
        ours("Heartstrings, scored and stored", &stored, REVIEW),
        ours("Heartstrings, scored", &scored, ANALYSIS),
    ];
    for one in PEERS {
        contenders.push(peer(&folder, one).await);
    }
    println!("\n### Beside what people run today\n");
    println!("| texts, concurrency | contender | texts/s | p50 ms | p99 ms |");
    println!("| --- | --- | ---: | ---: | ---: |");
    for (set, texts) in &sets {
        for concurrency in CONCURRENCY {
            let mut seen = vec![Seen::default(); contenders.len()];
            for _ in 0..TURNS {
                for (contender, seen) in contenders.iter().zip(&mut seen) {
                    let texts = Arc::clone(texts);
                    let text = move |number: usize| texts[number % texts.len()].clone();
                    let Contender { service, question, .. } = contender;
                    seen.add(load(&service.url, *question, concurrency, time, text).await);
                }
            }
            for (contender, seen) in contenders.iter().zip(&seen) {
                assert_eq!((seen.refused, seen.lost), (0, 0), "{} failed", contender.name);
                println!(
                    "| {set}, {concurrency} | {} | {:.1} | {:.1} | {:.1} |",
                    contender.name,
                    seen.per_second(),
                    seen.percentile(0.5),
                    seen.percentile(0.99)
                );
            }
        }
    }
    println!("\n| contender | start s | peak MiB |\n| --- | ---: | ---: |");
    for Contender { name, service, .. } in &contenders {
        println!("| {name} | {:.1} | {} |", service.start.as_secs_f64(), service.memory("VmHWM:"));
    }
}
