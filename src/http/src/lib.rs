//! The HTTP API, and the only crate that knows actix-web.
//!
//! A request passes the [`middleware`] (id, log line, metrics, headers) and the gate of
//! [`admission`] (keys, roles, limits), is routed to a handler in [`routes`], which reads it by
//! [`request`], calls the [`Service`](heartstrings_service::Service), and answers by [`response`]
//! with a view or a problem. Each handler states what it promises as an [`operation`]; [`openapi`]
//! makes the document from these.

mod admission;
mod lifecycle;
mod metrics;
mod middleware;
pub mod offline;
mod openapi;
mod operation;
mod pages;
mod request;
mod request_id;
mod response;
mod routes;
mod schemas;
mod server;
mod trace_context;

pub use admission::rate_limits::LimitOptions;
pub use openapi::document;
pub use server::{Application, HttpOptions, ServerControl, TlsFiles, certificates};
