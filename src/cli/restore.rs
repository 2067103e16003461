//! `heartstrings restore`: a database from a backup, whole or not at all.

use super::advice::with_advice;
use super::data::Report;
use super::{Outcome, runtime};
use crate::settings::Settings;
use clap::Args;
use heartstrings_core::review::Review;
use heartstrings_service::backup::{self, BackupError, Written};
use heartstrings_store::Store;
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

/// Builds the database beside its place; it is put there when it is whole.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let mut maintenance = heartstrings_store::open_for_maintenance(&settings.store);
    let restoration = maintenance.restore().map_err(|error| with_advice(&error))?;
    let mut input = input(&arguments.from)?;
    let Written { reviews, damaged } = fill(&runtime()?, restoration.store(), input.as_mut())
        .map_err(|error| match error {
            BackupError::Store(error) => with_advice(&error),
            error => error.to_string(),
        })?;
    restoration.finish().map_err(|error| with_advice(&error))?;
    let sentence = format!("{reviews} reviews were restored into {}", maintenance.place());
    arguments.report.print(&serde_json::json!({"reviews": reviews}), &sentence);
    for told in &damaged {
        eprintln!("the backup has been made without a review: {told}");
    }
    Ok(())
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
    store: &dyn Store,
    input: &mut dyn BufRead,
) -> Result<Written, BackupError> {
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
