//! `heartstrings import`: files of reviews into a store or into a running service.

mod columns;
mod into_server;
mod into_store;
mod ledger;
mod rows;
mod show;

use super::data::Report;
use super::remote::Remote;
use super::{Outcome, Trouble, runtime};
use crate::settings::Settings;
use crate::telemetry::{self, LogOptions};
use clap::Args;
use heartstrings_import::{Input, Mapping, Plan};
use ledger::Ledger;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Rows that wait between the thread that reads files and those that store.
const WAITING: usize = 256;

const EXAMPLES: &str = "\
Examples:
  heartstrings import reviews.csv
      Guess which column is what, show it with three rows, ask, import into ./data.
  heartstrings import --text review --subject movie_title --rating stars --rating-scale 1..10 \\
      --date posted --date-format %d/%m/%Y --source =imdb --yes reviews.csv.gz
      Say it all, and do not ask.
  heartstrings import --server http://127.0.0.1:8080 --subject =hotel-sonne survey.xlsx.csv
      Into a running service (its key in HEARTSTRINGS_KEY); all rows are about one thing.
  zcat dump.gz | heartstrings import --input ndjson --yes -
      From standard input.

Ids are made from the content of a row unless a column has them, so the same file twice stores nothing
twice, and an import that was interrupted goes on when it is started again.

Exit codes: 0 all rows are stored; 1 the import failed, start it again to go on; 2 wrong command line, or a
column that cannot be told; 4 done, and some rows were refused (they are in the file of refused rows).";

/// What to import, and how.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files to import: CSV, TSV, NDJSON, a JSON array or Parquet, plain or with gzip or zstd; `-`
    /// for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    columns: columns::Columns,
    /// Do not ask before starting
    #[arg(long, short)]
    yes: bool,
    /// Only show what would be done, and how many rows would be refused
    #[arg(long)]
    dry_run: bool,
    /// Where refused rows go, as CSV with file, line, reason and row [default: the name of the first
    /// file with .refused.csv after it]
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    #[command(flatten)]
    report: Report,
}

/// A file that is ready to be imported.
pub struct Opened {
    input: Input,
    plan: Plan,
}

/// Shows what would be done, asks, and does it.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let _telemetry = telemetry::init(&LogOptions::warnings(settings.log.json))?;
    let client = arguments.remote.client()?;
    let mut files = Vec::new();
    for path in &arguments.files {
        files.push(open(path, &arguments.columns)?);
    }
    for file in &files {
        show::file(file);
    }
    if !arguments.dry_run && !arguments.yes {
        ask(arguments)?;
    }
    let mut ledger = Ledger::new(refused_file(arguments), &arguments.files);
    ledger.count_ahead(arguments.files.clone(), arguments.columns.clone());
    if arguments.dry_run {
        rows::check(files, &mut ledger)?;
    } else {
        let runtime = runtime()?;
        match &client {
            Some(client) => runtime.block_on(into_server::run(client, files, &mut ledger))?,
            None => into_store::run(settings, &runtime, files, &mut ledger)?,
        }
    }
    let (counts, sentence) = ledger.finish(arguments.dry_run)?;
    arguments.report.print(&counts, &sentence);
    match counts.refused {
        0 => Ok(()),
        n => Err(Trouble::Refused(format!("{n} rows were refused"))),
    }
}

fn open(path: &Path, columns: &columns::Columns) -> Result<Opened, Trouble> {
    let reading = columns.reading()?;
    let input = match is_stdin(path) {
        true => Input::read("-", std::io::stdin(), &reading),
        false => Input::open(path, &reading),
    };
    let input = input.map_err(|error| error.to_string())?;
    let sample: Vec<_> = input.sample().collect();
    let wrong = |why: String| Trouble::Usage(format!("{}: {why}", path.display()));
    let options = columns.options()?;
    let mapping = Mapping::guess(columns.mapping(), input.columns(), &sample, &options)
        .map_err(|error| wrong(error.to_string()))?;
    let plan = Plan::new(mapping, &options, &sample).map_err(|error| wrong(error.to_string()))?;
    Ok(Opened { plan, input })
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn refused_file(arguments: &Arguments) -> PathBuf {
    let named = arguments.refused.clone();
    named.unwrap_or_else(|| match arguments.files.first() {
        Some(first) if !is_stdin(first) => {
            let mut name = first.as_os_str().to_owned();
            name.push(".refused.csv");
            name.into()
        }
        _ => "refused.csv".into(),
    })
}

fn ask(arguments: &Arguments) -> Outcome {
    let reads_stdin = arguments.files.iter().any(|path| is_stdin(path));
    if reads_stdin || !std::io::stdin().is_terminal() {
        let why = "nobody can be asked here; say --yes to import what is shown above, or --dry-run \
                   to only look";
        return Err(Trouble::Usage(why.into()));
    }
    eprint!("Import? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| error.to_string())?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err("nothing was imported".to_owned().into()),
    }
}
