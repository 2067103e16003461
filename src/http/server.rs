//! The server: binds at once, serves when the service is there, stops when told.

use super::metrics::Metrics;
use super::state::State;
use super::{docs, fallback, openapi, routes, trace};
use crate::service::Service;
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use utoipa_actix_web::AppExt;

/// Time in which the head of a request must arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Time for which an idle connection is kept.
const IDLE_TIME: Duration = Duration::from_secs(75);

/// Settings of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Address to serve on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Seconds that requests may take to finish when the server stops.
    pub shutdown_seconds: u64,
}

/// A server that has its port.
pub struct Application {
    server: Server,
    address: SocketAddr,
    state: State,
}

/// The way to a running server.
#[derive(Clone)]
pub struct ServerControl {
    handle: ServerHandle,
    state: State,
}

impl Application {
    /// Binds the port and starts accepting. Until [`ServerControl::set_service`] all
    /// but `/health` and the documentation answer 503.
    pub fn bind(options: &HttpOptions) -> std::io::Result<Self> {
        let listener = TcpListener::bind(options.listen)?;
        let address = listener.local_addr()?;
        let state = State::default();
        let data = web::Data::new(state.clone());
        let metrics = web::Data::new(Metrics::default());
        let document = openapi::document();
        let server = HttpServer::new(move || {
            App::new()
                .into_utoipa_app()
                .app_data(data.clone())
                .app_data(metrics.clone())
                .configure(routes::configure)
                .into_app()
                .configure(|config| docs::configure(config, document.clone()))
                .default_service(web::to(fallback::fallback))
                .wrap(Compress::default())
                .wrap(from_fn(trace::middleware))
        })
        .client_request_timeout(HEAD_TIME)
        // A client that hangs up wants no answer any more: its text shall not be scored.
        .h1_allow_half_closed(false)
        .keep_alive(KeepAlive::Timeout(IDLE_TIME))
        .shutdown_timeout(options.shutdown_seconds)
        // Requests wait for the model, not for a thread: two threads are plenty, and more would
        // only take the processor from the model.
        .workers(2)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self { server, address, state })
    }

    /// The address that was bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What makes the service available, and stops the server.
    pub fn control(&self) -> ServerControl {
        ServerControl { handle: self.server.handle(), state: self.state.clone() }
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

impl ServerControl {
    /// Makes the service available to requests.
    pub fn set_service(&self, service: Service) {
        self.state.set_service(service);
    }

    /// Refuses new requests, lets those under way finish, and ends the server.
    pub async fn stop(&self) {
        self.state.set_stopping();
        self.handle.stop(true).await;
    }
}
