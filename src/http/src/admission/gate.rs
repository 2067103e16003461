//! The gate: before a request reaches its handler, checks its size, its key and the limits of its
//! caller.

use super::access::AccessTable;
use super::authenticated::Authenticated;
use super::concurrency::{ConcurrencyLimits, RequestPermit};
use super::rate_limits::{Caller, Left, RateLimits};
use crate::lifecycle::{ActiveRequest, Lifecycle};
use crate::operation::{Access, Admission};
use crate::request_id;
use crate::response::guarded_body::GuardedBody;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use heartstrings_keys::{Key, KeyRing};
use std::sync::Arc;

/// Most bytes of a path and its query.
const URI_BYTES: usize = 8 << 10;
/// Most bytes of the names and values of all header fields.
const HEADER_BYTES: usize = 32 << 10;

/// What the gate checks requests against. Clones share it.
#[derive(Clone)]
pub struct Gate {
    /// What each operation needs.
    pub access: AccessTable,
    /// The keys that are valid.
    pub keys: KeyRing,
    /// How often each caller may ask.
    pub rates: RateLimits,
    /// How much each caller may have in progress.
    pub concurrency: ConcurrencyLimits,
    /// Whether the service is stopping.
    pub lifecycle: Lifecycle,
}

/// Lets a request through, or answers it with a problem.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(gate) = request.app_data::<Data<Gate>>().cloned() else {
        let missing = Problem::internal("the server was started without a `Gate`");
        return Ok(request.into_response(missing.error_response()));
    };
    let (outcome, left) = gate.admit(&request);
    let (response, admitted) = match outcome {
        Ok(admitted) => (next.call(request).await?.map_into_boxed_body(), admitted),
        Err(problem) => (request.into_response(problem.error_response()), None),
    };
    // While the service stops, the next request of this client should go to another instance.
    let is_stopping = gate.lifecycle.is_stopping();
    let mut response = response.map_body(|_, body| GuardedBody::boxed(body, admitted));
    if is_stopping {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    if let Some(left) = left {
        left.add_to(response.headers_mut());
    }
    Ok(response)
}

/// What an admitted request holds until its answer has been sent.
type Admitted = (ActiveRequest, Arc<RequestPermit>);
/// Whether a request is admitted, and how much its caller has left.
type Outcome = (Result<Option<Admitted>, Problem>, Option<Left>);

impl Gate {
    fn admit(&self, request: &ServiceRequest) -> Outcome {
        if let Err(problem) = check_size(request) {
            return (Err(problem), None);
        }
        let path = request.match_info().as_str();
        let (needed, admission) = self.access.of_request(request.method(), path);
        if admission == Admission::Always {
            return (Ok(None), None);
        }
        let active = match self.lifecycle.begin() {
            Ok(active) => active,
            Err(problem) => return (Err(problem), None),
        };
        if admission == Admission::UntilStopping {
            return (Ok(None), None);
        }
        let address = request.peer_addr().map(|address| address.ip());
        let key = if self.keys.is_configured() { self.key(request) } else { None };
        let caller = self.rates.caller(key.as_deref(), address);
        let (counted, left) = self.rates.count(&caller);
        if let Err(problem) = counted {
            log_refusal(request, key.as_deref(), "too many requests in a short time");
            return (Err(problem), left);
        }
        let outcome = self
            .authorize(request, needed, key.as_deref(), &caller)
            .and_then(|()| {
                self.concurrency.enter(&caller).inspect_err(|_| {
                    log_refusal(request, key.as_deref(), "too many requests at the same time");
                })
            })
            .map(|permit| {
                request.extensions_mut().insert(permit.clone());
                Some((active, permit))
            });
        if let Some(key) = key {
            request.extensions_mut().insert(Authenticated(key));
        }
        (outcome, left)
    }

    /// The valid key in `Authorization: Bearer …`, if there is one.
    fn key(&self, request: &ServiceRequest) -> Option<Arc<Key>> {
        let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, secret) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| self.keys.find(secret.trim())).flatten()
    }

    fn authorize(
        &self,
        request: &ServiceRequest,
        needed: Access,
        key: Option<&Key>,
        caller: &Caller,
    ) -> Result<(), Problem> {
        let Access::Needs(role) = needed else { return Ok(()) };
        if !self.keys.is_configured() {
            return Ok(());
        }
        match key {
            Some(key) if key.role >= role => Ok(()),
            Some(key) => {
                log_refusal(request, Some(key), "the role is too small");
                let detail = format!(
                    "this takes a key with the role {role}; {} has the role {}",
                    key.name, key.role
                );
                Err(Problem::new(Kind::Forbidden, detail))
            }
            None => {
                let sent = request.headers().contains_key(header::AUTHORIZATION);
                self.rates.count_refusal(caller)?;
                log_refusal(
                    request,
                    None,
                    if sent { "the key is unknown" } else { "no key was sent" },
                );
                let detail = if sent {
                    "the key in Authorization is unknown or was revoked"
                } else {
                    "send a key: Authorization: Bearer hs_…"
                };
                Err(Problem::new(Kind::Unauthorized, detail).challenge(sent))
            }
        }
    }
}

fn check_size(request: &ServiceRequest) -> Result<(), Problem> {
    let uri = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if uri > URI_BYTES {
        let detail = format!("path and query have {uri} bytes; {URI_BYTES} are allowed");
        return Err(Problem::new(Kind::UriTooLong, detail));
    }
    let headers = request.headers().iter();
    let bytes: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if bytes > HEADER_BYTES {
        let detail = format!("the header has {bytes} bytes; {HEADER_BYTES} are allowed");
        return Err(Problem::new(Kind::HeaderTooLarge, detail));
    }
    Ok(())
}

/// Logs a refusal: the name of the key, the address and the reason; never the key itself.
fn log_refusal(request: &ServiceRequest, key: Option<&Key>, reason: &str) {
    let name = key.map_or_else(|| "none".to_owned(), |key| key.name.to_string());
    let address = request.peer_addr().map(|address| address.ip().to_string());
    tracing::warn!(
        request_id = request_id::current(),
        method = %request.method(),
        key = name,
        address,
        reason,
        "refused"
    );
}
