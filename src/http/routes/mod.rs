//! The endpoints, one file a resource: the handler, and beside it the types that are its own.

mod analyses;
mod health;
mod model;
mod problems;
mod reviews;
mod subjects;

pub use subjects::Sort as SubjectSort;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers all endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(reviews::create_review)
        .service(reviews::get_review)
        .service(reviews::delete_review)
        .service(analyses::analyze)
        .service(subjects::list_subjects)
        .service(subjects::get_subject_summary)
        .service(model::get_model)
        .service(health::get_health)
        .service(health::get_ready)
        .service(problems::get_problem);
}
