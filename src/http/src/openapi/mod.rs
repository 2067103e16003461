//! The OpenAPI document, made from the handlers and their contracts.

mod headers;
mod links;
mod problems;

use crate::operation::{Access, Contract};
use crate::routes;
use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_actix_web::AppExt;

/// The head of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Heartstrings",
        description = "Post reviews and get back how they feel: sentiment, emotional intensity, \
            emotions, and exact aggregates per reviewed subject.\n\n\
            **A first round trip.** `POST /v1/reviews` with a `subject` and a `text` scores the \
            text and stores both. `GET /v1/subjects/{subject}/summary` says what people say of \
            the subject. `POST /v1/analyses` scores texts without keeping them.\n\n\
            **Sentiment and intensity** are two things. A tear-jerker praised to the skies is \
            positive and intense; \"it arrived on Tuesday\" is neutral and calm; a furious rant \
            is negative and intense.\n\n\
            **Nothing is cut.** A long text is read in windows of whole sentences; every analysis \
            says how many tokens and windows it took.\n\n\
            **A 2xx means that it is on disk.** After a crash or a power cut it is there, once, \
            and the aggregates equal a recount. Sending a review again under the same `id` is \
            safe.\n\n\
            **Conventions.** JSON in UTF-8 with `snake_case` names; times are RFC 3339 in UTC; \
            offsets into texts count Unicode code points; unknown fields and parameters are \
            refused. Errors are problem details (RFC 9457) whose `type` is a path of this \
            service that explains it. Every response has an `X-Request-Id`; send one of your own \
            (letters, digits and `-_.:~`, at most 128) to find it in the log. `HEAD` works wherever \
            `GET` does. Answers are compressed (`gzip`, `br`) for clients that say that they take it.",
        license(name = "MIT OR Apache-2.0")
    ),
    // Named by parameters only, which do not register what they name.
    components(schemas(routes::SubjectSort, routes::ReviewSort, routes::TimelineInterval)),
    servers((url = "/", description = "This service")),
    tags(
        (name = "reviews", description = "Post reviews, read them back, remove them."),
        (name = "analyses", description = "Score texts without storing them."),
        (name = "subjects", description = "What people say of the things under review."),
        (name = "model", description = "What makes the numbers, and how good it is."),
        (name = "operations", description = "For those who run the service.")
    )
)]
struct Head;

/// The whole document.
pub fn document() -> Document {
    let app = App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::configure);
    let (_, mut document) = app.split_for_parts();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(SCHEME, scheme());
    problems::add_schemas(components);
    headers::add_components(components);
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            let id = operation.operation_id.clone().unwrap_or_default();
            let Some(known) = routes::operations().iter().find(|known| known.id == id) else {
                continue;
            };
            secure(operation, known.contract);
            headers::add(operation, known.contract);
            links::add(operation, &id, known.contract);
            // Last: these responses are shared, and have headers of their own.
            problems::add(operation, known.contract, components);
        }
    }
    document
}

/// Name of the only security scheme.
const SCHEME: &str = "key";

fn scheme() -> SecurityScheme {
    let description = "A key of the service, made with `heartstrings key create`. Its role says what \
        it may do: `read` keys read and analyze; `write` keys also create, replace and delete \
        reviews; `admin` keys also export everything and delete subjects. A service without keys \
        asks for none, and listens on loopback only unless it is told otherwise.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
    SecurityScheme::Http(bearer.build())
}

/// Adds the role that an operation takes.
fn secure(operation: &mut Operation, contract: &Contract) {
    operation.security = Some(match contract.access {
        Access::Open => Vec::new(),
        Access::Needs(role) => vec![SecurityRequirement::new(SCHEME, [role.to_string()])],
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_committed_document_is_what_the_code_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap();
        let current = document().to_pretty_json().unwrap() + "\n";
        assert!(
            current == committed,
            "the API has changed; write it down with `make openapi`, and look at the difference"
        );
    }

    /// What the document shows and what the gate goes by are the same operations.
    #[test]
    fn the_list_has_every_operation_and_no_other() {
        let document = serde_json::to_value(document()).unwrap();
        let mut shown = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                shown.push((id, method.to_uppercase(), path.clone()));
            }
        }
        let listed = routes::operations().iter();
        let mut listed: Vec<_> = listed
            .map(|known| (known.id.clone(), known.method.to_string(), known.path.clone()))
            .collect();
        shown.sort_unstable();
        listed.sort_unstable();
        assert_eq!(shown, listed);
    }

    #[test]
    fn links_lead_to_operations_that_have_the_parameter() {
        let document = serde_json::to_value(document()).unwrap();
        let items = document["paths"].as_object().unwrap().values();
        let known: BTreeSet<(String, String)> = items
            .flat_map(|item| item.as_object().unwrap().values())
            .flat_map(|operation| {
                let id = operation["operationId"].as_str().unwrap();
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                parameters.map(|parameter| {
                    (id.to_owned(), parameter["name"].as_str().unwrap().to_owned())
                })
            })
            .collect();
        for operation in routes::operations() {
            for link in operation.contract.links {
                let target = (link.operation.to_owned(), link.parameter.to_owned());
                assert!(known.contains(&target), "{}: no {target:?}", operation.id);
            }
        }
    }
}
