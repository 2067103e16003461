//! Which problem each error of the service is answered with.

use super::problem::Problem;
use super::problem_kind::Kind;
use heartstrings_scoring::ScoringError;
use heartstrings_service::ServiceError;
use heartstrings_store::StoreError;

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::UnknownReview(_) | ServiceError::UnknownSubject(_) => {
                Problem::new(Kind::NotFound, detail)
            }
            ServiceError::Conflict(_) | ServiceError::KeyReused => {
                Problem::new(Kind::Conflict, detail)
            }
            ServiceError::Scoring(
                ScoringError::QueueFull { retry_after } | ScoringError::TooSlow { retry_after, .. },
            ) => Problem::new(Kind::QueueFull, detail).retry_after(retry_after),
            ServiceError::Scoring(ScoringError::Closed)
            | ServiceError::Store(StoreError::Closed) => {
                Problem::new(Kind::Stopping, detail).retry_after(2)
            }
            ServiceError::Scoring(ScoringError::NoWorkers) => {
                Problem::new(Kind::ScoringStopped, detail).retry_after(60)
            }
            // The reason may be the message of a panic, which may hold anything.
            ServiceError::Scoring(ScoringError::Failed(_)) => {
                Problem::internal("the model failed on a text")
            }
            ServiceError::Store(StoreError::Busy) => {
                let detail = format!("{detail}; try again in a moment");
                Problem::new(Kind::StoreBusy, detail).retry_after(1)
            }
            ServiceError::Store(StoreError::WritesStopped(_)) => {
                let detail = format!("{detail}. Check the disk, then restart the service");
                Problem::new(Kind::WritesStopped, detail).retry_after(60)
            }
            ServiceError::Store(StoreError::DiskFull(_)) => {
                let detail = format!("{detail}. Free some space; deletes and reads go on");
                Problem::new(Kind::DiskFull, detail)
            }
            ServiceError::Store(StoreError::BadCursor) => {
                let detail = format!("{detail}; start again without one");
                Problem::new(Kind::BadCursor, detail)
            }
            // The client learns the id of what is damaged; the log has the reason.
            ServiceError::Store(StoreError::Damaged { what, .. }) => {
                let for_client = format!(
                    "{what} is damaged in the store. The operator can list all that is with \
                     `heartstrings verify`; `heartstrings rebuild` takes damaged reviews out of \
                     lists and aggregates, and then they can be replaced and deleted"
                );
                Problem::internal(detail).with_detail(for_client)
            }
            ServiceError::Store(StoreError::Open(_) | StoreError::Io(_)) => {
                Problem::internal(detail)
            }
        }
    }
}
