//! `heartstrings score`: scores lines of text with the model, without a service.

use super::{Outcome, runtime, start_engine};
use crate::settings::Settings;
use crate::telemetry::{self, LogOptions};
use clap::Args;
use heartstrings_core::review::Text;
use heartstrings_http::analysis_json;
use heartstrings_scoring::{Priority, Scorer};
use std::io::{BufRead, Write};

/// What to show.
#[derive(Args)]
pub struct Arguments {
    /// Also give the sentences
    #[arg(long)]
    sentences: bool,
}

/// Scores each line of standard input; skips empty lines.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let _telemetry = telemetry::init(&LogOptions::warnings(settings.log.json))?;
    let engine = start_engine(settings)?;
    let runtime = runtime()?;
    let mut out = std::io::stdout().lock();
    for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
        let line = line.map_err(|error| format!("line {number} cannot be read: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let text = Text::from_client(&line).map_err(|error| format!("line {number}: {error}"))?;
        let analysis = runtime
            .block_on(engine.score(&text, None, Priority::Interactive))
            .map_err(|error| format!("line {number}: {error}"))?;
        let json = analysis_json(analysis, arguments.sentences);
        writeln!(out, "{json}").map_err(|error| format!("cannot write: {error}"))?;
    }
    Ok(())
}
