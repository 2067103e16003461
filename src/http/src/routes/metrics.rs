//! For those who watch the service.

use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::state::State;
use actix_web::{HttpResponse, get, web};

/// Read the metrics
///
/// Counters, gauges and histograms in the text format of OpenMetrics, for Prometheus: requests by
/// route and status, scoring, the store, memory. While the model and the store are being loaded
/// only the numbers of requests and of the process are there.
#[utoipa::path(
    tag = "operations",
    operation_id = "get_metrics",
    responses((status = 200, description = "The metrics.", body = String,
        content_type = "application/openmetrics-text",
        example = "# HELP scoring_texts Texts that were scored.\n# TYPE scoring_texts counter\n\
                   scoring_texts_total 1234\n# EOF\n"))
)]
#[get("/metrics")]
pub async fn get_metrics(
    metrics: web::Data<Metrics>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let text = metrics
        .text(state.service().ok().as_ref())
        .map_err(|_| Problem::internal("the metrics could not be written"))?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(content_type).body(text))
}
