//! The server: connections, TLS, start and stop.

mod application;
mod connections;
mod tls;

pub use application::{Application, HttpOptions, ServerControl};
pub use tls::{TlsFiles, certificates};
