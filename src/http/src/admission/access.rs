//! What a request asks of its caller, by the operations that its method and path may mean.

use crate::operation::{Access, Admission, Operation};
use actix_web::http::Method;
use heartstrings_keys::Role;

/// Looks up what requests need. Copies share the operations.
#[derive(Clone, Copy)]
pub struct AccessTable {
    operations: &'static [Operation],
}

impl AccessTable {
    /// A table of these operations.
    pub fn new(operations: &'static [Operation]) -> Self {
        Self { operations }
    }

    /// What a request needs. `path` is the decoded one that the router goes by, so that
    /// `/v1/ex%70ort` is `/v1/export`. When several operations fit (`batch` could be the id of a
    /// review), the strictest counts. A request that fits none takes a `read` key, so that only
    /// callers with a key learn by 404 and 405 which paths exist.
    pub fn of_request(&self, method: &Method, path: &str) -> (Access, Admission) {
        if *method == Method::GET && is_documentation(path) {
            return (Access::Open, Admission::Counted);
        }
        let fitting = self
            .operations
            .iter()
            .filter(|operation| operation.method == *method && operation.fits(path, true));
        fitting
            .map(|operation| (operation.contract.access, operation.contract.admission))
            .max()
            .unwrap_or((Access::Needs(Role::Read), Admission::Counted))
    }
}

fn is_documentation(path: &str) -> bool {
    matches!(path, "/" | "/docs" | "/openapi.json") || path.starts_with("/docs/")
}
