//! For supervisors: does the process live, does it serve.

use crate::http::problem::{Kind, Problem};
use crate::http::state::Running;
use crate::store::Status;
use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How the service is doing.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`; `read_only` when the disk has failed and only reads work.
    #[schema(example = "ok")]
    status: &'static str,
    /// Why it is not `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
}

/// Tell that the process lives
///
/// Answers at once, also while the model is being loaded.
#[utoipa::path(
    tag = "operations",
    operation_id = "get_health",
    responses((status = 200, description = "The process lives.", body = Health))
)]
#[get("/health")]
pub async fn get_health() -> web::Json<Health> {
    web::Json(Health { status: "ok", detail: None })
}

/// Tell whether requests are served
///
/// 503 while the model and the store are being loaded, and again from the moment the service is
/// told to stop, or when every thread that scores has failed. When the disk has failed, `status` is `read_only`: reads go on, writes do not.
#[utoipa::path(
    tag = "operations",
    operation_id = "get_ready",
    responses((status = 200, description = "The model and the store are loaded.", body = Health))
)]
#[get("/ready")]
pub async fn get_ready(Running(service): Running) -> Result<web::Json<Health>, Problem> {
    if service.scoring_statistics().workers == 0 {
        let detail =
            "every scoring thread has failed, and the log says why; start the service again";
        return Err(Problem::new(Kind::ScoringStopped, detail).retry_after(60));
    }
    Ok(web::Json(match service.store_status() {
        Status::Ok => Health { status: "ok", detail: None },
        Status::ReadOnly(why) => Health { status: "read_only", detail: Some(why) },
    }))
}
