//! Deaths of all kinds, against a running service: what was acknowledged is there, once, and
//! nothing else is half there.
//!
//! `HEARTSTRINGS_TORTURE_KILLS` sets how many deaths each test tries (30 when absent), and
//! `HEARTSTRINGS_TORTURE_SEED` which ones (1 when absent); `make torture` tries a thousand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod clients;
mod faults;
#[path = "../api/helpers.rs"]
#[allow(dead_code, reason = "the helpers serve other tests too")]
mod helpers;
mod kill;
mod power;
mod random;
mod trace;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a library that stands between the service and its disk.
fn compile(source: &str, folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash").join(source);
    let library = folder.join("preloaded.so");
    let compiler = Command::new("gcc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Wno-format-truncation", "-o"])
        .args([&library, &source])
        .status()
        .unwrap();
    assert!(compiler.success());
    library
}

/// How many deaths to try.
fn kills() -> usize {
    number("HEARTSTRINGS_TORTURE_KILLS", 30)
}

/// Which ones.
fn seed() -> u64 {
    number("HEARTSTRINGS_TORTURE_SEED", 1)
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}
