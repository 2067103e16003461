//! `heartstrings evaluate`: measures the model against labelled texts.

mod comparisons;
mod heads;
mod labels;
mod measures;
mod reliability;
mod report;

use super::{Outcome, runtime, start_engine};
use crate::settings::Settings;
use crate::telemetry::{self, LogOptions};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_scoring::{Priority, Scorer, ScoringError};
use labels::Labelled;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Instant;

/// Texts in flight: enough to keep all workers busy with batches of similar length.
const IN_FLIGHT: usize = 64;

/// What to evaluate on.
#[derive(Args)]
pub struct Arguments {
    /// Labelled file: TSV with a header line and no quoting; a column `text` and at least one of
    /// `label`, `stars`, `V` `A` `D`, `intensity` (with `dimension`: anger, fear, joy, sadness or
    /// valence), `label_ids`, `pair` (with `intense`: more or less), `twins`. A column `title`, if
    /// there is one, is read before the text
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
    let heads = heads::read(settings, &rows)?;
    let mut report = measures::of(&rows, &analyses, &heads);
    report.insert("texts".into(), rows.len().into());
    report.insert("texts_per_second".into(), (rows.len() as f64 / seconds).round().into());
    report.insert("model".into(), engine.card().id.clone().into());
    report.insert("revision".into(), engine.card().revision.clone().into());
    report.insert("precision".into(), engine.card().precision.clone().into());
    if arguments.json {
        println!("{}", Value::Object(report));
    } else {
        print(&report);
    }
    Ok(())
}

/// Prints the measures, one a line, and then the reliability plots.
fn print(report: &Map<String, Value>) {
    let (plots, numbers): (Vec<_>, Vec<_>) =
        report.iter().partition(|(name, _)| name.ends_with("reliability"));
    for (name, value) in numbers {
        println!("{name:<30} {value}");
    }
    for (name, bins) in plots {
        println!("\n{name}\n{}", reliability::plot(bins));
    }
}

async fn score(engine: &impl Scorer, rows: &[Labelled]) -> Result<Vec<Analysis>, ScoringError> {
    stream::iter(rows.iter().map(|row| &row.text))
        .map(|text: &Text| engine.score(text, Some("en"), Priority::Bulk))
        .buffered(IN_FLIGHT)
        .try_collect()
        .await
}
