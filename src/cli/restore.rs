//! `heartstrings restore`: a database from a backup, whole or not at all.

use super::data::{self, Report};
use super::{Outcome, runtime};
use crate::settings::Settings;
use clap::Args;
use heartstrings_core::review::Review;
use heartstrings_service::backup::{self, BackupError, Written};
use heartstrings_store::Store;
use heartstrings_store::sled::{SledOptions, SledStore};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// Reviews that are on their way to the disk at the same time.
const AT_ONCE: usize = 512;

/// Where from.
#[derive(Args)]
pub struct Arguments {
    /// Backup to read; `-` for standard input
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    report: Report,
}

/// Builds the database beside its place and moves it there when it is whole.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let target = data::folder(settings);
    if !is_free(target) {
        let target = target.display();
        return Err(format!(
            "{target} is not empty; restore into a new folder with --store sled:FOLDER"
        )
        .into());
    }
    let mut input = input(&arguments.from)?;
    let place = place_of(target).map_err(|error| format!("{}: {error}", target.display()))?;
    // Beside its place, so that the database only needs another name when it is whole.
    let mut partial = place.as_os_str().to_owned();
    partial.push(".restoring");
    let partial = PathBuf::from(partial);
    // What an interrupted restore has left.
    let _ = std::fs::remove_dir_all(&partial);
    let options = SledOptions { path: partial.clone(), ..data::options(settings) };
    let restored = fill(&runtime()?, &options, input.as_mut()).map_err(|error| {
        let _ = std::fs::remove_dir_all(&partial);
        error.to_string()
    })?;
    let failed = |error: std::io::Error| format!("cannot put the database in its place: {error}");
    // Renaming onto an empty folder takes its place.
    std::fs::rename(&partial, &place).map_err(failed)?;
    if let Some(parent) = target.canonicalize().map_err(failed)?.parent() {
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    let Written { reviews, damaged } = restored;
    let sentence = format!("{reviews} reviews were restored into {}", target.display());
    arguments.report.print(&serde_json::json!({"reviews": reviews}), &sentence);
    for told in &damaged {
        eprintln!("the backup has been made without a review: {told}");
    }
    Ok(())
}

/// The folder by its own name: not `.`, and not a link to it.
fn place_of(target: &Path) -> std::io::Result<PathBuf> {
    if target.exists() { target.canonicalize() } else { Ok(target.to_owned()) }
}

fn is_free(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn input(path: &Path) -> Result<Box<dyn BufRead>, String> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

fn fill(
    runtime: &Runtime,
    options: &SledOptions,
    input: &mut dyn BufRead,
) -> Result<Written, BackupError> {
    let store = SledStore::open(options)?;
    let write = |reviews: Vec<Review>| -> Result<(), BackupError> {
        let creates = reviews.into_iter().map(|review| store.create(review, None));
        for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
            outcome?;
        }
        Ok(())
    };
    let mut waiting = Vec::new();
    let restored = backup::read(input, |review| {
        waiting.push(review);
        if waiting.len() < AT_ONCE { Ok(()) } else { write(std::mem::take(&mut waiting)) }
    })?;
    write(waiting)?;
    runtime.block_on(store.close())?;
    Ok(restored)
}
