//! `GET /v1/subjects/{subject}/summary`.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::parameters::Days;
use crate::request::query::{Query, path};
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::summary::SubjectSummary;
use crate::routes::links::OF_SUBJECT;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::review::Subject;
use heartstrings_keys::Role;
use heartstrings_store::Scope;

impl Endpoint for get_subject_summary {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: OF_SUBJECT,
    };
}

/// Summarize a subject
///
/// All its reviews, or those written from one day to before another. The numbers are exact: they
/// equal a recount of the reviews, after any history of posts and deletes. A known subject without
/// reviews in the range gives zeros and nulls.
#[utoipa::path(
    tag = "subjects",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7"),
        Days,
        IfNoneMatchHeader),
    responses(
        (status = 200, description = "The summary.", body = SubjectSummary),
        (status = 304, description = "Nothing has changed."))
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
    conditional::answer(&request, &SubjectSummary::new(subject, summary))
}
