//! The answer of the health checks.

use serde::Serialize;
use utoipa::ToSchema;

/// How the service is doing.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`; `read_only` when the disk has failed and only reads work.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// Why it is not `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
}
