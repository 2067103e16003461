//! The only room that knows actix-web.
//!
//! A request passes the middleware of [`trace`] (id, log line, [`metrics`]), is routed to a handler in
//! [`routes`], which reads it through the extractors of [`read`], calls the
//! [`Service`](crate::service::Service), and answers with a view or a [`problem`].

mod conditional;
mod docs;
mod fallback;
mod lines;
mod metrics;
mod openapi;
mod parameters;
mod problem;
mod read;
mod routes;
mod server;
mod state;
mod trace;
mod views;

pub use openapi::document;
pub use server::{Application, HttpOptions, ServerControl};
pub use views::analysis_json;
