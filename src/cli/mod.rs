//! One file a command of the binary.
//!
//! Exit codes: 0 when the command did what it was asked, 1 when it could not, 2 when it was asked
//! wrongly (clap's code), 3 when it did its work and found damaged data, 4 when it did its work and
//! refused some of what it was given.

mod advice;
mod backup;
mod data;
mod evaluate;
mod export;
mod health;
mod import;
mod key;
mod openapi;
mod reading;
mod rebuild;
mod remote;
mod rescore;
mod restore;
mod score;
mod serve;
mod shell;
mod subjects;
mod summary;
mod target;
mod terminal;
mod verify;

use crate::settings::{Flags, Settings};
use clap::{Parser, Subcommand};
use heartstrings_inference::Model as _;
use heartstrings_model::Model;
use heartstrings_scoring::Engine;
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  heartstrings serve
      The API on http://127.0.0.1:8080, with data in ./data.
  heartstrings import reviews.csv
      The reviews of a spreadsheet into ./data.
  heartstrings summary miracle-in-cell-no-7
      What people think of it.
  heartstrings score \"I cried through the last half hour.\"
      One text, without storing it.

Exit codes: 0 done; 1 could not; 2 wrong command line; 3 done, and damaged data was found; 4 done, and some
of what was given was refused.";

/// Post reviews over HTTP, get back how they feel.
#[derive(Parser)]
#[command(name = "heartstrings", version, about, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve,
    /// Import files of reviews: CSV, TSV, JSON or Parquet, into a store or a running service
    Import(Box<import::Arguments>),
    /// Export reviews with their analyses as NDJSON, CSV or Parquet
    Export(Box<export::Arguments>),
    /// Say what people think of a subject, or of everything
    Summary(summary::Arguments),
    /// List the subjects that there are reviews of
    Subjects(subjects::Arguments),
    /// Score texts: a report in a terminal, one JSON analysis a line in a pipe
    Score(score::Arguments),
    /// Score a labelled file and say how well the model did
    Evaluate(evaluate::Arguments),
    /// Compare records, indexes and aggregates with a recount; the service must not run
    Verify(data::Report),
    /// Make indexes and aggregates anew from the reviews; the service must not run
    Rebuild(data::Report),
    /// Write all reviews into a file, while the service runs or not
    Backup(backup::Arguments),
    /// Make a database from a backup, in an empty folder
    Restore(restore::Arguments),
    /// Bring the reviews of older models to the current one, while the service runs or not
    Rescore(rescore::Arguments),
    /// Make, list and revoke keys, while the service runs or not
    #[command(subcommand)]
    Key(key::Command),
    /// Write the OpenAPI document to standard output
    Openapi,
    /// Ask a running service whether it lives; exit 0 when it does
    Health,
    /// Write completions for a shell to standard output
    Completions(shell::Completions),
    /// Write man pages into a folder
    Man(shell::Manual),
}

/// What a command ends with.
type Outcome = Result<(), Trouble>;

/// Why a command did not end well; the message is for the person who typed it.
enum Trouble {
    /// It could not do what it was asked.
    Failed(String),
    /// It was asked wrongly, in a way that only the work shows.
    Usage(String),
    /// It did, and found damaged data.
    Damage(String),
    /// It did, and refused some of what it was given.
    Refused(String),
}

impl From<String> for Trouble {
    fn from(message: String) -> Self {
        Trouble::Failed(message)
    }
}

/// Reads the command line and runs what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let (message, code) = match dispatch(&cli) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Trouble::Failed(message)) => (message, 1),
        Err(Trouble::Usage(message)) => (message, 2),
        Err(Trouble::Damage(message)) => (message, 3),
        Err(Trouble::Refused(message)) => (message, 4),
    };
    eprintln!("heartstrings: {message}");
    ExitCode::from(code)
}

fn dispatch(cli: &Cli) -> Outcome {
    // These need no settings, and must work where those are wrong.
    match &cli.command {
        Command::Openapi => return openapi::run(),
        Command::Completions(arguments) => return shell::completions(arguments),
        Command::Man(arguments) => return shell::manual(arguments),
        _ => {}
    }
    let settings = Settings::resolve(&cli.flags).map_err(|error| error.to_string())?;
    match &cli.command {
        Command::Serve => serve::run(&settings),
        Command::Import(arguments) => import::run(&settings, arguments),
        Command::Export(arguments) => export::run(&settings, arguments),
        Command::Summary(arguments) => summary::run(&settings, arguments),
        Command::Subjects(arguments) => subjects::run(&settings, arguments),
        Command::Score(arguments) => score::run(&settings, arguments),
        Command::Evaluate(arguments) => evaluate::run(&settings, arguments),
        Command::Verify(report) => verify::run(&settings, report),
        Command::Rebuild(report) => rebuild::run(&settings, report),
        Command::Backup(arguments) => backup::run(&settings, arguments),
        Command::Restore(arguments) => restore::run(&settings, arguments),
        Command::Rescore(arguments) => rescore::run(&settings, arguments),
        Command::Key(command) => key::run(&settings, command),
        Command::Health => health::run(&settings),
        Command::Openapi | Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}

/// Loads the model and starts the threads that score.
fn start_engine(settings: &Settings) -> Result<Engine, String> {
    let started = std::time::Instant::now();
    let model =
        Model::load(&settings.model, settings.compute).map_err(|error| error.to_string())?;
    let card = model.card().clone();
    let engine = Engine::start(Arc::new(model), &settings.engine)
        .map_err(|error| format!("cannot start the scoring threads: {error}"))?;
    let milliseconds = started.elapsed().as_millis();
    let workers = settings.engine.workers;
    tracing::info!(
        id = card.id,
        revision = card.revision,
        precision = card.precision,
        device = card.device,
        workers,
        milliseconds,
        "the model is loaded"
    );
    Ok(engine)
}

/// A runtime for a command that is not the server.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))
}
