//! What an endpoint promises besides what its handler's signature says: who may call it, what has to be
//! there first, with which problems, headers and links it answers.
//!
//! Each handler has its [`Contract`] in its own file. The list of all operations
//! ([`crate::routes::operations`]) feeds the router, the gate and the OpenAPI document. A handler
//! without a contract does not compile there.

use crate::response::problem_kind::Kind;
use actix_web::http::Method;
use heartstrings_keys::Role;
use utoipa::Path;

/// What an operation asks of its caller once keys are configured; from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// No key. Only for what holds no data: whether the service lives and is ready, which load
    /// balancers ask without a key, and what explains the API.
    Open,
    /// A key whose role is at least this one.
    Needs(Role),
}

/// When an operation is answered, and whether its calls are counted; from the least strict to the
/// most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Admission {
    /// Answered as long as the process lives. Not counted.
    Always,
    /// Answered until the service stops. Not counted, so that supervisors are never told to wait.
    UntilStopping,
    /// Counted against the limits of the caller. Also answered while the model and the store are
    /// being loaded.
    Counted,
    /// Counted, and 503 until the model and the store are loaded.
    Loaded,
}

/// Headers of the good answers of an operation, beside those that all have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerHeader {
    /// Where the review is read.
    Location,
    /// A tag for conditional requests.
    ETag,
}

/// From an answer to an operation that goes on with what is in it.
#[derive(Debug)]
pub struct Link {
    /// Name of the link.
    pub name: &'static str,
    /// Id of the operation that it leads to.
    pub operation: &'static str,
    /// The parameter of that operation.
    pub parameter: &'static str,
    /// Runtime expression (OpenAPI 3.1) of where its value is found.
    pub value: &'static str,
}

/// What an operation promises. All fields are required: there are no defaults to forget.
#[derive(Debug)]
pub struct Contract {
    /// The role that it takes.
    pub access: Access,
    /// When it is answered, and whether it is counted.
    pub admission: Admission,
    /// Problems of its own, in groups. Those of its access and admission are added.
    pub problems: &'static [&'static [Kind]],
    /// Headers of all its good answers.
    pub headers: &'static [AnswerHeader],
    /// Links of its good answers that have a body.
    pub links: &'static [Link],
}

/// A handler with its contract. `utoipa::path` gives the handler its id, method and path.
pub trait Endpoint: Path {
    /// What it promises.
    const CONTRACT: Contract;
}

/// An operation of the API.
#[derive(Debug)]
pub struct Operation {
    /// `operationId`: the name of the handler.
    pub id: String,
    /// HTTP method.
    pub method: Method,
    /// Path with parameters in braces.
    pub path: String,
    /// What it promises.
    pub contract: &'static Contract,
}

impl Operation {
    /// The operation of a handler.
    pub fn of<E: Endpoint + 'static>() -> Self {
        Self {
            id: E::operation().operation_id.unwrap_or_default(),
            method: method::<E>(),
            path: E::path(),
            contract: &E::CONTRACT,
        }
    }

    /// Whether a path has the form of this operation's; a parameter takes any part but an empty
    /// one when `allow_empty` is false.
    pub fn fits(&self, path: &str, allow_empty: bool) -> bool {
        let (mut own, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), given.next()) {
                (None, None) => return true,
                (Some(own), Some(given)) => {
                    let fits = if own.starts_with('{') {
                        allow_empty || !given.is_empty()
                    } else {
                        own == given
                    };
                    if !fits {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
}

fn method<E: Path>() -> Method {
    use utoipa::openapi::HttpMethod;
    match E::methods().first() {
        Some(HttpMethod::Get) => Method::GET,
        Some(HttpMethod::Put) => Method::PUT,
        Some(HttpMethod::Post) => Method::POST,
        Some(HttpMethod::Delete) => Method::DELETE,
        Some(HttpMethod::Patch) => Method::PATCH,
        Some(HttpMethod::Head) => Method::HEAD,
        Some(HttpMethod::Options) => Method::OPTIONS,
        Some(HttpMethod::Trace) | None => Method::TRACE,
    }
}

/// Problems of an operation that reads a body.
pub const BODY_PROBLEMS: &[Kind] = &[
    Kind::Malformed,
    Kind::Timeout,
    Kind::TooLarge,
    Kind::UnsupportedMediaType,
    Kind::Invalid,
    Kind::BodiesFull,
];

/// Problems of an operation that scores while its caller waits.
pub const SCORING_PROBLEMS: &[Kind] = &[Kind::QueueFull, Kind::ScoringStopped];
