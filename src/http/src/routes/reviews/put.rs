//! `PUT /v1/reviews/{review_id}`.

use super::shown::{LINKS, Show, stored};
use crate::admission::concurrency::admit_texts;
use crate::lifecycle::Running;
use crate::operation::{
    Access, Admission, AnswerHeader, BODY_PROBLEMS, Contract, Endpoint, SCORING_PROBLEMS,
};
use crate::request::body::Json;
use crate::request::draft::ReviewBody;
use crate::request::query::{Query, path};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use actix_web::{HttpRequest, HttpResponse, put};
use heartstrings_core::review::{ReviewDraft, ReviewId};
use heartstrings_keys::Role;
use heartstrings_service::now;

impl Endpoint for put_review {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Write),
        admission: Admission::Loaded,
        problems: &[
            BODY_PROBLEMS,
            SCORING_PROBLEMS,
            &[Kind::StoreBusy, Kind::WritesStopped, Kind::DiskFull],
        ],
        headers: &[AnswerHeader::Location, AnswerHeader::ETag],
        links: LINKS,
    };
}

/// Store a review under an id
///
/// Scores it and puts it in the place of what is stored under the id, or stores it as a new one.
/// The aggregates forget the old review and count the new one in the same step.
#[utoipa::path(
    tag = "reviews",
    params(
        ("review_id" = String, Path, description = "Id of the review. The body's `id` is left \
            out, or the same.", pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1,
            max_length = 128, example = "imdb:rw3141"),
        Show),
    request_body = ReviewBody,
    responses(
        (status = 201, description = "The review is new, scored, and on disk.", body = ReviewView),
        (status = 200, description = "The review is replaced, scored again, and on disk.",
            body = ReviewView))
)]
#[put("/v1/reviews/{review_id}")]
pub async fn put_review(
    Running(service): Running,
    request: HttpRequest,
    Query(show): Query<Show>,
    Json(body): Json<ReviewBody>,
) -> Result<HttpResponse, Problem> {
    let id: ReviewId = path(&request, "review_id")?;
    let new = ReviewDraft::from(body).check(now()).map_err(Problem::invalid)?;
    if let Some(other) = new.id.as_ref().filter(|other| **other != id) {
        let detail = format!("the id is {other} here and {id} in the path; leave this one out");
        return Err(Problem::invalid_value("/id", detail));
    }
    let _permit = admit_texts(&request, std::slice::from_ref(&new.content.text))?;
    Ok(stored(service.put(id, new).await?, &show))
}
