//! Requests that no endpoint takes: an unknown path, or a known one with another method.

use super::operations;
use crate::operation::Operation;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

/// Methods in the order in which `Allow` lists them. `HEAD` is answered wherever `GET` is.
const METHODS: [(Method, &str); 5] = [
    (Method::GET, "GET, HEAD"),
    (Method::PUT, "PUT"),
    (Method::POST, "POST"),
    (Method::DELETE, "DELETE"),
    (Method::PATCH, "PATCH"),
];

/// Answers 405 when the path is known, 404 otherwise.
pub async fn answer(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = operations().iter().find(|operation| operation.fits(request.path(), false));
    Err(match known {
        Some(operation) => {
            let methods = methods(operation);
            let detail = format!("{} is not allowed here; use {methods}", request.method());
            Problem::new(Kind::MethodNotAllowed, detail).allow(methods)
        }
        None => Problem::new(
            Kind::NotFound,
            "no endpoint has this path; /docs shows those that there are",
        ),
    })
}

/// The methods that the path of an operation has.
fn methods(operation: &Operation) -> String {
    let has = |method: &Method| {
        operations().iter().any(|other| other.path == operation.path && other.method == *method)
    };
    let names: Vec<&str> =
        METHODS.iter().filter(|(method, _)| has(method)).map(|(_, names)| *names).collect();
    names.join(", ")
}
