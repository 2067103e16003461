//! `GET /health`: for supervisors, whether the process lives.

use super::status::Health;
use crate::operation::{Access, Admission, Contract, Endpoint};
use actix_web::{get, web};

impl Endpoint for get_health {
    const CONTRACT: Contract = Contract {
        access: Access::Open,
        admission: Admission::Always,
        problems: &[],
        headers: &[],
        links: &[],
    };
}

/// Tell that the process lives
///
/// Answers at once, also while the model is being loaded.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The process lives.", body = Health))
)]
#[get("/health")]
pub async fn get_health() -> web::Json<Health> {
    web::Json(Health { status: "ok", detail: None })
}
