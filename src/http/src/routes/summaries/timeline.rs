//! `GET /v1/subjects/{subject}/timeline`.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::parameters::Days;
use crate::request::query::{Query, path};
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::summary::SummaryView;
use crate::routes::links::OF_SUBJECT;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::aggregate::Interval;
use heartstrings_core::review::Subject;
use heartstrings_keys::Role;
use heartstrings_store::Scope;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a time line is drawn.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineParameters {
    /// Length of a step; `month` when absent. Weeks are ISO weeks and start on Monday.
    #[serde(default)]
    interval: Step,
    /// First day (UTC) of `written_at`.
    #[param(nullable = false, format = Date, max_length = 10)]
    from: Option<String>,
    /// Day (UTC) after the last.
    #[param(nullable = false, format = Date, max_length = 10)]
    to: Option<String>,
}

/// Length of a step of a time line.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineInterval)]
pub enum Step {
    /// A UTC day.
    Day,
    /// An ISO week.
    Week,
    /// A calendar month.
    #[default]
    Month,
    /// A calendar year.
    Year,
}

/// What people said of a subject over time.
#[derive(Serialize, ToSchema)]
pub struct Timeline {
    /// The subject.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    /// Length of a step.
    interval: Step,
    /// One point for each interval that has reviews, earliest first.
    points: Vec<TimelinePoint>,
}

/// One interval of a time line.
#[derive(Serialize, ToSchema)]
pub struct TimelinePoint {
    /// First day of the interval.
    #[schema(value_type = String, format = Date, example = "2013-02-01")]
    start: Date,
    #[serde(flatten)]
    #[schema(inline)]
    summary: SummaryView,
}

impl Endpoint for get_subject_timeline {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: OF_SUBJECT,
    };
}

/// Draw a subject's time line
///
/// One summary for each day, week, month or year that has reviews.
#[utoipa::path(
    tag = "subjects",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7"),
        TimelineParameters,
        IfNoneMatchHeader),
    responses(
        (status = 200, description = "The time line.", body = Timeline),
        (status = 304, description = "Nothing has changed."))
)]
#[get("/v1/subjects/{subject}/timeline")]
pub async fn get_subject_timeline(
    Running(service): Running,
    request: HttpRequest,
    Query(parameters): Query<TimelineParameters>,
) -> Result<HttpResponse, Problem> {
    let subject: Subject = path(&request, "subject")?;
    let interval = match parameters.interval {
        Step::Day => Interval::Day,
        Step::Week => Interval::Week,
        Step::Month => Interval::Month,
        Step::Year => Interval::Year,
    };
    let range = Days::new(parameters.from, parameters.to).check()?;
    let points = service.timeline(&Scope::Subject(subject.clone()), interval, range).await?;
    let points = points
        .into_iter()
        .map(|(start, summary)| TimelinePoint { start, summary: summary.into() })
        .collect();
    let timeline = Timeline { subject: subject.into(), interval: parameters.interval, points };
    conditional::answer(&request, &timeline)
}
