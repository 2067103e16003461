//! Logs, on standard error. Texts of reviews are never logged.

use std::io::IsTerminal;
use std::time::Instant;
use tracing_subscriber::EnvFilter;

/// Starts logging for the whole process. A second call changes nothing.
///
/// `filter` is a level or a filter such as `heartstrings=debug`; one that cannot be read becomes
/// `info`.
pub fn init(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr);
    let started = if json { builder.json().try_init() } else { builder.try_init() };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// Milliseconds since a moment, to the tenth, for a line of the log.
pub fn milliseconds_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e4).round() / 10.0
}
