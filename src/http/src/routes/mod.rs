//! The endpoints: a folder for each resource, a file for each operation. A file holds the handler, its
//! contract, its documentation and the types that are its own.

mod analyses;
mod links;
mod model;
mod monitoring;
mod problems;
mod reviews;
mod subjects;
mod summaries;
pub mod unmatched;

#[cfg(test)]
mod tests;

pub use reviews::list::{ListParameters as ReviewParameters, Sort as ReviewSort};
pub use subjects::list::{ListParameters as SubjectParameters, Sort as SubjectSort, SubjectEntry};
pub use summaries::timeline::Step as TimelineInterval;

use crate::operation::Operation;
use std::sync::LazyLock;
use utoipa_actix_web::service_config::ServiceConfig;

/// Makes the list of operations and the routes from the same handlers. One without an
/// [`Endpoint`](crate::operation::Endpoint) does not compile.
macro_rules! endpoints {
    ($($handler:path,)*) => {
        static OPERATIONS: LazyLock<Vec<Operation>> =
            LazyLock::new(|| vec![$(Operation::of::<$handler>(),)*]);

        /// Registers all endpoints. The first that fits a request answers it.
        pub fn configure(config: &mut ServiceConfig) {
            config$(.service($handler))*;
        }
    };
}

endpoints! {
    reviews::create::create_review,
    reviews::create_batch::create_reviews,
    reviews::export::export_reviews,
    reviews::list::list_reviews,
    reviews::get::get_review,
    reviews::put::put_review,
    reviews::delete::delete_review,
    analyses::analyze,
    subjects::list::list_subjects,
    subjects::delete::delete_subject,
    summaries::subject::get_subject_summary,
    summaries::timeline::get_subject_timeline,
    subjects::highlights::get_subject_highlights,
    summaries::all::get_summary,
    summaries::compare::compare_subjects,
    model::get_model,
    monitoring::health::get_health,
    monitoring::ready::get_ready,
    monitoring::metrics::get_metrics,
    problems::get_problem,
}

/// All operations, in the order of the document.
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}
