//! Errors as people get them: RFC 9457 problem details.
//!
//! [`Kind`] is the table of all problems. A handler returns `Result<_, Problem>`; errors of the
//! service convert by themselves. Use [`Problem::new`] for everything else, with a detail that
//! says what to do next.

use super::trace;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use heartstrings_core::review::Violation;
use heartstrings_scoring::ScoringError;
use heartstrings_service::ServiceError;
use heartstrings_store::StoreError;
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal $explanation:literal;)*) => {
        /// Everything that can go wrong, one line each: code, status, title, explanation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// All of them, in the order of their statuses.
            pub const ALL: &[Kind] = &[$(Kind::$name,)*];

            /// Last part of the type URI.
            pub fn code(self) -> &'static str {
                match self { $(Kind::$name => $code,)* }
            }

            /// HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Kind::$name => $status,)* }
            }

            /// The problem in a few words, the same every time.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)* }
            }

            /// What it means and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Kind::$name => $explanation,)* }
            }
        }
    };
}

kinds! {
    /// The body is not JSON in UTF-8.
    Malformed = 400 "malformed-request" "The request cannot be read"
        "The body is not JSON, or not UTF-8, or nested too deeply. `detail` says where reading stopped. Mend the body and send it again.";
    /// A cursor was not made for this list.
    BadCursor = 400 "bad-cursor" "The cursor is not valid"
        "A cursor is good for the very list that gave it: the same filters, the same sort. Start again without one.";
    /// No key, or an unknown one.
    Unauthorized = 401 "unauthorized" "A key is needed"
        "Send a key with the request: `Authorization: Bearer hs_…`. Whoever runs the service makes one with `heartstrings key create`.";
    /// The key may not do this.
    Forbidden = 403 "forbidden" "The key may not do this"
        "`read` keys read and analyze; `write` keys also create, replace and delete reviews; `admin` keys also export everything and delete subjects. Use a key with a larger role.";
    /// Nothing has this path or name.
    NotFound = 404 "not-found" "There is no such thing"
        "No endpoint has this path, or no review or subject has this name. Check the spelling; names are case-sensitive. `GET /openapi.json` lists the endpoints.";
    /// The path knows other methods.
    MethodNotAllowed = 405 "method-not-allowed" "The method is not allowed here"
        "The path exists but not with this method. The `Allow` header lists those that it has.";
    /// The body came too slowly.
    Timeout = 408 "request-timeout" "The request came too slowly"
        "The body did not arrive in time. Send it again over a better connection, or in smaller parts.";
    /// The id is taken.
    Conflict = 409 "conflict" "The id or key is taken by other content"
        "A review with this id is stored and says something else: use another id, or `PUT` to replace it. Or the `Idempotency-Key` came with another review: use a new one for each.";
    /// The body is too large.
    TooLarge = 413 "payload-too-large" "The body is too large"
        "A body may have 2 MiB, a batch of reviews 16 MiB, a line of newline-delimited JSON 2 MiB. Send less at once.";
    /// The path and the query are too long.
    UriTooLong = 414 "uri-too-long" "The address is too long"
        "Path and query together may have 8 KiB. Send fewer or shorter parameters.";
    /// The body is not called JSON.
    UnsupportedMediaType = 415 "unsupported-media-type" "The media type is not supported"
        "Send JSON, uncompressed, and say so: `Content-Type: application/json`. Batches of reviews may be `application/x-ndjson` too.";
    /// The body or a parameter has bad values.
    Invalid = 422 "invalid-request" "The request has bad values"
        "The request can be read, but values in it are wrong. `errors` names each: a JSON pointer into the body, or `/query/NAME` or `/path/NAME` for a parameter, and what would be right.";
    /// The caller asks for too much at a time.
    TooManyRequests = 429 "too-many-requests" "Too many requests"
        "This key, or this address without a key, sends more requests than it may. Wait for the seconds in `Retry-After`. `RateLimit-Policy` says how many are allowed and `RateLimit` how many are left.";
    /// The header is too large.
    HeaderTooLarge = 431 "header-too-large" "The header is too large"
        "The header fields of a request may have 96 lines and 32 KiB. Send fewer or shorter ones.";
    /// Something failed that should not.
    Internal = 500 "internal-error" "Something failed inside"
        "This is a fault of the service, not of the request. The log has the details under the request id in `instance`.";
    /// Too many texts wait to be scored.
    QueueFull = 503 "queue-full" "Too many texts are waiting"
        "Texts come in faster than the model reads them. Wait for the seconds in `Retry-After` and send the request again.";
    /// Every thread that scores has failed.
    ScoringStopped = 503 "scoring-stopped" "Nothing scores any more"
        "The threads that score have failed, and none is left. Reads go on. The operator must look at the log and start the service again.";
    /// The service is loading.
    NotReady = 503 "not-ready" "The service is starting"
        "The model and the store are being loaded. Wait for the seconds in `Retry-After`; `GET /ready` says when.";
    /// The service is stopping.
    Stopping = 503 "stopping" "The service is stopping"
        "Requests that were under way are finished, new ones are refused. Send the request to another instance.";
    /// The memory for bodies is used up.
    BodiesFull = 503 "bodies-full" "Too many bodies at once"
        "The bodies of all requests together fill the memory that there is for them. Wait for the seconds in `Retry-After` and send the request again.";
    /// Too many writes wait.
    StoreBusy = 503 "store-busy" "Too many writes are waiting"
        "The disk is slower than the requests. Wait for the seconds in `Retry-After` and send the request again.";
    /// Writing failed, so nothing is written any more.
    WritesStopped = 503 "writes-stopped" "Writes have stopped"
        "Writing to the disk failed, and what is on it is uncertain until the service is started again. Reads go on. The operator must look at the disk.";
    /// The disk is full.
    DiskFull = 507 "disk-full" "The disk is full"
        "Less space is free than the service keeps free. Deletes and reads go on. The operator must make room.";
}

