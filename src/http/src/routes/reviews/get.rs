//! `GET /v1/reviews/{review_id}`.

use super::shown::{LINKS, Show, entity_tag};
use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::query::{Query, path};
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::review::ReviewId;
use heartstrings_keys::Role;

impl Endpoint for get_review {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: LINKS,
    };
}

/// Read a review
///
/// What was sent, and what the model says of it.
#[utoipa::path(
    tag = "reviews",
    params(
        ("review_id" = String, Path, description = "Id of the review.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "imdb:rw3141"),
        Show,
        IfNoneMatchHeader),
    responses(
        (status = 200, description = "The review.", body = ReviewView),
        (status = 304, description = "The review has not changed."))
)]
#[get("/v1/reviews/{review_id}")]
pub async fn get_review(
    Running(service): Running,
    request: HttpRequest,
    Query(show): Query<Show>,
) -> Result<HttpResponse, Problem> {
    let id: ReviewId = path(&request, "review_id")?;
    let review = service.get(&id).await?;
    let tag = entity_tag(&review);
    if conditional::is_known(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    Ok(HttpResponse::Ok().insert_header(tag).json(ReviewView::new(review, show.sentences)))
}
