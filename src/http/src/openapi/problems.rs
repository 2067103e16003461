//! Which problems each operation can answer with, and what they look like.

use super::headers;
use crate::access::{self, Access};
use crate::problem::{FieldProblem, Kind, ProblemBody};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Components, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use Kind::*;

/// What a body can do wrong.
const BODY: &[Kind] = &[Malformed, Timeout, TooLarge, UnsupportedMediaType, Invalid, BodiesFull];

/// What scoring can.
const SCORING: &[Kind] = &[QueueFull, ScoringStopped];

/// What an operation can answer with by itself.
fn of_operation(operation: &str) -> &'static [&'static [Kind]] {
    match operation {
        "create_review" => &[BODY, &[Conflict], SCORING, &[StoreBusy, WritesStopped, DiskFull]],
        "put_review" => &[BODY, SCORING, &[StoreBusy, WritesStopped, DiskFull]],
        "create_reviews" => &[BODY],
        "analyze" => &[BODY, SCORING],
        "get_review" => &[&[NotFound, Invalid]],
        "delete_review" | "delete_subject" => &[&[NotFound, Invalid, StoreBusy, WritesStopped]],
        "list_subjects" | "list_reviews" => &[&[BadCursor, Invalid]],
        "get_subject_summary"
        | "get_subject_timeline"
        | "get_subject_highlights"
        | "compare_subjects" => &[&[NotFound, Invalid]],
        "get_summary" => &[&[Invalid]],
        "get_problem" => &[&[NotFound]],
        _ => &[],
    }
}

/// What it can answer with because of where it stands: behind the gate, and on a service that has
/// to load first.
fn of_place(operation: &str) -> &'static [&'static [Kind]] {
    const ALL: &[Kind] = &[UriTooLong, HeaderTooLarge, Internal];
    const OPEN: &[Kind] = &[TooManyRequests, Stopping];
    const KEY: &[Kind] = &[Unauthorized, Forbidden, TooManyRequests, Stopping];
    match (operation, access::of_operation(operation)) {
        // It answers as long as the process lives.
        ("get_health", _) => &[ALL],
        // Supervisors are never told to wait.
        ("get_ready", _) => &[&[NotReady, Stopping], ALL],
        // What there is of them is there from the start.
        ("get_metrics", _) => &[KEY, ALL],
        (_, Access::Open) => &[OPEN, ALL],
        (_, Access::Needs(_)) => &[KEY, &[NotReady], ALL],
    }
}

/// The schemas of a problem.
pub fn add_schemas(components: &mut Components) {
    components.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    components.schemas.insert(FieldProblem::name().into(), FieldProblem::schema());
    // No operation has it: it is what other methods get.
    components.responses.insert(name(&[MethodNotAllowed]), RefOr::T(response(&[MethodNotAllowed])));
}

/// Names the problems of an operation, one response a status. Operations with the same problems
/// share it.
pub fn add(operation: &mut Operation, id: &str, components: &mut Components) {
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in Kind::ALL {
        let mut lists = of_operation(id).iter().chain(of_place(id));
        if lists.any(|list| list.contains(kind)) {
            by_status.entry(kind.status()).or_default().push(*kind);
        }
    }
    for (status, kinds) in by_status {
        let name = name(&kinds);
        let reference = Ref::from_response_name(&name);
        operation.responses.responses.insert(status.to_string(), RefOr::Ref(reference));
        components.responses.entry(name).or_insert_with(|| RefOr::T(response(&kinds)));
    }
}

fn name(kinds: &[Kind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
    names.join("Or")
}

/// The response that these problems share, all of one status: each explained, and with an example.
fn response(kinds: &[Kind]) -> Response {
    let explanations: Vec<String> = match kinds {
        [kind] => vec![kind.explanation().to_owned()],
        _ => {
            let line = |kind: &Kind| format!("- `{}`: {}", kind.code(), kind.explanation());
            kinds.iter().map(line).collect()
        }
    };
    let examples = kinds.iter().map(|kind| {
        let example = ExampleBuilder::new().summary(kind.title()).value(Some(example(*kind)));
        (kind.code(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let response = ResponseBuilder::new()
        .description(explanations.join("\n"))
        .content("application/problem+json", content)
        .build();
    headers::of_problems(response, kinds)
}

fn example(kind: Kind) -> Value {
    json!({
        "type": format!("/problems/{}", kind.code()),
        "title": kind.title(),
        "status": kind.status(),
        "detail": kind.explanation(),
        "instance": "0190163d-8694-739b-aea5-966c26f8ad91",
    })
}
