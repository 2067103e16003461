//! `POST /v1/reviews`.

use super::shown::{LINKS, Show, stored};
use crate::admission::authenticated::Authenticated;
use crate::admission::concurrency::admit_texts;
use crate::lifecycle::Running;
use crate::operation::{
    Access, Admission, AnswerHeader, BODY_PROBLEMS, Contract, Endpoint, SCORING_PROBLEMS,
};
use crate::request::body::Json;
use crate::request::draft::ReviewBody;
use crate::request::query::Query;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post};
use heartstrings_core::review::ReviewDraft;
use heartstrings_keys::Role;
use heartstrings_scoring::Priority;
use heartstrings_service::now;
use heartstrings_store::IdempotencyKey;
use sha2::{Digest, Sha256};

impl Endpoint for create_review {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Write),
        admission: Admission::Loaded,
        problems: &[
            BODY_PROBLEMS,
            &[Kind::Conflict],
            SCORING_PROBLEMS,
            &[Kind::StoreBusy, Kind::WritesStopped, Kind::DiskFull],
        ],
        headers: &[AnswerHeader::Location, AnswerHeader::ETag],
        links: LINKS,
    };
}

/// Score and store a review
///
/// The text is read whole, whatever its length, and scored; review, analysis and aggregates are
/// on disk when the answer comes. Sending the same review under the same `id` again is safe: the
/// answer is 200 with what is stored.
#[utoipa::path(
    tag = "reviews",
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "A name for this very request (visible ASCII, at most 255), for clients \
                that do not name their reviews: sent again within 24 hours with the same review, \
                it gives the stored one; with another one, 409. It is yours alone: what other \
                keys send under the same name is another request.",
            nullable = false, min_length = 1, max_length = 255),
        Show),
    request_body = ReviewBody,
    responses(
        (status = 201, description = "The review is new, scored, and on disk.", body = ReviewView),
        (status = 200, description = "The same review is stored under this id already.",
            body = ReviewView))
)]
#[post("/v1/reviews")]
pub async fn create_review(
    Running(service): Running,
    request: HttpRequest,
    Query(show): Query<Show>,
    Json(body): Json<ReviewBody>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(&request)?;
    let new = ReviewDraft::from(body).check(now()).map_err(Problem::invalid)?;
    let _permit = admit_texts(&request, std::slice::from_ref(&new.content.text))?;
    Ok(stored(service.create(new, key, Priority::Interactive).await?, &show))
}

/// The digest of the header's value and of the caller's key: two clients that choose the same value
/// must not see each other's reviews. All clients without a key count as one.
fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let is_visible = value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte));
    if !is_visible || !(1..=255).contains(&value.len()) {
        let detail = "the key must have 1 to 255 characters of visible ASCII";
        return Err(Problem::invalid_value("/header/Idempotency-Key", detail));
    }
    let mut digest = Sha256::new();
    if let Some(Authenticated(key)) = request.extensions().get::<Authenticated>() {
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
