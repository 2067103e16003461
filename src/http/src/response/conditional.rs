//! Conditional requests: `ETag`, `If-None-Match` and 304.

use super::problem::Problem;
use actix_web::http::header::{self, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

/// Most bytes of the tags in `If-None-Match`, over all its lines.
const LONGEST: usize = 1_000;

/// The header that makes a request conditional.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is read from the request; this documents it")]
pub struct IfNoneMatchHeader {
    /// An `ETag` from before; 304 when nothing has changed since.
    #[param(rename = "If-None-Match", nullable = false, max_length = 1_000)]
    if_none_match: Option<String>,
}

/// 200 with a JSON body and its digest as the `ETag`, or 304 when the client has sent that tag.
pub fn answer(request: &HttpRequest, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    // A struct of strings and numbers always serializes.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let digest = Sha256::digest(&bytes);
    let digest: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    // Weak, because a proxy may compress the body.
    let tag = ETag(EntityTag::new_weak(digest));
    if is_known(request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    Ok(HttpResponse::Ok().insert_header(tag).content_type("application/json").body(bytes))
}

/// Whether `If-None-Match` holds this tag. Fails when the header is too long.
pub fn is_known(request: &HttpRequest, tag: &ETag) -> Result<bool, Problem> {
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    if known.map(|value| value.len()).sum::<usize>() > LONGEST {
        let detail = format!("the tags have more than {LONGEST} characters; send the latest only");
        return Err(Problem::invalid_value("/header/If-None-Match", detail));
    }
    Ok(match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|other| other.weak_eq(&tag.0)),
        Err(_) => false,
    })
}