/// A failed request on its way to becoming a response.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after: Option<u64>,
    allow: Option<String>,
    challenge: Option<&'static str>,
}

/// An error, after RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What went wrong in general: a path on this service that explains it.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/problems/invalid-request")]
    pub kind: String,
    /// The same in a few words.
    #[schema(example = "The request has bad values")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub status: u16,
    /// What went wrong this time, and what to do.
    #[schema(example = "one value is wrong; see errors")]
    pub detail: String,
    /// Id of the request, as in `X-Request-Id` and in the log.
    #[schema(example = "0190163d-8694-739b-aea5-966c26f8ad91")]
    pub instance: String,
    /// The values that are wrong, when it is about values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
}

/// One wrong value.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer to the value in the body; `/query/NAME` or `/path/NAME` for a parameter.
    #[schema(example = "/rating")]
    pub pointer: String,
    /// What is wrong and what would be right.
    #[schema(example = "the rating is 9; stars go from 1 to 5")]
    pub detail: String,
}

impl Problem {
    /// A problem. The detail says what went wrong this time, and what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let (detail, errors) = (detail.into(), Vec::new());
        Self { kind, detail, errors, retry_after: None, allow: None, challenge: None }
    }

    /// Something failed that should not. The reason is for the log, and must hold nothing that a
    /// client has sent; the client gets the request's id, under which the log has it.
    pub fn internal(reason: impl fmt::Display) -> Self {
        tracing::error!(request_id = trace::request_id(), %reason, "failed");
        Self::new(
            Kind::Internal,
            "this is a fault of the service and not of the request; the log has more under the id \
             of this request",
        )
    }

    /// Bad values in a body.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let detail = match violations.len() {
            1 => "one value is wrong; see errors".to_owned(),
            n => format!("{n} values are wrong; see errors"),
        };
        let errors = violations
            .into_iter()
            .map(|v| FieldProblem { pointer: v.pointer, detail: v.detail })
            .collect();
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    /// One bad value.
    pub fn invalid_value(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![Violation { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Adds a `Retry-After` header.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// As clients see it. `instance` is the id of the request.
    pub fn body(&self, instance: String) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.kind.code()),
            title: self.kind.title().to_owned(),
            status: self.kind.status(),
            detail: self.detail.clone(),
            instance,
            errors: self.errors.clone(),
        }
    }

    /// Adds an `Allow` header.
    pub fn allow(self, methods: String) -> Self {
        Self { allow: Some(methods), ..self }
    }

    /// Adds a `WWW-Authenticate` header (RFC 6750), which says whether a key was sent.
    pub fn challenge(self, sent: bool) -> Self {
        let challenge = if sent {
            "Bearer realm=\"heartstrings\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"heartstrings\""
        };
        Self { challenge: Some(challenge), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(methods) = &self.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        if let Some(challenge) = self.challenge {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if self.kind == Kind::Timeout {
            response.force_close();
        }
        response.content_type("application/problem+json").body(
            // A struct of strings and numbers always serializes.
            serde_json::to_vec(&self.body(trace::request_id())).unwrap_or_default(),
        )
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::UnknownReview(_) | ServiceError::UnknownSubject(_) => {
                Problem::new(Kind::NotFound, detail)
            }
            ServiceError::Conflict(_) | ServiceError::KeyReused => {
                Problem::new(Kind::Conflict, detail)
            }
            ServiceError::Scoring(
                ScoringError::QueueFull { retry_after } | ScoringError::TooSlow { retry_after, .. },
            ) => Problem::new(Kind::QueueFull, detail).retry_after(retry_after),
            ServiceError::Scoring(ScoringError::Closed)
            | ServiceError::Store(StoreError::Closed) => {
                Problem::new(Kind::Stopping, detail).retry_after(2)
            }
            ServiceError::Scoring(ScoringError::NoWorkers) => {
                Problem::new(Kind::ScoringStopped, detail).retry_after(60)
            }
            // The reason may be the message of a panic, which may hold anything.
            ServiceError::Scoring(ScoringError::Failed(_)) => {
                Problem::internal("the model failed on a text")
            }
            ServiceError::Store(StoreError::Busy) => {
                let detail = format!("{detail}; try again in a moment");
                Problem::new(Kind::StoreBusy, detail).retry_after(1)
            }
            ServiceError::Store(StoreError::WritesStopped(_)) => {
                let detail = format!("{detail}. Check the disk, then restart the service");
                Problem::new(Kind::WritesStopped, detail).retry_after(60)
            }
            ServiceError::Store(StoreError::DiskFull(_)) => {
                let detail = format!("{detail}. Free some space; deletes and reads go on");
                Problem::new(Kind::DiskFull, detail)
            }
            ServiceError::Store(StoreError::BadCursor) => {
                let detail = format!("{detail}; start again without one");
                Problem::new(Kind::BadCursor, detail)
            }
            // What is damaged is named by its id; why is for the log.
            ServiceError::Store(StoreError::Damaged { what, .. }) => Problem {
                detail: format!(
                    "{what} is damaged in the store. The operator can list all that is with \
                     `heartstrings verify`; `heartstrings rebuild` takes damaged reviews out of \
                     lists and aggregates, and then they can be replaced and deleted"
                ),
                ..Problem::internal(detail)
            },
            ServiceError::Store(StoreError::Open(_) | StoreError::Io(_)) => {
                Problem::internal(detail)
            }
        }
    }
}
