//! Which problems each operation can answer with, and what they look like.

use super::headers;
use crate::operation::{Access, Admission, Contract};
use crate::response::problem::{FieldProblem, ProblemBody};
use crate::response::problem_kind::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Components, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Problems that every operation can answer with.
const ALL: &[Kind] = &[Kind::UriTooLong, Kind::HeaderTooLarge, Kind::Internal];

/// What an operation can answer with because of its access and admission.
fn of_gate(contract: &Contract) -> Vec<Kind> {
    let mut kinds = ALL.to_vec();
    if contract.access != Access::Open {
        kinds.extend([Kind::Unauthorized, Kind::Forbidden]);
    }
    if contract.admission >= Admission::UntilStopping {
        kinds.push(Kind::Stopping);
    }
    if contract.admission >= Admission::Counted {
        kinds.push(Kind::TooManyRequests);
    }
    if contract.admission >= Admission::Loaded {
        kinds.push(Kind::NotReady);
    }
    kinds
}

/// The schemas of a problem.
pub fn add_schemas(components: &mut Components) {
    components.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    components.schemas.insert(FieldProblem::name().into(), FieldProblem::schema());
    // No operation has this one: it is the answer to other methods.
    components
        .responses
        .insert(name(&[Kind::MethodNotAllowed]), RefOr::T(response(&[Kind::MethodNotAllowed])));
}

/// Adds the problems of an operation, one response for each status. Operations with the same problems
/// share a response.
pub fn add(operation: &mut Operation, contract: &Contract, components: &mut Components) {
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    let of_gate = of_gate(contract);
    for kind in Kind::ALL {
        if of_gate.contains(kind) || contract.problems.iter().any(|list| list.contains(kind)) {
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
