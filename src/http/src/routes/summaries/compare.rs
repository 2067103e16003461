//! `GET /v1/compare`: summaries side by side.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::parameters::Days;
use crate::request::query::{parameter, query_pairs};
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::summary::SubjectSummary;
use crate::routes::links::OF_SUBJECTS;
use crate::schemas;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::{Subject, Violation};
use heartstrings_keys::Role;
use heartstrings_store::Scope;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Subjects that can be compared at once.
const COMPARED: std::ops::RangeInclusive<usize> = 2..=20;

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

impl Endpoint for compare_subjects {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: OF_SUBJECTS,
    };
}

/// Compare subjects
///
/// The summaries of 2 to 20 subjects over the same days.
#[utoipa::path(
    tag = "subjects",
    params(
        ComparedSubjects,
        Days,
        IfNoneMatchHeader),
    responses(
        (status = 200, description = "The summaries.", body = Comparison),
        (status = 304, description = "Nothing has changed."))
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
        subjects.push(SubjectSummary::new(subject, summary));
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
