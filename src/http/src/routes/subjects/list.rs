//! `GET /v1/subjects`.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::request::parameters::{check_limit, cursor, cursor_text};
use crate::request::query::{Query, parameter};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::routes::links::OF_SUBJECTS;
use actix_web::{get, web};
use heartstrings_core::aggregate::Summary;
use heartstrings_core::review::Subject;
use heartstrings_keys::Role;
use heartstrings_store::{SubjectQuery, SubjectSort, SubjectTotals};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DEFAULT_PAGE: usize = 50;

/// Which subjects, in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParameters {
    /// The order. `name` goes from A to Z and is the default, the others start with the largest.
    #[serde(default)]
    sort: Sort,
    /// Only subjects whose name starts with this.
    #[serde(default)]
    #[param(pattern = "^[A-Za-z0-9._:~-]{0,128}$", max_length = 128)]
    prefix: String,
    /// Entries of a page.
    #[serde(default = "default_page")]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: usize,
    /// Where to go on: `next_cursor` of the page before, from the same list.
    #[param(max_length = 1_000, nullable = false)]
    cursor: Option<String>,
}

fn default_page() -> usize {
    DEFAULT_PAGE
}

/// Orders of a list of subjects.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SubjectSort)]
pub enum Sort {
    /// A to Z.
    #[default]
    Name,
    /// Most reviews first.
    Reviews,
    /// Highest mean score first.
    Sentiment,
    /// Highest mean intensity first.
    Intensity,
    /// Latest review first.
    Recent,
}

/// A page of subjects.
#[derive(Serialize, ToSchema)]
pub struct SubjectPage {
    /// The subjects, in the order asked for.
    #[schema(max_items = 200)]
    subjects: Vec<SubjectEntry>,
    /// What to send as `cursor` for the next page; null at the end.
    #[schema(required = true, max_length = 1_000, example = json!(null))]
    next_cursor: Option<String>,
}

/// A subject in a list.
#[derive(Serialize, ToSchema)]
pub struct SubjectEntry {
    /// Its name.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    /// Reviews of it.
    #[schema(minimum = 1, example = 1234)]
    reviews: u64,
    /// Mean score, -1 to 1; null when none of its reviews is aggregated.
    #[schema(required = true, minimum = -1, maximum = 1, example = 0.42)]
    sentiment_mean: Option<f64>,
    /// Mean intensity, 0 to 1; null when none of its reviews is aggregated.
    #[schema(required = true, minimum = 0, maximum = 1, example = 0.55)]
    intensity_mean: Option<f64>,
    /// `written_at` of its latest review.
    #[schema(example = "2024-02-01T09:30:00Z")]
    last_written_at: Timestamp,
}

impl Endpoint for list_subjects {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::BadCursor, Kind::Invalid]],
        headers: &[],
        links: OF_SUBJECTS,
    };
}

/// List the subjects
///
/// Everything that has reviews, with their number and mean scores.
#[utoipa::path(
    tag = "subjects",
    params(ListParameters),
    responses((status = 200, description = "A page of subjects.", body = SubjectPage))
)]
#[get("/v1/subjects")]
pub async fn list_subjects(
    Running(service): Running,
    Query(parameters): Query<ListParameters>,
) -> Result<web::Json<SubjectPage>, Problem> {
    let page = service.subjects(&parameters.check()?).await?;
    Ok(web::Json(SubjectPage {
        subjects: page.items.into_iter().map(SubjectEntry::from).collect(),
        next_cursor: cursor_text(page.next),
    }))
}

impl ListParameters {
    /// The query that they ask, or what is wrong with them.
    pub fn check(self) -> Result<SubjectQuery, Problem> {
        let mut violations = Vec::new();
        violations.extend(check_limit(self.limit));
        // A prefix has the alphabet of a name, and may be empty.
        if !self.prefix.is_empty()
            && let Err(violation) = parameter::<Subject>("query", "prefix", &self.prefix)
        {
            violations.push(violation);
        }
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        Ok(SubjectQuery {
            prefix: self.prefix,
            sort: match self.sort {
                Sort::Name => SubjectSort::Name,
                Sort::Reviews => SubjectSort::Reviews,
                Sort::Sentiment => SubjectSort::Sentiment,
                Sort::Intensity => SubjectSort::Intensity,
                Sort::Recent => SubjectSort::Recent,
            },
            limit: self.limit,
            cursor: cursor(self.cursor)?,
        })
    }
}

impl From<SubjectTotals> for SubjectEntry {
    fn from(totals: SubjectTotals) -> Self {
        let summary = Summary::of(&totals.cell, None);
        Self {
            subject: totals.subject.into(),
            reviews: summary.reviews,
            sentiment_mean: summary.sentiment.mean,
            intensity_mean: summary.intensity.mean,
            last_written_at: totals.last_written_at,
        }
    }
}
