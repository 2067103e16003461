//! Heartstrings beside what people run today.
//!
//! `HEARTSTRINGS_BENCH_DATA` is a folder with `imdb/test.tsv` and `sst/sst5_test.tsv`,
//! `HEARTSTRINGS_BENCH_PEERS` one with `venv` and `models`, made by `benches/peers/setup.sh`. Every
//! contender scores each text once at each concurrency, in turns with the others.

use crate::client::{ANALYSIS, Question, REVIEW, SCORE, Seen, Service, load_all};
use crate::report::{Table, publish};
use crate::{CONCURRENCY, NO_CACHE, setting, texts};
use serde_json::json;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Turns that each contender takes, each with its share of the texts.
const TURNS: usize = 2;
/// What is scored: a name, and a file in the folder of data.
const SETS: [(&str, &str); 2] = [("SST", "sst/sst5_test.tsv"), ("IMDB", "imdb/test.tsv")];
/// How everybody runs.
const TERMS: &str = "Every contender runs as one process on all cores, in its best settings, and scores \
    the same texts once for each line, in turns with the others while those are idle. Heartstrings: the \
    defaults, without its cache; once scored alone, once stored and synced too. Pipeline: FastAPI, \
    uvicorn and Hugging Face's `pipeline(\"sentiment-analysis\")` in PyTorch 2.4.1, a thread of \
    PyTorch for each core, one forward at a time (several at once, each on all cores, were slower), \
    cut at 512 tokens; over our encoder, and over one of DistilBERT's size (6 × 768). ONNX Runtime \
    1.20.1: FastAPI and uvicorn, an intra-op thread for each core, texts that wait batched by like \
    length up to 2,048 tokens with padding, cut at 512 tokens; over our encoder, in fp32 and with \
    dynamic quantization to int8. Heartstrings cuts nothing, and scores every sentence besides.";

struct Contender {
    name: &'static str,
    service: Service,
    question: Question,
}

/// A server that people run.
struct Peer {
    name: &'static str,
    module: &'static str,
    model: &'static str,
    /// What the network computes in, for the pipeline.
    format: &'static str,
}

const PEERS: [Peer; 5] = [
    Peer {
        name: "pipeline, our encoder, fp32",
        module: "pipeline",
        model: "bert",
        format: "float32",
    },
    Peer {
        name: "pipeline, our encoder, bf16",
        module: "pipeline",
        model: "bert",
        format: "bfloat16",
    },
    Peer {
        name: "pipeline, DistilBERT's size, fp32",
        module: "pipeline",
        model: "distilbert",
        format: "float32",
    },
    Peer {
        name: "ONNX Runtime, our encoder, fp32",
        module: "batching",
        model: "fp32.onnx",
        format: "",
    },
    Peer {
        name: "ONNX Runtime, our encoder, int8",
        module: "batching",
        model: "int8.onnx",
        format: "",
    },
];

/// Texts of each set.
fn count() -> usize {
    setting("TEXTS", 1_000)
}

/// Whether there is something to score.
pub fn has_data() -> bool {
    std::env::var_os("HEARTSTRINGS_BENCH_DATA").is_some_and(|folder| !folder.is_empty())
}

/// Minutes that it takes, about: seven contenders, three lines for each set.
pub fn estimate() -> f64 {
    // Seconds for a text, as the contenders need on average on two cores.
    let (sst, imdb) = (0.012, 0.11);
    1.0 + count() as f64 * (sst + imdb) * 7.0 * CONCURRENCY.len() as f64 / 60.0
}

fn path(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set; use `make bench DATA=<folder>`")).into()
}

/// Whether the processor has instructions for bfloat16. Emulated, it takes minutes for a batch.
fn has_bf16() -> bool {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    cpuinfo.contains("avx512_bf16") || cpuinfo.contains("amx_bf16")
}

