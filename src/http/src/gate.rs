//! The gate: before anything else is done for a request, who asks and how much.

use super::access::{self, Access};
use super::bodies::Bodies;
use super::connections::Visit;
use super::limits::{Left, Limits};
use super::places::{Place, Places};
use super::problem::{Kind, Problem};
use super::state::{State, Work};
use super::trace;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, header};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage, ResponseError};
use heartstrings_keys::{Key, KeyRing};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Most bytes of a path and its query.
const URI_BYTES: usize = 8 << 10;
/// Most bytes of the names and values of all header fields.
const HEADER_BYTES: usize = 32 << 10;

/// What the gate goes by. Clones share it.
#[derive(Clone)]
pub struct Gate {
    /// The keys that are let in.
    pub keys: KeyRing,
    /// How often each caller has asked.
    pub limits: Limits,
    /// What each caller has that is being answered.
    pub places: Places,
    /// The memory for what they send.
    pub bodies: Bodies,
    /// Whether requests are let in at all.
    pub state: State,
}

/// The key that a request came with, for the line of the log.
#[derive(Clone)]
pub struct Caller(pub Arc<Key>);

/// Lets a request through, or answers it with a problem.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(gate) = request.app_data::<Data<Gate>>().cloned() else {
        let missing = Problem::internal("the server was put together wrongly");
        return Ok(request.into_response(missing.error_response()));
    };
    let visit = Visit::begin(&request);
    let (outcome, left) = gate.admit(&request);
    let (response, place) = match outcome {
        Ok(place) => (next.call(request).await?.map_into_boxed_body(), place),
        Err(problem) => (request.into_response(problem.error_response()), None),
    };
    // While the service stops, the next request of this client should go to another instance.
    let may_be_kept = visit.may_be_kept() && !gate.state.is_stopping();
    let held = (place, visit);
    let mut response = response.map_body(|_, body| BoxBody::new(Held { body, _held: held }));
    if !may_be_kept {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    if let Some(left) = left {
        left.add_to(response.headers_mut());
    }
    Ok(response)
}

/// What a request that was let in holds until its answer has been sent.
type Admission = (Work, Arc<Place>);
type Admitted = (Result<Option<Admission>, Problem>, Option<Left>);

impl Gate {
    fn admit(&self, request: &ServiceRequest) -> Admitted {
        if let Err(problem) = check_size(request) {
            return (Err(problem), None);
        }
        let path = request.match_info().as_str();
        let needed = access::of_request(request.method().as_str(), path);
        // Supervisors ask often, and must not be told to wait; and the process lives until it ends.
        if needed == Access::Open && path == "/health" {
            return (Ok(None), None);
        }
        let work = match self.state.begin() {
            Ok(work) => work,
            Err(problem) => return (Err(problem), None),
        };
        if needed == Access::Open && path == "/ready" {
            return (Ok(None), None);
        }
        let address = request.peer_addr().map(|address| address.ip());
        let key = if self.keys.is_configured() { self.key(request) } else { None };
        let caller = self.limits.caller(key.as_deref(), address);
        let (counted, left) = self.limits.count(&caller);
        if let Err(problem) = counted {
            note(request, key.as_deref(), "too many requests in a short time");
            return (Err(problem), left);
        }
        let outcome = self
            .authorize(request, needed, key.as_deref(), &caller)
            .and_then(|()| {
                self.places.enter(&caller).inspect_err(|_| {
                    note(request, key.as_deref(), "too many requests at the same time");
                })
            })
            .map(|place| {
                request.extensions_mut().insert(place.clone());
                Some((work, place))
            });
        if let Some(key) = key {
            request.extensions_mut().insert(Caller(key));
        }
        (outcome, left)
    }

    /// The key in `Authorization: Bearer …`, if it is one of ours.
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
        caller: &super::limits::Caller,
    ) -> Result<(), Problem> {
        let Access::Needs(role) = needed else { return Ok(()) };
        if !self.keys.is_configured() {
            return Ok(());
        }
        match key {
            Some(key) if key.role >= role => Ok(()),
            Some(key) => {
                note(request, Some(key), "the role is too small");
                let detail = format!(
                    "this takes a key with the role {role}; {} has the role {}",
                    key.name, key.role
                );
                Err(Problem::new(Kind::Forbidden, detail))
            }
            None => {
                let sent = request.headers().contains_key(header::AUTHORIZATION);
                self.limits.count_refusal(caller)?;
                note(request, None, if sent { "the key is unknown" } else { "no key was sent" });
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

/// A refusal in the log: who, and why; never the key.
fn note(request: &ServiceRequest, key: Option<&Key>, reason: &str) {
    let name = key.map_or_else(|| "none".to_owned(), |key| key.name.to_string());
    let address = request.peer_addr().map(|address| address.ip().to_string());
    tracing::warn!(
        request_id = trace::request_id(),
        method = %request.method(),
        key = name,
        address,
        reason,
        "refused"
    );
}

/// A body that holds on to something until it has been sent.
struct Held<T> {
    body: BoxBody,
    _held: T,
}

impl<T: Unpin> MessageBody for Held<T> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
