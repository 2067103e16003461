//! The server: binds at once, serves when the service is there, stops when told.

use super::bodies::Bodies;
use super::connections::{self, Connections};
use super::gate::{self, Gate};
use super::limits::{LimitOptions, Limits};
use super::metrics::Metrics;
use super::places::Places;
use super::state::State;
use super::tls::{Certificate, TlsFiles};
use super::{docs, fallback, head, headers, openapi, routes, trace};
use actix_cors::Cors;
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::{KeepAlive, header};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer, web};
use heartstrings_keys::KeyRing;
use heartstrings_service::Service;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use utoipa_actix_web::AppExt;

/// Time in which the head of the first request of a connection must arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Time in which the two sides of a new connection must agree on how to encrypt it.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// Handshakes at the same time in each worker. They cost little while the client is slow, and a
/// few hundred slow ones must not keep others out.
const HANDSHAKES: usize = 4_096;
/// Time for which an idle connection is kept.
const IDLE_TIME: Duration = Duration::from_secs(75);
/// Time after which a connection without a request is closed, whatever it is sending.
const QUIET_TIME: Duration = Duration::from_secs(80);
/// Time in which the last answers must be taken when the server stops. They are finished; they
/// only have to leave.
const DRAIN_SECONDS: u64 = 5;

/// Settings of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Address to serve on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Seconds that requests may take to finish when the server stops.
    pub shutdown_seconds: u64,
    /// What one caller may ask for.
    pub limits: LimitOptions,
    /// Most tokens that wait for the model, of which one caller gets a share.
    pub queue_tokens: usize,
    /// Most bytes of bodies that are held at the same time, over all connections.
    pub body_memory: usize,
    /// Most connections at the same time.
    pub connections: usize,
    /// Most connections from one address; 0 for no limit.
    pub connections_per_address: u32,
    /// Where the certificate is; without one the server speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Origins whose pages may use the API; `*` for all.
    pub cors_origins: Vec<String>,
}

/// A server that has its port.
pub struct Application {
    server: Server,
    url: String,
    state: State,
    patience: Duration,
    watch: Watch,
}

/// What is looked at from time to time while the server runs.
struct Watch {
    gate: Gate,
    connections: Connections,
    certificate: Option<Arc<Certificate>>,
}

/// The way to a running server.
#[derive(Clone)]
pub struct ServerControl {
    handle: ServerHandle,
    state: State,
    /// Time that requests may take to finish.
    patience: Duration,
}

impl Application {
    /// Binds the port and starts accepting. Until [`ServerControl::set_service`] all
    /// but `/health` and the documentation answer 503.
    pub fn bind(options: &HttpOptions, keys: KeyRing) -> Result<Self, String> {
        let certificate = options.tls.as_ref().map(Certificate::load).transpose()?;
        let (listener, address) = listen(options.listen).map_err(|error| {
            format!("cannot listen on {}: {error}; choose another with --listen", options.listen)
        })?;
        let state = State::default();
        let limits = Limits::new(&options.limits);
        let bodies = Bodies::new(options.body_memory);
        let places = Places::new(options.limits.in_flight, options.queue_tokens);
        let gate = Gate { keys, limits, places, bodies, state: state.clone() };
        let (most, watched) = connections::fitting(&listener, options.connections);
        let connections = Connections::new(options.connections_per_address, watched, QUIET_TIME);
        let shared = (web::Data::new(state.clone()), web::Data::new(gate.clone()));
        let metrics = web::Data::new(Metrics::default());
        let document = openapi::document();
        let origins = options.cors_origins.clone();
        let all = connections.clone();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = request_threads(cores);
        let server = HttpServer::new(move || {
            App::new()
                .into_utoipa_app()
                .app_data(shared.0.clone())
                .app_data(shared.1.clone())
                .app_data(metrics.clone())
                .configure(routes::configure)
                .into_app()
                .configure(|config| docs::configure(config, document.clone()))
                .default_service(web::to(fallback::fallback))
                .wrap(Compress::default())
                .wrap(from_fn(gate::middleware))
                .wrap(from_fn(head::middleware))
                // Outside of the gate: a browser asks without a key first, and wants to read
                // refusals too.
                .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
                .wrap(from_fn(headers::middleware))
                .wrap(from_fn(trace::middleware))
        })
        .on_connect(move |io, data| all.opened(io, data))
        .client_request_timeout(HEAD_TIME)
        .tls_handshake_timeout(HANDSHAKE_TIME)
        .max_connection_rate(HANDSHAKES)
        .max_connections(most.div_ceil(threads))
        // A client that hangs up wants no answer any more: its text shall not be scored.
        .h1_allow_half_closed(false)
        .keep_alive(KeepAlive::Timeout(IDLE_TIME))
        .shutdown_timeout(DRAIN_SECONDS)
        .workers(threads)
        // An answer that leaves in parts, compressed or line by line, does not wait for the client's
        // system to acknowledge the part before.
        .tcp_nodelay(true)
        .worker_max_blocking_threads(blocking_threads(cores))
        .disable_signals();
        let (server, scheme) = match &certificate {
            Some(certificate) => {
                (server.listen_rustls_0_23(listener, certificate.config()?), "https")
            }
            None => (server.listen(listener), "http"),
        };
        let server = server.map_err(|error| format!("cannot listen: {error}"))?.run();
        let watch = Watch { gate, connections, certificate };
        let patience = Duration::from_secs(options.shutdown_seconds);
        Ok(Self { server, url: format!("{scheme}://{address}"), state, patience, watch })
    }

