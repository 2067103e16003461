//! `GET /v1/summary`: the numbers over all subjects.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::parameters::Days;
use crate::request::query::Query;
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::summary::SummaryView;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_keys::Role;
use heartstrings_store::Scope;

impl Endpoint for get_summary {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: &[],
    };
}

/// Summarize all reviews
///
/// The same numbers as for a subject, over all subjects.
#[utoipa::path(
    tag = "subjects",
    params(Days, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The summary.", body = SummaryView),
        (status = 304, description = "Nothing has changed."))
)]
#[get("/v1/summary")]
pub async fn get_summary(
    Running(service): Running,
    request: HttpRequest,
    Query(days): Query<Days>,
) -> Result<HttpResponse, Problem> {
    let summary = service.summary(&Scope::All, days.check()?).await?;
    conditional::answer(&request, &SummaryView::from(summary))
}
