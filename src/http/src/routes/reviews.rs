//! Reviews: post one, read it back, replace it, remove it.

use crate::conditional::{self, IfNoneMatchHeader};
use crate::gate::Caller;
use crate::places::take_texts;
use crate::problem::Problem;
use crate::read::{Json, Query, path};
use crate::state::Running;
use crate::views::ReviewView;
use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, delete, get, post, put};
use heartstrings_core::review::{Review, ReviewDraft, ReviewId};
use heartstrings_scoring::Priority;
use heartstrings_service::{Accepted, now};
use heartstrings_store::IdempotencyKey;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

/// What to show of a review.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Show {
    /// Also give the sentences of the analysis.
    #[serde(default)]
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
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "A name for this very request (visible ASCII, at most 255), for clients \
                that do not name their reviews: sent again within 24 hours with the same review, \
                it gives the stored one; with another one, 409. It is yours alone: what other \
                keys send under the same name is another request.",
            nullable = false, min_length = 1, max_length = 255),
        Show,
    ),
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
    request: HttpRequest,
    Query(show): Query<Show>,
    Json(draft): Json<ReviewDraft>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(&request)?;
    let new = draft.check(now()).map_err(Problem::invalid)?;
    let _texts = take_texts(&request, std::slice::from_ref(&new.content.text))?;
    Ok(stored(service.create(new, key, Priority::Interactive).await?, &show))
}

/// 201 or 200 with the review.
fn stored(accepted: Accepted, show: &Show) -> HttpResponse {
    let mut response = if accepted.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header((header::LOCATION, format!("/v1/reviews/{}", accepted.review.id)));
    response.insert_header(entity_tag(&accepted.review));
    response.json(ReviewView::new(accepted.review, show.sentences))
}

/// The digest of the header's value, and of who sends it: two clients that hit upon the same value
/// shall not see each other's reviews. All that come without a key are one client.
fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let is_visible = value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte));
    if !is_visible || !(1..=255).contains(&value.len()) {
        let detail = "the key must have 1 to 255 characters of visible ASCII";
        return Err(Problem::invalid_value("/header/Idempotency-Key", detail));
    }
    let mut digest = Sha256::new();
    if let Some(Caller(key)) = request.extensions().get::<Caller>() {
        // Not the name, which another key may have after this one is revoked. Values are visible
        // ASCII, so the zero keeps the two apart.
        digest.update(String::from(key.sha256.clone()));
        digest.update([0]);
    }
    digest.update(value.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&digest.finalize()[..16]);
    Ok(Some(IdempotencyKey(key)))
}

/// Store a review under an id
///
/// Scores it and puts it in the place of what is stored under the id, or stores it as a new one.
/// The aggregates forget the old review and count the new one in the same step.
#[utoipa::path(
    tag = "reviews",
    operation_id = "put_review",
    params(
        ("review_id" = String, Path, description = "Id of the review. The body's `id` is left \
            out, or the same.", pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1,
            max_length = 128, example = "imdb:rw3141"),
        Show,
    ),
    request_body = ReviewDraft,
    responses(
        (status = 201, description = "The review is new, scored, and on disk.", body = ReviewView,
            headers(("Location" = String, description = "Where the review is read."))),
        (status = 200, description = "The review is replaced, scored again, and on disk.",
            body = ReviewView,
            headers(("Location" = String, description = "Where the review is read."))),
    )
)]
#[put("/v1/reviews/{review_id}")]
pub async fn put_review(
    Running(service): Running,
    request: HttpRequest,
    Query(show): Query<Show>,
    Json(draft): Json<ReviewDraft>,
) -> Result<HttpResponse, Problem> {
    let id: ReviewId = path(&request, "review_id")?;
    let new = draft.check(now()).map_err(Problem::invalid)?;
    if let Some(other) = new.id.as_ref().filter(|other| **other != id) {
        let detail = format!("the id is {other} here and {id} in the path; leave this one out");
        return Err(Problem::invalid_value("/id", detail));
    }
    let _texts = take_texts(&request, std::slice::from_ref(&new.content.text))?;
    Ok(stored(service.put(id, new).await?, &show))
}

/// Read a review
///
/// What was sent, and what the model says of it.
#[utoipa::path(
    tag = "reviews",
    operation_id = "get_review",
    params(
        ("review_id" = String, Path, description = "Id of the review.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "imdb:rw3141"),
        Show,
        IfNoneMatchHeader,
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
    if conditional::is_known(&request, &tag)? {
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
