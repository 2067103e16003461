//! `heartstrings summary`: what people say of a subject, from a store or a running service.

use super::advice::with_advice;
use super::reading::{Place, query_string, usage};
use super::remote::Remote;
use super::terminal::{bar, one_line};
use super::{Outcome, Trouble, runtime};
use crate::settings::Settings;
use clap::Args;
use heartstrings_core::aggregate::Summary;
use heartstrings_core::review::Subject;
use heartstrings_http::offline::{day_range, summary_json};
use heartstrings_store::Scope;
use serde_json::Value;
use std::io::Write;

/// Characters of a bar.
const BAR: usize = 20;
/// Emotions that are shown.
const EMOTIONS: usize = 8;

const EXAMPLES: &str = "\
Examples:
  heartstrings summary miracle-in-cell-no-7
  heartstrings summary --from 2024-01-01 --to 2024-02-01 --json sku:4711
  heartstrings summary --server https://reviews.example
      Of all reviews, from a running service (its key in HEARTSTRINGS_KEY).";

/// Of what, and when.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The subject [default: all reviews]
    #[arg(value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only reviews written on or after this UTC day
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only reviews written before this UTC day
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    #[command(flatten)]
    remote: Remote,
    /// Write JSON, as the API answers it
    #[arg(long)]
    json: bool,
}

/// Prints the summary.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let subject = arguments.subject.as_deref().map(str::parse::<Subject>).transpose();
    let subject = subject.map_err(|error| Trouble::Usage(error.to_string()))?;
    let days = [("from", &arguments.from), ("to", &arguments.to)];
    let days = days.into_iter().filter_map(|(name, day)| Some((name.to_owned(), day.clone()?)));
    let days: Vec<_> = days.collect();
    let range = day_range(&query_string(&days)).map_err(usage)?;
    let place = Place::open(settings, &arguments.remote)?;
    let summary = runtime()?.block_on(async {
        let summary = match &place {
            Place::Server(client) => {
                let path = match &subject {
                    Some(subject) => format!("/v1/subjects/{}/summary", encoded(subject.as_str())),
                    None => "/v1/summary".to_owned(),
                };
                client.get(&path, &days).await?
            }
            Place::Store(store) => {
                let scope = subject.clone().map_or(Scope::All, Scope::Subject);
                let totals = store.totals(&scope, range).await.map_err(|e| with_advice(&e))?;
                let totals = totals.ok_or_else(|| {
                    let name = one_line(arguments.subject.as_deref().unwrap_or_default(), 200);
                    format!(
                        "there is no review of the subject {name:?}; `heartstrings subjects` lists \
                         those that there are"
                    )
                })?;
                summary_json(subject, Summary::of(&totals.cell, totals.span))
            }
        };
        place.close().await?;
        Ok::<_, Trouble>(summary)
    })?;
    let written = match arguments.json {
        true => writeln!(std::io::stdout(), "{summary}"),
        false => write(&mut std::io::stdout().lock(), &summary),
    };
    written.map_err(|error| format!("cannot write: {error}").into())
}

/// A part of a path, percent-encoded. Spaces are `+` in forms only.
fn encoded(part: &str) -> String {
    form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
}

fn write(out: &mut impl Write, summary: &Value) -> std::io::Result<()> {
    let number = |pointer: &str| summary.pointer(pointer).and_then(Value::as_f64);
    let count = |pointer: &str| summary.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let day = |name: &str| summary[name].as_str().map_or("?", |t| t.get(..10).unwrap_or(t));
    let reviews = count("/reviews");
    if let Some(subject) = summary["subject"].as_str() {
        writeln!(out, "{}", one_line(subject, 200))?;
    }
    if reviews == 0 {
        return writeln!(out, "no reviews");
    }
    let (first, last) = (day("first_written_at"), day("last_written_at"));
    let noun = if reviews == 1 { "review" } else { "reviews" };
    writeln!(out, "{reviews} {noun}, written from {first} to {last}\n")?;
    if let Some(mean) = number("/sentiment/mean") {
        let interval = match summary.pointer("/sentiment/confidence_interval_95") {
            Some(Value::Array(ends)) if ends.len() == 2 => {
                let end = |place: usize| ends[place].as_f64().unwrap_or_default();
                format!("  (95 % between {:+.2} and {:+.2})", end(0), end(1))
            }
            _ => String::new(),
        };
        writeln!(out, "sentiment {} {mean:+.2}{interval}", bar((mean + 1.0) / 2.0, BAR))?;
    }
    if let Some(mean) = number("/intensity/mean") {
        writeln!(out, "intensity {} {mean:5.2}", bar(mean, BAR))?;
    }
    if let Some(mean) = number("/rating/mean") {
        let rated = count("/rating/reviews");
        writeln!(
            out,
            "stars     {} {mean:5.2}  (of {rated} reviews)",
            bar((mean - 1.0) / 4.0, BAR)
        )?;
    }
    writeln!(out)?;
    for label in ["positive", "neutral", "negative", "mixed"] {
        let labelled = count(&format!("/sentiment/labels/{label}"));
        let share = labelled as f64 / reviews as f64;
        writeln!(out, "{label:<9} {} {labelled} ({:.0} %)", bar(share, BAR), 100.0 * share)?;
    }
    let emotions = summary["emotions"].as_array().map_or(&[][..], Vec::as_slice);
    if !emotions.is_empty() {
        writeln!(out)?;
    }
    for emotion in emotions.iter().take(EMOTIONS) {
        let (label, share) = (&emotion["label"], emotion["share"].as_f64().unwrap_or_default());
        let label = label.as_str().unwrap_or_default();
        writeln!(out, "{label:<14} {} {:.0} %", bar(share, BAR), 100.0 * share)?;
    }
    match count("/not_aggregated") {
        0 => Ok(()),
        n => writeln!(out, "\n{n} reviews are in a language that the model does not know"),
    }
}
