//! Requests that no endpoint takes: an unknown path, or a known one with another method.

use super::openapi;
use super::problem::{Kind, Problem};
use actix_web::HttpRequest;
use std::sync::LazyLock;

/// Paths of the API as their parts, each with its methods. A part `None` stands for anything.
type Routes = Vec<(Vec<Option<String>>, Vec<String>)>;

static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let document = serde_json::to_value(openapi::document()).unwrap_or_default();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let parts = |path: &str| {
        path.split('/')
            .map(|part| if part.starts_with('{') { None } else { Some(part.to_owned()) })
            .collect()
    };
    let methods = |item: &serde_json::Value| {
        // What answers GET answers HEAD.
        let names = |method: &&str| match *method {
            "get" => vec!["GET".to_owned(), "HEAD".to_owned()],
            other => vec![other.to_uppercase()],
        };
        METHODS.iter().filter(|m| item.get(**m).is_some()).flat_map(names).collect()
    };
    paths.iter().map(|(path, item)| (parts(path), methods(item))).collect()
});

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Answers 405 when the path is known, 404 otherwise.
pub async fn fallback(request: HttpRequest) -> Result<actix_web::HttpResponse, Problem> {
    let path: Vec<&str> = request.path().split('/').collect();
    let known = ROUTES.iter().find(|(parts, _)| {
        parts.len() == path.len()
            && parts.iter().zip(&path).all(|(part, given)| match part {
                Some(part) => part == given,
                None => !given.is_empty(),
            })
    });
    Err(match known {
        Some((_, methods)) => {
            let methods = methods.join(", ");
            let detail = format!("{} is not allowed here; use {methods}", request.method());
            Problem::new(Kind::MethodNotAllowed, detail).allow(methods)
        }
        None => Problem::new(
            Kind::NotFound,
            "no endpoint has this path; /docs shows those that there are",
        ),
    })
}
