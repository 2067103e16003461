//! `heartstrings score`: scores texts with the model, without a service.

mod report;

use super::{Outcome, Trouble, runtime, start_engine};
use crate::settings::Settings;
use crate::telemetry::{self, LogOptions};
use clap::Args;
use heartstrings_core::review::Text;
use heartstrings_http::offline::analysis_json;
use heartstrings_scoring::{Priority, Scorer};
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  heartstrings score \"I cried through the last half hour.\"
      A report: label, bars, emotions, and the sentences coloured by their scores.
  heartstrings score --whole review.txt
      A file as one text.
  heartstrings score < lines.txt > analyses.ndjson
      A line in, a line of JSON out; also in a terminal with --json.

Colours go away where standard output is no terminal, and with NO_COLOR=1.";

/// What to score, and what to show.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Texts, or files with a text on each line; `-`, or nothing, for lines from standard input
    #[arg(value_name = "TEXT|FILE|-")]
    inputs: Vec<String>,
    /// Take each file, or standard input, for one text
    #[arg(long)]
    whole: bool,
    /// Write one JSON analysis a line; this is what happens without inputs where standard output is no
    /// terminal
    #[arg(long)]
    json: bool,
    /// Also give the sentences in JSON
    #[arg(long)]
    sentences: bool,
}

/// Scores all inputs one after another.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let _telemetry = telemetry::init(&LogOptions::warnings(settings.log.json))?;
    let engine = start_engine(settings)?;
    let runtime = runtime()?;
    let is_json =
        arguments.json || (arguments.inputs.is_empty() && !std::io::stdout().is_terminal());
    let mut score = |place: &str, text: &str| -> Outcome {
        let failed = |why: String| Trouble::Failed(format!("{place}: {why}"));
        let text = Text::from_client(text).map_err(|error| failed(error.to_string()))?;
        let analysis = runtime
            .block_on(engine.score(&text, None, Priority::Interactive))
            .map_err(|error| failed(error.to_string()))?;
        let written = if is_json {
            let json = analysis_json(analysis, arguments.sentences);
            writeln!(std::io::stdout(), "{json}")
        } else {
            report::write(&mut anstream::stdout().lock(), text.as_str(), &analysis)
        };
        written.map_err(|error| Trouble::Failed(format!("cannot write: {error}")))
    };
    if arguments.inputs.is_empty() {
        return lines("line", std::io::stdin(), arguments.whole, &mut score);
    }
    for input in &arguments.inputs {
        let path = Path::new(input);
        if input == "-" {
            lines("line", std::io::stdin(), arguments.whole, &mut score)?;
        } else if path.is_file() {
            let file = File::open(path).map_err(|error| format!("{input}: {error}"))?;
            lines(&format!("{input}, line"), file, arguments.whole, &mut score)?;
        } else {
            score("the text", input)?;
        }
    }
    Ok(())
}

/// Scores each line of a stream, or all of it as one text; skips empty lines.
fn lines(
    place: &str,
    stream: impl Read,
    whole: bool,
    score: &mut impl FnMut(&str, &str) -> Outcome,
) -> Outcome {
    let mut reader = BufReader::new(stream);
    if whole {
        let mut text = String::new();
        let read = reader.read_to_string(&mut text);
        read.map_err(|error| format!("{place} 1 cannot be read: {error}"))?;
        return score(&format!("{place} 1"), &text);
    }
    for (number, line) in (1..).zip(reader.lines()) {
        let line = line.map_err(|error| format!("{place} {number} cannot be read: {error}"))?;
        if !line.trim().is_empty() {
            score(&format!("{place} {number}"), &line)?;
        }
    }
    Ok(())
}
