//! The only room that knows actix-web.
//!
//! A request passes the middleware of [`trace`] (id, log line, [`metrics`]), of [`headers`] and of the
//! [`gate`] (keys and roles by the table in [`access`], [`limits`]), is routed to a handler in
//! [`routes`], which reads it through the extractors of [`read`], calls the
//! [`Service`](heartstrings_service::Service), and answers with a view or a [`problem`].

mod access;
mod bodies;
mod conditional;
mod connections;
mod docs;
mod fallback;
mod gate;
mod head;
mod headers;
mod limits;
mod lines;
mod metrics;
mod openapi;
mod parameters;
mod places;
mod problem;
mod read;
mod routes;
mod schemas;
mod server;
mod span;
mod state;
mod tls;
mod trace;
mod views;

pub use limits::LimitOptions;
pub use openapi::document;
pub use server::{Application, HttpOptions, ServerControl};
pub use tls::{TlsFiles, certificates};
pub use views::analysis_json;
