//! Subjects: which there are, and what people say of one.

use crate::aggregate::{DateRange, Summary};
use crate::http::problem::{Kind, Problem};
use crate::http::read::{Query, parameter, path};
use crate::http::state::Running;
use crate::review::{Subject, Violation};
use crate::store::{Cursor, Scope, SubjectQuery, SubjectSort, SubjectTotals};
use actix_web::{HttpRequest, get, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Largest and default page.
const PAGE: std::ops::RangeInclusive<usize> = 1..=200;
const DEFAULT_PAGE: usize = 50;

/// Which subjects, in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParameters {
    /// The order. `name` goes from A to Z and is the default, the others start with the largest.
    #[serde(default)]
    #[param(example = "reviews")]
    sort: Sort,
    /// Only subjects whose name starts with this.
    #[serde(default)]
    #[param(pattern = "^[A-Za-z0-9._:~-]{0,128}$", max_length = 128, example = "mira")]
    prefix: String,
    /// Entries of a page.
    #[serde(default = "default_page")]
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
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

/// List the subjects
#[utoipa::path(
    tag = "subjects",
    operation_id = "list_subjects",
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
        next_cursor: page.next.map(|cursor| URL_SAFE_NO_PAD.encode(cursor.0)),
    }))
}

impl ListParameters {
    fn check(self) -> Result<SubjectQuery, Problem> {
        let mut violations = Vec::new();
        if !PAGE.contains(&self.limit) {
            violations.push(Violation {
                pointer: "/query/limit".into(),
                detail: format!("{} is not a page size; 1 to 200 are", self.limit),
            });
        }
        // A prefix has the alphabet of a name, and may be empty.
        if !self.prefix.is_empty()
            && let Err(violation) = parameter::<Subject>("query", "prefix", &self.prefix)
        {
            violations.push(violation);
        }
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        let cursor = self.cursor.map(|text| {
            URL_SAFE_NO_PAD.decode(text).map(Cursor).map_err(|_| {
                let detail = "the cursor is not one of ours; start again without it";
                Problem::new(Kind::BadCursor, detail)
            })
        });
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
            cursor: cursor.transpose()?,
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

/// A range of UTC days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// First day (UTC) of `written_at`.
    #[param(nullable = false, format = Date, max_length = 10, example = "2013-01-01")]
    from: Option<String>,
    /// Day (UTC) after the last.
    #[param(nullable = false, format = Date, max_length = 10, example = "2014-01-01")]
    to: Option<String>,
}

impl Days {
    fn check(&self) -> Result<DateRange, Problem> {
        let mut violations = Vec::new();
        let mut day = |name: &str, value: &Option<String>| {
            let value = value.as_deref()?;
            // Only the plain form: other spellings of a date would surprise in other places.
            let date = (value.len() == 10).then(|| value.parse::<Date>().ok()).flatten();
            if date.is_none() {
                violations.push(Violation {
                    pointer: format!("/query/{name}"),
                    detail: format!("{value:?} is not a date; write it like 2024-02-01"),
                });
            }
            date
        };
        let range = DateRange { from: day("from", &self.from), to: day("to", &self.to) };
        if violations.is_empty() { Ok(range) } else { Err(Problem::invalid(violations)) }
    }
}

/// What people say of a subject.
#[derive(Serialize, ToSchema)]
pub struct SubjectSummary {
    /// The subject.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    #[serde(flatten)]
    #[schema(inline)]
    summary: Summary,
}

/// Summarize a subject
///
/// All its reviews, or those written from one day to before another. The numbers are exact: they
/// equal a recount of the reviews, after any history of posts and deletes. A known subject without
/// reviews in the range gives zeros and nulls.
#[utoipa::path(
    tag = "subjects",
    operation_id = "get_subject_summary",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7"),
        Days,
    ),
    responses((status = 200, description = "The summary.", body = SubjectSummary))
)]
#[get("/v1/subjects/{subject}/summary")]
pub async fn get_subject_summary(
    Running(service): Running,
    request: HttpRequest,
    Query(days): Query<Days>,
) -> Result<web::Json<SubjectSummary>, Problem> {
    let subject: Subject = path(&request, "subject")?;
    let range = days.check()?;
    let summary = service.summary(&Scope::Subject(subject.clone()), range).await?;
    Ok(web::Json(SubjectSummary { subject: subject.into(), summary }))
}
