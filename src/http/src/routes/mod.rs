//! The endpoints, one file a resource: the handler, and beside it the types that are its own.

mod analyses;
mod batches;
mod export;
mod health;
mod metrics;
mod model;
mod problems;
mod review_lists;
mod reviews;
mod subjects;
mod summaries;

pub use review_lists::Sort as ReviewSort;
pub use subjects::Sort as SubjectSort;
pub use summaries::Step as TimelineInterval;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers all endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(reviews::create_review)
        .service(batches::create_reviews)
        .service(export::export_reviews)
        .service(review_lists::list_reviews)
        .service(reviews::get_review)
        .service(reviews::put_review)
        .service(reviews::delete_review)
        .service(analyses::analyze)
        .service(subjects::list_subjects)
        .service(subjects::delete_subject)
        .service(summaries::get_subject_summary)
        .service(summaries::get_subject_timeline)
        .service(review_lists::get_subject_highlights)
        .service(summaries::get_summary)
        .service(summaries::compare_subjects)
        .service(model::get_model)
        .service(health::get_health)
        .service(health::get_ready)
        .service(metrics::get_metrics)
        .service(problems::get_problem);
}
