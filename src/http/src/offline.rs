//! What commands share with the API although they serve nothing: its parameters and its views.

use crate::request::parameters::{self, Days};
use crate::request::query;
use crate::response::analysis::AnalysisView;
use crate::response::problem::Problem;
use crate::response::review::ReviewView;
use crate::response::summary::{SubjectSummary, SummaryView};
use crate::routes::{ReviewParameters, SubjectEntry, SubjectParameters};
use heartstrings_core::aggregate::{DateRange, Summary};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, Subject};
use heartstrings_store::{Cursor, ReviewQuery, SubjectQuery, SubjectTotals};
use serde::Serialize;
use serde_json::Value;

/// An analysis as the API answers it, with its sentences or without.
pub fn analysis_json(analysis: Analysis, sentences: bool) -> Value {
    json(&AnalysisView::new(analysis, sentences))
}

/// A review as the API answers it, with its sentences or without.
pub fn review_json(review: Review, sentences: bool) -> Value {
    json(&ReviewView::new(review, sentences))
}

/// The summary of a subject, or of everything, as the API answers it.
pub fn summary_json(subject: Option<Subject>, summary: Summary) -> Value {
    match subject {
        Some(subject) => json(&SubjectSummary::new(subject, summary)),
        None => json(&SummaryView::from(summary)),
    }
}

/// A subject as it stands in the list of the API.
pub fn subject_json(subject: SubjectTotals) -> Value {
    json(&SubjectEntry::from(subject))
}

/// What the query string of `GET /v1/reviews` asks for.
///
/// # Errors
/// The problem that the API would answer with.
pub fn review_query(query: &str) -> Result<ReviewQuery, Value> {
    query::read(query).and_then(ReviewParameters::check).map_err(problem_json)
}

/// What the query string of `GET /v1/subjects` asks for.
///
/// # Errors
/// The problem that the API would answer with.
pub fn subject_query(query: &str) -> Result<SubjectQuery, Value> {
    query::read(query).and_then(SubjectParameters::check).map_err(problem_json)
}

/// The range of days in the query string of a summary.
///
/// # Errors
/// The problem that the API would answer with.
pub fn day_range(query: &str) -> Result<DateRange, Value> {
    query::read(query).and_then(|days: Days| days.check()).map_err(problem_json)
}

/// A cursor as the API gives it.
pub fn cursor_text(cursor: Cursor) -> String {
    parameters::cursor_text(Some(cursor)).unwrap_or_default()
}

fn problem_json(problem: Problem) -> Value {
    json(&problem.body(String::new()))
}

/// Structs of strings and numbers always serialize.
fn json(view: &impl Serialize) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}
