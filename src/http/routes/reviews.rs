//! Reviews: post one, read it back, remove it.

use crate::http::problem::Problem;
use crate::http::read::{Json, Query, path};
use crate::http::state::Running;
use crate::http::views::ReviewView;
use crate::review::{Review, ReviewDraft, ReviewId};
use crate::service::now;
use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// What to show of a review.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Show {
    /// Also give the sentences of the analysis.
    #[serde(default)]
    #[param(example = false)]
    sentences: bool,
}

/// Score and store a review
///
/// The text is read whole, whatever its length, and scored; review, analysis and aggregates are
/// on disk when the answer comes. Sending the same review under the same `id` again is safe: the
/// answer is 200 with what is stored.
#[utoipa::path(
    tag = "reviews",
    operation_id = "create_review",
    params(Show),
    request_body = ReviewDraft,
    responses(
        (status = 201, description = "The review is new, scored, and on disk.", body = ReviewView,
            headers(("Location" = String, description = "Where the review is read."))),
        (status = 200, description = "The same review is stored under this id already.",
            body = ReviewView,
            headers(("Location" = String, description = "Where the review is read."))),
    )
)]
#[post("/v1/reviews")]
pub async fn create_review(
    Running(service): Running,
    Query(show): Query<Show>,
    Json(draft): Json<ReviewDraft>,
) -> Result<HttpResponse, Problem> {
    let new = draft.check(now()).map_err(Problem::invalid)?;
    let accepted = service.create(new).await?;
    let mut response = if accepted.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header((header::LOCATION, format!("/v1/reviews/{}", accepted.review.id)));
    response.insert_header(entity_tag(&accepted.review));
    Ok(response.json(ReviewView::new(accepted.review, show.sentences)))
}

/// Read a review
#[utoipa::path(
    tag = "reviews",
    operation_id = "get_review",
    params(
        ("review_id" = String, Path, description = "Id of the review.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "imdb:rw3141"),
        ("If-None-Match" = Option<String>, Header,
            description = "An `ETag` from before; 304 when the review has not changed since.",
            max_length = 1_000, example = "W/\"61ab3c5d70a40-9f86d081\""),
        Show,
    ),
    responses(
        (status = 200, description = "The review.", body = ReviewView,
            headers(("ETag" = String, description = "Changes whenever the review does."))),
        (status = 304, description = "The review has not changed."),
    )
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
    if not_modified(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    Ok(HttpResponse::Ok().insert_header(tag).json(ReviewView::new(review, show.sentences)))
}

/// Remove a review
///
/// The aggregates are what they would be had it never come.
#[utoipa::path(
    tag = "reviews",
    operation_id = "delete_review",
    params(
        ("review_id" = String, Path, description = "Id of the review.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "imdb:rw3141"),
    ),
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

/// A weak tag: with `sentences` or without, it is the same review.
fn entity_tag(review: &Review) -> ETag {
    let digest: String =
        review.fingerprint.0[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    ETag(EntityTag::new_weak(format!("{:x}-{digest}", review.updated_at.as_microsecond())))
}

fn not_modified(request: &HttpRequest, tag: &ETag) -> bool {
    use actix_web::http::header::{Header, IfNoneMatch};
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|other| other.weak_eq(&tag.0)),
        Err(_) => false,
    }
}
