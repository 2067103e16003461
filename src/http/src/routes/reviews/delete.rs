//! `DELETE /v1/reviews/{review_id}`.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::request::query::path;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::{HttpRequest, HttpResponse, delete};
use heartstrings_core::review::ReviewId;
use heartstrings_keys::Role;

impl Endpoint for delete_review {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Write),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid, Kind::StoreBusy, Kind::WritesStopped]],
        headers: &[],
        links: &[],
    };
}

/// Remove a review
///
/// The aggregates are what they would be had it never come.
#[utoipa::path(
    tag = "reviews",
    params(
        ("review_id" = String, Path, description = "Id of the review.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "imdb:rw3141")),
    responses((status = 204, description = "It is gone, on disk too."))
)]
#[delete("/v1/reviews/{review_id}")]
pub async fn delete_review(
    Running(service): Running,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id: ReviewId = path(&request, "review_id")?;
    service.delete(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}
