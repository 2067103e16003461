//! What the operations on one review share: how a review is shown, its tag, its links.

use crate::operation::Link;
use crate::response::review::ReviewView;
use actix_web::HttpResponse;
use actix_web::http::header::{self, ETag, EntityTag};
use heartstrings_core::review::Review;
use heartstrings_service::Accepted;
use serde::Deserialize;
use utoipa::IntoParams;

/// From a review to what can be asked of it next.
pub const LINKS: &[Link] = &[
    Link {
        name: "read",
        operation: "get_review",
        parameter: "review_id",
        value: "$response.body#/id",
    },
    Link {
        name: "replace",
        operation: "put_review",
        parameter: "review_id",
        value: "$response.body#/id",
    },
    Link {
        name: "remove",
        operation: "delete_review",
        parameter: "review_id",
        value: "$response.body#/id",
    },
    Link {
        name: "summary",
        operation: "get_subject_summary",
        parameter: "subject",
        value: "$response.body#/subject",
    },
];

/// What to show of a review.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Show {
    /// Also give the sentences of the analysis.
    #[serde(default)]
    pub sentences: bool,
}

/// 201 for a new review, 200 for one that was stored before or replaced.
pub fn stored(accepted: Accepted, show: &Show) -> HttpResponse {
    let mut response = if accepted.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header((header::LOCATION, format!("/v1/reviews/{}", accepted.review.id)));
    response.insert_header(entity_tag(&accepted.review));
    response.json(ReviewView::new(accepted.review, show.sentences))
}

/// A weak tag: with `sentences` or without, it is the same review.
pub fn entity_tag(review: &Review) -> ETag {
    let digest: String =
        review.fingerprint.0[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    ETag(EntityTag::new_weak(format!("{:x}-{digest}", review.updated_at.as_microsecond())))
}
