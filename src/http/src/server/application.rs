//! Start and stop of the server. It binds its port at once, and serves when the model and the store
//! are loaded.

use super::connections::{self, Connections};
use super::tls::{Certificate, TlsFiles};
use crate::admission::access::AccessTable;
use crate::admission::body_memory::BodyMemory;
use crate::admission::concurrency::ConcurrencyLimits;
use crate::admission::gate::{self, Gate};
use crate::admission::rate_limits::{LimitOptions, RateLimits};
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::middleware::{head, security_headers, trace};
use crate::pages::docs;
use crate::{openapi, routes};
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
    lifecycle: Lifecycle,
    stop_time: Duration,
    upkeep: Upkeep,
}

/// What is checked periodically while the server runs.
struct Upkeep {
    gate: Gate,
    connections: Connections,
    certificate: Option<Arc<Certificate>>,
}

/// Controls a running server.
#[derive(Clone)]
pub struct ServerControl {
    handle: ServerHandle,
    lifecycle: Lifecycle,
    /// Time that requests may take to finish.
    stop_time: Duration,
}

impl Application {
    /// Binds the port and starts accepting. Until [`ServerControl::set_service`] all
    /// but `/health` and the documentation answer 503.
    pub fn bind(options: &HttpOptions, keys: KeyRing) -> Result<Self, String> {
        let certificate = options.tls.as_ref().map(Certificate::load).transpose()?;
        let (listener, address) = listen(options.listen).map_err(|error| {
            format!("cannot listen on {}: {error}; choose another with --listen", options.listen)
        })?;
        let lifecycle = Lifecycle::default();
        let gate = Gate {
            access: AccessTable::new(routes::operations()),
            keys,
            rates: RateLimits::new(&options.limits),
            concurrency: ConcurrencyLimits::new(options.limits.in_flight, options.queue_tokens),
            lifecycle: lifecycle.clone(),
        };
        let (most, watched) = connections::fitting(&listener, options.connections);
        let connections = Connections::new(options.connections_per_address, watched, QUIET_TIME);
        let shared = (web::Data::new(lifecycle.clone()), web::Data::new(gate.clone()));
        let memory = web::Data::new(BodyMemory::new(options.body_memory));
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
                .app_data(memory.clone())
                .app_data(metrics.clone())
                .configure(routes::configure)
                .into_app()
                .configure(|config| docs::configure(config, document.clone()))
                .default_service(web::to(routes::unmatched::answer))
                .wrap(Compress::default())
                .wrap(from_fn(gate::middleware))
                .wrap(from_fn(connections::middleware))
                .wrap(from_fn(head::middleware))
                // Outside of the gate: a browser asks without a key first, and wants to read
                // refusals too.
                .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
                .wrap(from_fn(security_headers::middleware))
                .wrap(from_fn(trace::middleware))
        })
        .on_connect(move |io, data| all.opened(io, data))
        .client_request_timeout(HEAD_TIME)
        .tls_handshake_timeout(HANDSHAKE_TIME)
        .max_connection_rate(HANDSHAKES)
        .max_connections(most.div_ceil(threads))
        // A client that hangs up wants no answer: its text is not scored in vain.
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
        let upkeep = Upkeep { gate, connections, certificate };
        let stop_time = Duration::from_secs(options.shutdown_seconds);
        Ok(Self { server, url: format!("{scheme}://{address}"), lifecycle, stop_time, upkeep })
    }

    /// Scheme, address and port that it serves on.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What makes the service available, and stops the server.
    pub fn control(&self) -> ServerControl {
        let (handle, lifecycle) = (self.server.handle(), self.lifecycle.clone());
        ServerControl { handle, lifecycle, stop_time: self.stop_time }
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        let keys = self.upkeep.gate.keys.clone();
        tokio::select! {
            ended = self.server => ended,
            () = self.upkeep.run() => Ok(()),
            () = keys.follow() => Ok(()),
        }
    }
}

impl Upkeep {
    async fn run(self) {
        let mut ticks = tokio::time::interval(connections::CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.connections.close_quiet();
            self.gate.rates.forget_quiet();
            if let Some(certificate) = &self.certificate {
                certificate.refresh();
            }
        }
    }
}

/// Threads for requests. Requests mostly wait for the model: up to eight cores two threads are enough,
/// and more would only take time from the model; more cores score more than two threads can serve.
fn request_threads(cores: usize) -> usize {
    (cores / 4).clamp(cores.clamp(1, 2), 8)
}

/// Threads for blocking work, for each thread for requests: cutting up long texts, and reads of the
/// store. The former are bound by the processor; a few more wait for the disk.
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
        self.lifecycle.set_service(service);
    }

    /// Refuses new requests, lets those in progress finish, and ends the server. As long as some are
    /// being answered it goes on listening, so that others get 503 instead of a refused connection.
    pub async fn stop(&self) {
        self.lifecycle.set_stopping();
        let finished =
            tokio::time::timeout(self.stop_time, self.lifecycle.finished()).await.is_ok();
        if !finished {
            let seconds = self.stop_time.as_secs();
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
