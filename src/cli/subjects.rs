//! `heartstrings subjects`: what there are reviews of, from a store or a running service.

use super::advice::with_advice;
use super::reading::{Place, query_string, usage};
use super::remote::Remote;
use super::terminal::{bar, one_line};
use super::{Outcome, Trouble, runtime};
use crate::settings::Settings;
use clap::{Args, ValueEnum};
use heartstrings_http::offline::{cursor_text, subject_json, subject_query};
use serde_json::{Value, json};
use std::io::Write;

/// Most subjects of a page.
const PAGE: usize = 200;

const EXAMPLES: &str = "\
Examples:
  heartstrings subjects --sort sentiment
  heartstrings subjects --prefix sku: --limit 1000 --json
  heartstrings subjects --server https://reviews.example
      From a running service (its key in HEARTSTRINGS_KEY).";

/// Which subjects, in which order.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The order; all but name start with the largest
    #[arg(long, value_enum, default_value_t = Sort::Reviews)]
    sort: Sort,
    /// Only subjects that begin with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Most subjects
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
    /// Write a line of JSON for each, as the API answers it
    #[arg(long)]
    json: bool,
}

/// Orders of the list.
#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    Name,
    Reviews,
    Sentiment,
    Intensity,
    Recent,
}

/// Prints the list.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let sort = arguments.sort.to_possible_value();
    let sort = sort.map_or(String::new(), |value| value.get_name().to_owned());
    let mut pairs = vec![("sort".to_owned(), sort)];
    pairs.extend(arguments.prefix.clone().map(|prefix| ("prefix".to_owned(), prefix)));
    // What is wrong is said before anything is opened.
    subject_query(&query_string(&pairs)).map_err(usage)?;
    let place = Place::open(settings, &arguments.remote)?;
    let subjects = runtime()?.block_on(async {
        let subjects = read(&place, pairs, arguments.limit).await?;
        place.close().await?;
        Ok::<_, Trouble>(subjects)
    })?;
    let mut out = std::io::stdout().lock();
    let written = match arguments.json {
        true => subjects.iter().try_for_each(|subject| writeln!(out, "{subject}")),
        false => write(&mut out, &subjects),
    };
    written.map_err(|error| format!("cannot write: {error}").into())
}

async fn read(
    place: &Place,
    pairs: Vec<(String, String)>,
    limit: usize,
) -> Result<Vec<Value>, Trouble> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    while found.len() < limit {
        let mut pairs = pairs.clone();
        pairs.push(("limit".into(), (limit - found.len()).min(PAGE).to_string()));
        pairs.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
        let page = match place {
            Place::Server(client) => client.get("/v1/subjects", &pairs).await?,
            Place::Store(store) => {
                let query = subject_query(&query_string(&pairs)).map_err(usage)?;
                let page = store.subjects(&query).await.map_err(|error| with_advice(&error))?;
                let subjects: Vec<_> = page.items.into_iter().map(subject_json).collect();
                let next = page.next.map(cursor_text);
                json!({"subjects": subjects, "next_cursor": next})
            }
        };
        found.extend(page["subjects"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    Ok(found)
}

fn write(out: &mut impl Write, subjects: &[Value]) -> std::io::Result<()> {
    if subjects.is_empty() {
        return writeln!(out, "no subjects");
    }
    writeln!(
        out,
        "{:>8}  {:<17}  {:>9}  {:<10}  subject",
        "reviews", "sentiment", "intensity", "last"
    )?;
    for subject in subjects {
        let number = |name: &str| subject[name].as_f64();
        let sentiment = number("sentiment_mean")
            .map_or("–".to_owned(), |mean| format!("{} {mean:+.2}", bar((mean + 1.0) / 2.0, 10)));
        let intensity =
            number("intensity_mean").map_or("–".to_owned(), |mean| format!("{mean:.2}"));
        let last = subject["last_written_at"].as_str().unwrap_or_default();
        writeln!(
            out,
            "{:>8}  {sentiment:<17}  {intensity:>9}  {:<10}  {}",
            subject["reviews"].to_string(),
            last.get(..10).unwrap_or(last),
            one_line(subject["subject"].as_str().unwrap_or_default(), 200)
        )?;
    }
    Ok(())
}
