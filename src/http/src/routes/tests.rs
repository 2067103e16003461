//! What holds of all operations together.

use super::*;
use crate::admission::access::AccessTable;
use crate::lifecycle::Lifecycle;
use crate::operation::{Access, Admission};
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use heartstrings_keys::Role;
use std::collections::BTreeSet;
use utoipa_actix_web::AppExt;

#[test]
fn the_strictest_operation_counts() {
    let table = AccessTable::new(operations());
    let needed = |method: &str, path: &str| {
        table.of_request(&Method::from_bytes(method.as_bytes()).unwrap(), path).0
    };
    assert_eq!(needed("GET", "/v1/export"), Access::Needs(Role::Admin));
    assert_eq!(needed("DELETE", "/v1/subjects/film"), Access::Needs(Role::Admin));
    assert_eq!(needed("DELETE", "/v1/reviews/batch"), Access::Needs(Role::Write));
    assert_eq!(needed("GET", "/v1/reviews/batch"), Access::Needs(Role::Read));
    assert_eq!(needed("GET", "/health"), Access::Open);
    assert_eq!(needed("GET", "/docs/index.css"), Access::Open);
    assert_eq!(needed("GET", "/docsx"), Access::Needs(Role::Read));
    assert_eq!(needed("POST", "/health"), Access::Needs(Role::Read));
    assert_eq!(needed("GET", "/nowhere"), Access::Needs(Role::Read));
}

#[test]
fn only_what_holds_no_data_is_open() {
    let open = operations().iter().filter(|one| one.contract.access == Access::Open);
    let open: Vec<_> = open.map(|one| one.id.as_str()).collect();
    assert_eq!(open, ["get_health", "get_ready", "get_problem"]);
    let uncounted = operations().iter().filter(|one| one.contract.admission < Admission::Counted);
    let uncounted: Vec<_> = uncounted.map(|one| one.id.as_str()).collect();
    assert_eq!(uncounted, ["get_health", "get_ready"]);
}

#[test]
fn operations_have_ids_of_their_own() {
    let ids: BTreeSet<_> = operations().iter().map(|operation| &operation.id).collect();
    assert_eq!(ids.len(), operations().len());
}

/// Whether an operation waits for the model and the store is said in its contract, and done by what
/// its handler extracts.
#[actix_web::test]
async fn operations_that_need_the_service_say_so() {
    let app = App::new()
        .into_utoipa_app()
        .app_data(web::Data::new(Lifecycle::default()))
        .app_data(web::Data::new(crate::metrics::Metrics::default()))
        .configure(configure)
        .into_app();
    let app = init_service(app).await;
    for operation in operations() {
        let path = operation.path.replace("{code}", "conflict");
        let path = path.replace("{review_id}", "a").replace("{subject}", "a");
        let request = TestRequest::with_uri(&path).method(operation.method.clone());
        let status = call_service(&app, request.to_request()).await.status().as_u16();
        let waits =
            operation.contract.admission == Admission::Loaded || operation.id == "get_ready";
        assert_eq!(status, if waits { 503 } else { 200 }, "{}", operation.id);
    }
}
