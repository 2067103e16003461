//! `GET /ready`: for supervisors, whether requests are served.

use super::status::Health;
use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::{get, web};
use heartstrings_store::Status;

impl Endpoint for get_ready {
    const CONTRACT: Contract = Contract {
        access: Access::Open,
        admission: Admission::UntilStopping,
        problems: &[&[Kind::NotReady]],
        headers: &[],
        links: &[],
    };
}

/// Tell whether requests are served
///
/// 503 while the model and the store are being loaded, and again from the moment the service is
/// told to stop, or when every thread that scores has failed. When the disk has failed, `status` is `read_only`: reads go on, writes do not.
#[utoipa::path(
    tag = "operations",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Lifecycle;
    use actix_web::http::StatusCode;
    use actix_web::{App, test};
    use heartstrings_core::analysis::Analysis;
    use heartstrings_core::review::Text;
    use heartstrings_inference::Card;
    use heartstrings_scoring::{Priority, Scorer, ScoringError, Statistics};
    use heartstrings_service::Service;
    use heartstrings_store::{StoreSettings, StoreUrl};
    use std::sync::Arc;

    /// Whose threads have all failed.
    struct Dead;

    #[async_trait::async_trait]
    impl Scorer for Dead {
        async fn score(
            &self,
            _: &Text,
            _: Option<&str>,
            _: Priority,
        ) -> Result<Analysis, ScoringError> {
            Err(ScoringError::NoWorkers)
        }

        fn card(&self) -> &Card {
            panic!("nobody asks")
        }

        fn statistics(&self) -> Statistics {
            Statistics::default()
        }

        async fn close(&self) {}
    }

    #[actix_web::test]
    async fn a_service_that_cannot_score_is_not_ready_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings {
            cache_bytes: 8 << 20,
            free_disk_floor: 0,
            ..StoreSettings::new(StoreUrl::Sled(folder.path().into()))
        };
        let store = heartstrings_store::open(&settings).unwrap();
        let service = Service::new(Arc::new(Dead), store);
        let texts = ["It is fine.".parse().unwrap()];
        let problem = Problem::from(service.analyze(&texts).await.unwrap_err());
        assert_eq!(problem.body("a".into()).kind, "/problems/scoring-stopped");
        let lifecycle = Lifecycle::default();
        lifecycle.set_service(service);
        let app = App::new().app_data(web::Data::new(lifecycle)).service(get_ready);
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/ready").to_request();
        let answer = test::call_service(&app, request).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body: serde_json::Value = test::read_body_json(answer).await;
        assert_eq!(body["type"], "/problems/scoring-stopped", "{body}");
    }
}
