//! `GET /metrics`.

use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::response::problem::Problem;
use actix_web::{HttpResponse, get, web};
use heartstrings_keys::Role;

// The numbers tell how much business a shop does, so they take a key; Prometheus can send one.
impl Endpoint for get_metrics {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Counted,
        problems: &[],
        headers: &[],
        links: &[],
    };
}

/// Read the metrics
///
/// Counters, gauges and histograms in the text format of OpenMetrics, for Prometheus: requests by
/// route and status, scoring, the store, memory. While the model and the store are being loaded
/// only the numbers of requests and of the process are there.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The metrics.", body = String,
        content_type = "application/openmetrics-text",
        example = "# HELP scoring_texts Texts that were scored.\n# TYPE scoring_texts counter\n\
                   scoring_texts_total 1234\n# EOF\n"))
)]
#[get("/metrics")]
pub async fn get_metrics(
    metrics: web::Data<Metrics>,
    lifecycle: web::Data<Lifecycle>,
) -> Result<HttpResponse, Problem> {
    let text = metrics
        .text(lifecycle.service().ok().as_ref())
        .map_err(|_| Problem::internal("the metrics could not be written"))?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(content_type).body(text))
}