async fn start(folder: &Path, peer: &Peer) -> Contender {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Free a moment ago, and nobody else is about to take one.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = port.expect("a free port").port();
    let mut command = Command::new(folder.join("venv/bin/python"));
    command
        .args(["-m", "uvicorn", "--log-level", "error", "--no-access-log", "--port"])
        .arg(port.to_string())
        .arg(format!("{}:app", peer.module))
        // Of its own accord it closes a connection after five idle seconds, perhaps while a request is on
        // its way.
        .args(["--timeout-keep-alive", "3600"])
        .current_dir(here.join("benches/peers"))
        .env("PEER_MODEL", folder.join("models").join(peer.model))
        .env("PEER_TOKENIZER", here.join("models/heartstrings-en/tokenizer.json"))
        .env("PEER_DTYPE", peer.format)
        .env("HF_HUB_OFFLINE", "1")
        .stdout(Stdio::null());
    let service = Service::start_peer(command, port, &json!({"text": "It is fine."})).await;
    Contender { name: peer.name, service, question: SCORE }
}

pub async fn run() {
    let (data, folder) = (path("HEARTSTRINGS_BENCH_DATA"), path("HEARTSTRINGS_BENCH_PEERS"));
    let store = crate::folder();
    let (stored, scored) = (store.path().join("stored"), store.path().join("scored"));
    let ours = |name, folder: &Path, question| Contender {
        name,
        service: Service::start(folder, &NO_CACHE),
        question,
    };
    let mut contenders = vec![
        ours("**Heartstrings**, scored", &scored, ANALYSIS),
        ours("**Heartstrings**, stored too", &stored, REVIEW),
    ];
    let precision = contenders[0].service.precision().await;
    for peer in PEERS.iter().filter(|peer| peer.format != "bfloat16" || has_bf16()) {
        contenders.push(start(&folder, peer).await);
    }
    let mut body = format!("{TERMS}\n");
    for (set, file) in SETS {
        let texts = texts::read(&data.join(file), count());
        let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
        body += &format!(
            "\n{} texts of {set}, {:.0} words on average:\n\n",
            texts.len(),
            words as f64 / texts.len() as f64
        );
        body += &compare(&contenders, &texts).await;
    }
    let mut table = Table::new(&["contender", "s to the first answer", "peak MiB"]);
    for Contender { name, service, .. } in &contenders {
        table.row(&[
            (*name).into(),
            format!("{:.1}", service.start.as_secs_f64()),
            service.memory("VmHWM:").to_string(),
        ]);
    }
    body += "\nFrom start to first answer, and memory in all of this:\n\n";
    body += &table.text();
    if !has_bf16() {
        body += "\nThe pipeline in bf16 was left out: this processor has no instructions for it.\n";
    }
    publish("peers", &format!("Heartstrings in {precision}"), &body);
}

/// A table of all contenders over the texts of one set.
async fn compare(contenders: &[Contender], texts: &[String]) -> String {
    let heads =
        ["contender, concurrency", "texts/s", "p50 ms", "p99 ms", "Heartstrings is faster by"];
    let mut table = Table::new(&heads);
    for concurrency in CONCURRENCY {
        let mut seen = vec![Seen::default(); contenders.len()];
        for part in texts.chunks(texts.len().div_ceil(TURNS)) {
            let part = Arc::new(part.to_vec());
            for (contender, seen) in contenders.iter().zip(&mut seen) {
                let Contender { service, question, .. } = contender;
                let part = Arc::clone(&part);
                seen.add(load_all(&service.url, *question, concurrency, part).await);
            }
        }
        let ours = seen[0].per_second();
        for (contender, seen) in contenders.iter().zip(&seen) {
            let mut name = format!("{}, {concurrency}", contender.name);
            // Said and not hidden, but no reason to throw away what half an hour has measured.
            if seen.refused + seen.lost > 0 {
                name += &format!(" ({} failed)", seen.refused + seen.lost);
            }
            let [name, speed, median, most] = crate::cells(name, seen);
            let ratio = format!("{:.1}", ours / seen.per_second());
            table.row(&[name, speed, median, most, ratio]);
        }
    }
    table.text()
}
