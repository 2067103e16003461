//! What can be asked next: from an answer to the operations that go on with what is in it.

use utoipa::openapi::RefOr;
use utoipa::openapi::link::Link;
use utoipa::openapi::path::Operation;

/// Name of a link, the operation that it leads to, its parameter, where that is found.
type Row = (&'static str, &'static str, &'static str, &'static str);

const OF_REVIEW: &[Row] = &[
    ("read", "get_review", "review_id", "$response.body#/id"),
    ("replace", "put_review", "review_id", "$response.body#/id"),
    ("remove", "delete_review", "review_id", "$response.body#/id"),
    ("summary", "get_subject_summary", "subject", "$response.body#/subject"),
];
const OF_SUBJECT: &[Row] = &[
    ("summary", "get_subject_summary", "subject", "$request.path.subject"),
    ("timeline", "get_subject_timeline", "subject", "$request.path.subject"),
    ("highlights", "get_subject_highlights", "subject", "$request.path.subject"),
    ("reviews", "list_reviews", "subject", "$request.path.subject"),
];
const OF_REVIEWS: &[Row] = &[
    ("first", "get_review", "review_id", "$response.body#/reviews/0/id"),
    ("subject", "get_subject_summary", "subject", "$response.body#/reviews/0/subject"),
];
const OF_BATCH: &[Row] =
    &[("first", "get_review", "review_id", "$response.body#/results/0/review/id")];
const OF_SUBJECTS: &[Row] = &[
    ("summary", "get_subject_summary", "subject", "$response.body#/subjects/0/subject"),
    ("timeline", "get_subject_timeline", "subject", "$response.body#/subjects/0/subject"),
    ("highlights", "get_subject_highlights", "subject", "$response.body#/subjects/0/subject"),
    ("reviews", "list_reviews", "subject", "$response.body#/subjects/0/subject"),
];

/// The links of an operation's good answers. Those that have none end in themselves: what they
/// answer names nothing that another operation takes.
fn of_operation(id: &str) -> &'static [Row] {
    match id {
        "create_review" | "put_review" | "get_review" => OF_REVIEW,
        "create_reviews" => OF_BATCH,
        "list_reviews" => OF_REVIEWS,
        "list_subjects" | "compare_subjects" => OF_SUBJECTS,
        "get_subject_summary" | "get_subject_timeline" | "get_subject_highlights" => OF_SUBJECT,
        _ => &[],
    }
}

/// Adds them.
pub fn add(operation: &mut Operation, id: &str) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        // A 304 has no body to find anything in.
        if !matches!(status.as_str(), "200" | "201") {
            continue;
        }
        for (name, target, parameter, place) in of_operation(id).iter().filter(|row| row.1 != id) {
            let link = Link::builder().operation_id(*target).parameter(*parameter, *place).build();
            response.links.insert((*name).to_owned(), RefOr::T(link));
        }
    }
}
