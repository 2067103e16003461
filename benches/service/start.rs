//! From the start of the process to the first answer.

use crate::client::{BINARY, REVIEW, Service, ask};
use crate::report::{Table, publish};
use crate::{folder, texts};
use rustix::fs::{Advice, fadvise};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Starts of each kind; the middle one counts.
const TURNS: usize = 3;

pub async fn run() {
    let heads = ["start", "s to listening", "s to the first answer", "MiB after it"];
    let mut table = Table::new(&heads);
    for name in ["cold", "warm"] {
        let mut all = Vec::new();
        for turn in 0..TURNS {
            if name == "cold" {
                files().iter().for_each(|file| forget(file));
            }
            let folder = folder();
            let started = Instant::now();
            let service = Service::start(folder.path(), &[]);
            let text = texts::made(turn, 60);
            let seen = ask(&reqwest::Client::new(), &service.url, REVIEW, &text).await;
            assert_eq!(seen.times.len(), 1, "the first review was not taken");
            let (start, memory) = (service.start.as_secs_f64(), service.memory("VmRSS:"));
            all.push((started.elapsed().as_secs_f64(), start, memory));
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (answer, start, memory) = all[TURNS / 2];
        table.row(&[
            name.into(),
            format!("{start:.2}"),
            format!("{answer:.2}"),
            memory.to_string(),
        ]);
    }
    publish("start", "the middle of three starts, a review of 60 words", &table.text());
}

/// The binary, the libraries that it loads, and the model.
fn files() -> Vec<PathBuf> {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/heartstrings-en");
    let model = model.read_dir().expect("the model is there").flatten().map(|entry| entry.path());
    let libraries = Command::new("ldd").arg(BINARY).output().expect("ldd runs").stdout;
    let libraries = String::from_utf8_lossy(&libraries).into_owned();
    let libraries = libraries.split_whitespace().filter(|word| word.starts_with('/'));
    let libraries = libraries.map(PathBuf::from).filter_map(|path| path.canonicalize().ok());
    model.chain(libraries).chain([PathBuf::from(BINARY)]).collect()
}

/// Asks the system to drop what it keeps of a file in memory. What another process has mapped, the
/// C library above all, stays.
fn forget(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _ = file.sync_all();
        let _ = fadvise(&file, 0, None, Advice::DontNeed);
    }
}
