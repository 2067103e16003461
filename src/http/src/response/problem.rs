//! Errors as clients get them: RFC 9457 problem details.
//!
//! [`Kind`] lists all problems. A handler returns `Result<_, Problem>`; errors of the
//! service convert by themselves. Use [`Problem::new`] for everything else, with a detail that
//! says what to do next.

use super::problem_kind::Kind;
use crate::request_id;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use heartstrings_core::review::Violation;
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

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
        tracing::error!(request_id = request_id::current(), %reason, "failed");
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

    /// The same problem with another detail.
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
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
            serde_json::to_vec(&self.body(request_id::current())).unwrap_or_default(),
        )
    }
}