    /// Scheme, address and port that it serves on.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What makes the service available, and stops the server.
    pub fn control(&self) -> ServerControl {
        let (handle, state) = (self.server.handle(), self.state.clone());
        ServerControl { handle, state, patience: self.patience }
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        let keys = self.watch.gate.keys.clone();
        tokio::select! {
            ended = self.server => ended,
            () = self.watch.keep() => Ok(()),
            () = keys.follow() => Ok(()),
        }
    }
}

impl Watch {
    async fn keep(self) {
        let mut ticks = tokio::time::interval(connections::LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.connections.close_quiet();
            self.gate.limits.tidy();
            if let Some(certificate) = &self.certificate {
                certificate.refresh();
            }
        }
    }
}

/// Threads for requests. They wait for the model, not for a thread: up to eight cores two are plenty, and
/// more would only take the processor from the model; many cores score more than two could carry.
fn request_threads(cores: usize) -> usize {
    (cores / 4).clamp(cores.clamp(1, 2), 8)
}

/// Threads for what blocks, beside each thread for requests: cutting up long texts, and reads of the
/// store. Those that cut would only take the processor from each other; a few more wait for the disk.
fn blocking_threads(cores: usize) -> usize {
    (4 * cores / request_threads(cores)).clamp(8, 32)
}

fn listen(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    connections::prepare(&listener)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// What pages of other origins may do: everything that a client with a key may, but no cookies.
fn cors(origins: &[String]) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH])
        .allowed_headers(["idempotency-key", "x-request-id"])
        .expose_headers(["etag", "location", "retry-after", "ratelimit", "ratelimit-policy"])
        .expose_headers(["x-request-id"])
        .max_age(3_600);
    for origin in origins {
        cors = if origin == "*" { cors.allow_any_origin() } else { cors.allowed_origin(origin) };
    }
    cors
}

impl ServerControl {
    /// Makes the service available to requests.
    pub fn set_service(&self, service: Service) {
        self.state.set_service(service);
    }

    /// Refuses new requests, lets those under way finish, and ends the server. As long as some are
    /// under way it goes on listening, so that others are told 503 and where to go, instead of
    /// finding a closed door.
    pub async fn stop(&self) {
        self.state.set_stopping();
        let finished = tokio::time::timeout(self.patience, self.state.finished()).await.is_ok();
        if !finished {
            let seconds = self.patience.as_secs();
            tracing::warn!(seconds, "requests are cut off: they did not finish in time");
        }
        self.handle.stop(finished).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn threads_follow_the_cores() {
        let threads = |cores| (request_threads(cores), blocking_threads(cores));
        assert_eq!(threads(1), (1, 8));
        assert_eq!(threads(2), (2, 8));
        assert_eq!(threads(8), (2, 16));
        assert_eq!(threads(16), (4, 16));
        assert_eq!(threads(128), (8, 32));
    }

    #[test]
    fn many_may_wait_to_be_accepted() {
        let (_listener, address) = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
        let count = most.trim().parse::<usize>().unwrap().min(400);
        // The system goes on trying for two minutes when one may not wait; then this fails.
        let waiting: Vec<_> = (0..count).map_while(|_| TcpStream::connect(address).ok()).collect();
        assert_eq!(waiting.len(), count);
    }
}
