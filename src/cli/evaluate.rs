//! `heartstrings evaluate`: how well the shipped model reads labelled texts.

mod labels;
mod measures;

use super::{Outcome, runtime, start_engine};
use crate::analysis::Analysis;
use crate::review::Text;
use crate::scoring::{Priority, Scorer, ScoringError};
use crate::settings::Settings;
use crate::telemetry::{self, LogOptions};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use labels::Labelled;
use std::path::PathBuf;
use std::time::Instant;

/// Texts in flight: enough to keep all workers busy with batches of similar length.
const IN_FLIGHT: usize = 64;

/// What to evaluate on.
#[derive(Args)]
pub struct Arguments {
    /// Labelled file: TSV with a header line and no quoting; a column `text` and at least one of
    /// `label`, `stars`, `V` `A` `D`, `intensity`, `label_ids`. A column `title`, if there is
    /// one, is read before the text
    #[arg(long, value_name = "FILE.tsv")]
    data: PathBuf,
    /// Only the first N rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Write JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Scores the file and prints the measures that its columns allow.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let _telemetry = telemetry::init(&LogOptions::warnings(settings.log.json))?;
    let mut rows = labels::read(&arguments.data)?;
    rows.truncate(arguments.limit.unwrap_or(usize::MAX));
    let engine = start_engine(settings)?;
    let started = Instant::now();
    let analyses = runtime()?.block_on(score(&engine, &rows)).map_err(|e| e.to_string())?;
    let seconds = started.elapsed().as_secs_f64();
    let mut report = measures::of(&rows, &analyses);
    report.insert("texts".into(), rows.len().into());
    report.insert("texts_per_second".into(), (rows.len() as f64 / seconds).round().into());
    report.insert("model".into(), engine.card().id.clone().into());
    report.insert("revision".into(), engine.card().revision.clone().into());
    report.insert("precision".into(), engine.card().precision.clone().into());
    if arguments.json {
        println!("{}", serde_json::Value::Object(report));
    } else {
        for (name, value) in report {
            println!("{name:<28} {value}");
        }
    }
    Ok(())
}

async fn score(engine: &impl Scorer, rows: &[Labelled]) -> Result<Vec<Analysis>, ScoringError> {
    stream::iter(rows.iter().map(|row| &row.text))
        .map(|text: &Text| engine.score(text, Some("en"), Priority::Bulk))
        .buffered(IN_FLIGHT)
        .try_collect()
        .await
}
