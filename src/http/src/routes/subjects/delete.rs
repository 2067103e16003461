//! `DELETE /v1/subjects/{subject}`.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::request::query::path;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::{HttpRequest, HttpResponse, delete};
use heartstrings_core::review::Subject;
use heartstrings_keys::Role;

impl Endpoint for delete_subject {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Admin),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid, Kind::StoreBusy, Kind::WritesStopped]],
        headers: &[],
        links: &[],
    };
}

/// Remove a subject
///
/// All its reviews and aggregates are gone, as if they had never come. A large subject takes a
/// while, and its numbers shrink meanwhile; what is posted to it meanwhile may be removed too.
#[utoipa::path(
    tag = "subjects",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7")),
    responses((status = 204, description = "It is gone, on disk too."))
)]
#[delete("/v1/subjects/{subject}")]
pub async fn delete_subject(
    Running(service): Running,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let subject: Subject = path(&request, "subject")?;
    service.delete_subject(&subject).await?;
    Ok(HttpResponse::NoContent().finish())
}
