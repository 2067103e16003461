//! `GET /v1/export`: all reviews as a stream of lines.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::response::problem::Problem;
use crate::response::review::ReviewView;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use futures_util::stream;
use heartstrings_keys::Role;
use heartstrings_service::ServiceError;
use heartstrings_store::Snapshot;

impl Endpoint for export_reviews {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Admin),
        admission: Admission::Loaded,
        problems: &[],
        headers: &[],
        links: &[],
    };
}

/// Export all reviews
///
/// Every review with its analysis and its sentences, one JSON object a line, in the order of their
/// ids: all as they were when the export began, whatever is written meanwhile. A connection that
/// breaks off before the end has not carried everything.
#[utoipa::path(
    tag = "reviews",
    responses((status = 200, description = "Reviews, one a line (each a `Review`).",
        body = String, content_type = "application/x-ndjson",
        example = "{\"id\":\"imdb:rw3141\",\"subject\":\"miracle-in-cell-no-7\"}\n"))
)]
#[get("/v1/export")]
pub async fn export_reviews(Running(service): Running) -> Result<HttpResponse, Problem> {
    let snapshot = service.snapshot().await.map_err(ServiceError::from)?;
    let lines = stream::try_unfold(snapshot, |mut snapshot| async move {
        let lines = piece(snapshot.as_mut()).await?;
        Ok::<_, Problem>((!lines.is_empty()).then(|| (Bytes::from(lines), snapshot)))
    });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines))
}

/// The next reviews as lines. A damaged one breaks the export off: to leave it out in silence
/// would be to lose it.
async fn piece(snapshot: &mut dyn Snapshot) -> Result<Vec<u8>, Problem> {
    let mut lines = Vec::new();
    for review in snapshot.next().await.map_err(ServiceError::from)? {
        let view = ReviewView::new(review.map_err(ServiceError::from)?, true);
        // A struct of strings and numbers always serializes.
        lines.extend(serde_json::to_vec(&view).unwrap_or_default());
        lines.push(b'\n');
    }
    Ok(lines)
}
