//! What the commands that take care of the data share.

use super::{Outcome, Trouble};
use crate::settings::{Settings, StoreUrl};
use clap::Args;
use heartstrings_store::sled::SledOptions;
use serde::Serialize;
use std::path::Path;

/// How to say what was done.
#[derive(Args)]
pub struct Report {
    /// Write JSON to standard output instead of a sentence
    #[arg(long)]
    json: bool,
}

impl Report {
    /// Prints one or the other.
    pub fn print(&self, value: &impl Serialize, sentence: &str) {
        if self.json {
            println!("{}", serde_json::to_string(value).unwrap_or_default());
        } else {
            println!("{sentence}");
        }
    }
}

/// The folder of the database.
pub fn folder(settings: &Settings) -> &Path {
    let StoreUrl::Sled(path) = &settings.store.url;
    path
}

/// How to open it.
pub fn options(settings: &Settings) -> SledOptions {
    SledOptions {
        cache_bytes: settings.store.cache_bytes,
        free_disk_floor: settings.store.free_disk_floor,
        page_scan: settings.store.page_scan,
        ..SledOptions::new(folder(settings))
    }
}

/// Fails where there is no database: a command must not make one where somebody mistyped a
/// folder.
pub fn check_exists(settings: &Settings) -> Outcome {
    let folder = folder(settings);
    if folder.join("db").exists() {
        return Ok(());
    }
    Err(format!("there is no database in {}; name one with --store", folder.display()).into())
}

/// Says how far a command has come, on one line of standard error.
pub fn progress(what: &'static str) -> impl FnMut(u64) {
    move |count| eprint!("\r{count} {what}")
}

/// Tells of reviews that cannot be read.
pub fn damage(told: &[String]) -> Outcome {
    for finding in told {
        eprintln!("{finding}");
    }
    match told.len() {
        0 => Ok(()),
        n => Err(Trouble::Damage(format!("{n} reviews cannot be read"))),
    }
}
