//! `heartstrings export`: reviews with their analyses into a file, from a store or a running service.

mod columns;
mod csv;
mod parquet;

use super::advice::with_advice;
use super::reading::{Place, query_string, usage};
use super::remote::Remote;
use super::target::Target;
use super::{Outcome, Trouble, runtime};
use crate::settings::Settings;
use clap::{Args, ValueEnum};
use heartstrings_http::offline::{review_json, review_query};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// Reviews of a page.
const PAGE: usize = 200;

const EXAMPLES: &str = "\
Examples:
  heartstrings export > reviews.ndjson
      All reviews, oldest first, a JSON object a line, as the API answers them.
  heartstrings export --format csv --subject sku:4711 --label negative --output complaints.csv
      For a spreadsheet. A cell that it would take for a formula has an apostrophe before it, which
      `heartstrings import` takes off again.
  heartstrings export --format parquet --server https://reviews.example --from 2024-01-01 --output q1.parquet
      From a running service (its key in HEARTSTRINGS_KEY).";

/// Which reviews, and where to.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// File to write, which must not exist; `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    remote: Remote,
}

/// What reviews can be written as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A JSON object a line, with sentences
    Ndjson,
    /// For spreadsheets
    Csv,
    /// Apache Parquet
    Parquet,
}

/// The filters of `GET /v1/reviews`.
#[derive(Args)]
#[command(next_help_heading = "Filters")]
struct Filters {
    /// Only reviews of this subject
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only this label: positive, neutral, negative or mixed
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Only reviews that show this emotion
    #[arg(long, value_name = "EMOTION")]
    emotion: Option<String>,
    /// Only reviews from this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Least score, -1 to 1
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    min_score: Option<String>,
    /// Greatest score, -1 to 1
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    max_score: Option<String>,
    /// Least intensity, 0 to 1
    #[arg(long, value_name = "INTENSITY")]
    min_intensity: Option<String>,
    /// Greatest intensity, 0 to 1
    #[arg(long, value_name = "INTENSITY")]
    max_intensity: Option<String>,
    /// Only reviews written on or after this UTC day, or at or after this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only reviews written before this UTC day or time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Filters {
    /// As parameters of `GET /v1/reviews`.
    fn pairs(&self) -> Vec<(String, String)> {
        let all = [
            ("subject", &self.subject),
            ("label", &self.label),
            ("emotion", &self.emotion),
            ("source", &self.source),
            ("min_score", &self.min_score),
            ("max_score", &self.max_score),
            ("min_intensity", &self.min_intensity),
            ("max_intensity", &self.max_intensity),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        given.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// What takes the reviews one by one.
trait Sink {
    /// Takes one, as the API shows it.
    fn write(&mut self, review: &Value) -> Result<(), String>;

    /// Ends the file.
    fn finish(self: Box<Self>) -> Result<(), String>;
}

/// Writes the file.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let mut pairs = arguments.filters.pairs();
    pairs.push(("sort".into(), "oldest".into()));
    pairs.push(("limit".into(), PAGE.to_string()));
    if arguments.format == Format::Ndjson {
        pairs.push(("sentences".into(), "true".into()));
    }
    // What is wrong is said before anything is opened.
    review_query(&query_string(&pairs)).map_err(usage)?;
    let place = Place::open(settings, &arguments.remote)?;
    let mut target = Target::create(&arguments.output)?;
    let writer = std::mem::replace(&mut target.writer, Box::new(std::io::sink()));
    let mut sink: Box<dyn Sink> = match arguments.format {
        Format::Ndjson => Box::new(Ndjson(writer)),
        Format::Csv => Box::new(csv::CsvSink::new(writer)?),
        Format::Parquet => Box::new(parquet::ParquetSink::new(writer)?),
    };
    let failed = |why: String| Trouble::Failed(format!("the reviews cannot be written: {why}"));
    let count = runtime()?.block_on(async {
        let mut count = 0_u64;
        let take = |review: &Value| {
            count += 1;
            sink.write(review).map_err(failed)
        };
        match &place {
            Place::Server(client) => from_server(client, pairs, take).await?,
            Place::Store(store) => from_store(store.as_ref(), &pairs, take).await?,
        }
        place.close().await?;
        Ok::<_, Trouble>(count)
    })?;
    sink.finish().map_err(failed)?;
    target.finish().map_err(|error| failed(error.to_string()))?;
    eprintln!("{count} reviews were exported");
    Ok(())
}

async fn from_server(
    client: &super::remote::Client,
    pairs: Vec<(String, String)>,
    mut take: impl FnMut(&Value) -> Outcome,
) -> Outcome {
    let mut cursor: Option<String> = None;
    loop {
        let mut pairs = pairs.clone();
        pairs.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
        let page = client.get("/v1/reviews", &pairs).await?;
        page["reviews"].as_array().into_iter().flatten().try_for_each(&mut take)?;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(()),
        }
    }
}

async fn from_store(
    store: &dyn heartstrings_store::Store,
    pairs: &[(String, String)],
    mut take: impl FnMut(&Value) -> Outcome,
) -> Outcome {
    let mut query = review_query(&query_string(pairs)).map_err(usage)?;
    let sentences = pairs.iter().any(|(name, _)| name == "sentences");
    loop {
        let page = store.reviews(&query).await.map_err(|error| with_advice(&error))?;
        for review in page.items {
            take(&review_json(review, sentences))?;
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// A JSON object a line.
struct Ndjson(Box<dyn Write + Send>);

impl Sink for Ndjson {
    fn write(&mut self, review: &Value) -> Result<(), String> {
        writeln!(self.0, "{review}").map_err(|error| error.to_string())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        self.0.flush().map_err(|error| error.to_string())
    }
}
