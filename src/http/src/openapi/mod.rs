//! The OpenAPI document, made from the code and completed with what all operations share.

mod headers;
mod links;
mod problems;

use super::access::{self, Access};
use super::routes;
use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_actix_web::AppExt;

/// What stands at the top of the document.
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
            secure(operation, &id);
            headers::add(operation, &id);
            links::add(operation, &id);
            // Last: these are shared, and have their own.
            problems::add(operation, &id, components);
        }
    }
    document
}

/// Name of the one way to show who one is.
const SCHEME: &str = "key";

fn scheme() -> SecurityScheme {
    let description = "A key of the service, made with `heartstrings key create`. Its role says what \
        it may do: `read` keys read and analyze; `write` keys also create, replace and delete \
        reviews; `admin` keys also export everything and delete subjects. A service without keys \
        asks for none, and listens on loopback only unless it is told otherwise.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
    SecurityScheme::Http(bearer.build())
}

/// Says which role an operation takes, and what those without it get.
fn secure(operation: &mut Operation, id: &str) {
    operation.security = Some(match access::of_operation(id) {
        Access::Open => Vec::new(),
        Access::Needs(role) => vec![SecurityRequirement::new(SCHEME, [role.to_string()])],
    });
}
