//! Summaries: what people say of a subject, of all, of some beside each other, and over time.

use crate::conditional::{self, IfNoneMatchHeader};
use crate::parameters::Days;
use crate::problem::Problem;
use crate::read::{Query, parameter, path, query_pairs};
use crate::schemas;
use crate::state::Running;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::aggregate::{DateRange, Interval, Summary};
use heartstrings_core::review::{Subject, Violation};
use heartstrings_store::Scope;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Subjects that can be compared at once.
const COMPARED: std::ops::RangeInclusive<usize> = 2..=20;

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
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The summary.", body = SubjectSummary,
            headers(("ETag" = String, description = "Changes whenever a number does."))),
        (status = 304, description = "Nothing has changed."),
    )
)]
#[get("/v1/subjects/{subject}/summary")]
pub async fn get_subject_summary(
    Running(service): Running,
    request: HttpRequest,
    Query(days): Query<Days>,
) -> Result<HttpResponse, Problem> {
    let subject: Subject = path(&request, "subject")?;
    let range = days.check()?;
    let summary = service.summary(&Scope::Subject(subject.clone()), range).await?;
    conditional::answer(&request, &SubjectSummary { subject: subject.into(), summary })
}

/// Summarize all reviews
///
/// The same numbers as for a subject, over all subjects.
#[utoipa::path(
    tag = "subjects",
    operation_id = "get_summary",
    params(Days, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The summary.", body = Summary,
            headers(("ETag" = String, description = "Changes whenever a number does."))),
        (status = 304, description = "Nothing has changed."),
    )
)]
#[get("/v1/summary")]
pub async fn get_summary(
    Running(service): Running,
    request: HttpRequest,
    Query(days): Query<Days>,
) -> Result<HttpResponse, Problem> {
    let summary = service.summary(&Scope::All, days.check()?).await?;
    conditional::answer(&request, &summary)
}

/// Summaries side by side.
#[derive(Serialize, ToSchema)]
pub struct Comparison {
    /// One for each subject, in the order asked for.
    #[schema(min_items = 2, max_items = 20)]
    subjects: Vec<SubjectSummary>,
}

/// The subjects of a comparison.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "the query is read by hand; this documents it")]
pub struct ComparedSubjects {
    /// Name of a subject; 2 to 20 times.
    #[param(explode = true, required = true, value_type = schemas::ComparedSubjects, inline)]
    subject: Vec<String>,
}

/// Compare subjects
///
/// The summaries of 2 to 20 subjects over the same days.
#[utoipa::path(
    tag = "subjects",
    operation_id = "compare_subjects",
    params(
        ComparedSubjects,
        Days,
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The summaries.", body = Comparison,
            headers(("ETag" = String, description = "Changes whenever a number does."))),
        (status = 304, description = "Nothing has changed."),
    )
)]
#[get("/v1/compare")]
pub async fn compare_subjects(
    Running(service): Running,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (names, range) = compared(&request)?;
    let mut subjects = Vec::with_capacity(names.len());
    for subject in names {
        let summary = service.summary(&Scope::Subject(subject.clone()), range).await?;
        subjects.push(SubjectSummary { subject: subject.into(), summary });
    }
    conditional::answer(&request, &Comparison { subjects })
}

/// The subjects and days of a comparison. A repeated parameter is more than the usual extractor
/// can read.
fn compared(request: &HttpRequest) -> Result<(Vec<Subject>, DateRange), Problem> {
    let (mut subjects, mut violations, mut from, mut to) = (vec![], vec![], None, None);
    for (name, value) in query_pairs(request) {
        match &*name {
            "subject" => match parameter("query", "subject", &value) {
                Ok(subject) => subjects.push(subject),
                Err(violation) => violations.push(violation),
            },
            "from" => from = Some(value.into_owned()),
            "to" => to = Some(value.into_owned()),
            other => violations.push(Violation {
                pointer: format!("/query/{other}"),
                detail: format!("there is no parameter {other:?}; use subject, from and to"),
            }),
        }
    }
    if violations.is_empty() && !COMPARED.contains(&subjects.len()) {
        violations.push(Violation {
            pointer: "/query/subject".into(),
            detail: format!("{} subjects were named; name 2 to 20", subjects.len()),
        });
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok((subjects, Days::new(from, to).check()?))
}

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
    summary: Summary,
}

/// Draw a subject's time line
///
/// One summary for each day, week, month or year that has reviews.
#[utoipa::path(
    tag = "subjects",
    operation_id = "get_subject_timeline",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7"),
        TimelineParameters,
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The time line.", body = Timeline,
            headers(("ETag" = String, description = "Changes whenever a number does."))),
        (status = 304, description = "Nothing has changed."),
    )
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
    let points =
        points.into_iter().map(|(start, summary)| TimelinePoint { start, summary }).collect();
    let timeline = Timeline { subject: subject.into(), interval: parameters.interval, points };
    conditional::answer(&request, &timeline)
}
