//! The headers of answers: described once, and referenced by every response that has them.

use crate::operation::{Admission, AnswerHeader, Contract};
use crate::response::problem_kind::Kind;
use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Ref, RefOr};

/// Name, description, example, pattern.
const HEADERS: &[(&str, &str, &str, &str)] = &[
    (
        "X-Request-Id",
        "Id of the request, as in the log: the one that was sent, or one made for it.",
        "0190163d-8694-739b-aea5-966c26f8ad91",
        "^[A-Za-z0-9._:~-]{1,128}$",
    ),
    (
        "RateLimit-Policy",
        "When there is a limit on requests: `q` of them, which come back within `w` seconds.",
        "\"caller\";q=50;w=10",
        "^\"caller\";q=[0-9]+;w=[0-9]+$",
    ),
    (
        "RateLimit",
        "When there is a limit on requests: `r` are left, and all are again in `t` seconds.",
        "\"caller\";r=49;t=1",
        "^\"caller\";r=[0-9]+;t=[0-9]+$",
    ),
    ("Retry-After", "Seconds to wait before the next attempt.", "2", "^[0-9]+$"),
    (
        "WWW-Authenticate",
        "How to say who one is; with `error` when what was sent is no good (RFC 6750).",
        "Bearer realm=\"heartstrings\"",
        "^Bearer ",
    ),
    ("Allow", "The methods that the path has.", "GET, HEAD, PUT, DELETE", "^[A-Z]+(, [A-Z]+)*$"),
    ("Location", "Where the review is read.", "/v1/reviews/imdb:rw3141", "^/v1/reviews/"),
    (
        "ETag",
        "Names this very state of what is shown: send it as `If-None-Match` to be told 304 as long as \
         nothing has changed.",
        "W/\"60b7d2a1c9e40-1f2e3d4c\"",
        "^W/\"[0-9a-f-]+\"$",
    ),
    (
        "Content-Encoding",
        "How the answer is compressed, for clients that send `Accept-Encoding`.",
        "br",
        "^(br|gzip)$",
    ),
];

/// Adds the descriptions to the components.
pub fn add_components(components: &mut Components) {
    for (name, description, example, pattern) in HEADERS {
        components.headers.insert((*name).to_owned(), header(name, description, example, pattern));
    }
}

fn header(name: &str, description: &str, example: &str, pattern: &str) -> RefOr<Header> {
    let (schema, example): (_, Value) = match name {
        "Retry-After" => {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer);
            (seconds.minimum(Some(1)).maximum(Some(86_400)), json!(2))
        }
        _ => {
            let text = ObjectBuilder::new().schema_type(Type::String);
            (text.pattern(Some(pattern)).max_length(Some(1_000)), json!(example))
        }
    };
    let header = HeaderBuilder::new().description(Some(description)).schema(Some(schema));
    RefOr::T(header.example(Some(example)).build())
}

/// References the headers of the good answers of an operation.
pub fn add(operation: &mut Operation, contract: &Contract) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        let mut names = vec!["X-Request-Id"];
        if contract.admission >= Admission::Counted {
            names.extend(["RateLimit-Policy", "RateLimit"]);
        }
        if !response.content.is_empty() {
            names.push("Content-Encoding");
        }
        names.extend(contract.headers.iter().map(|header| match header {
            AnswerHeader::Location => "Location",
            AnswerHeader::ETag => "ETag",
        }));
        refer(response, &names);
    }
}

/// References the headers of problems of these kinds.
pub fn of_problems(mut response: Response, kinds: &[Kind]) -> Response {
    let mut names = vec!["X-Request-Id"];
    for kind in kinds {
        match kind.status() {
            401 => names.push("WWW-Authenticate"),
            405 => names.push("Allow"),
            429 => names.extend(["Retry-After", "RateLimit-Policy", "RateLimit"]),
            503 => names.push("Retry-After"),
            _ => {}
        }
    }
    refer(&mut response, &names);
    response
}

fn refer(response: &mut Response, names: &[&str]) {
    for name in names {
        let reference = Ref::new(format!("#/components/headers/{name}"));
        response.headers.insert((*name).to_owned(), RefOr::Ref(reference));
    }
}
