//! Logs, on standard error. Texts of reviews are never logged.

use tracing_subscriber::EnvFilter;

/// Starts logging for the whole process. A second call changes nothing.
///
/// `filter` is a level or a filter such as `heartstrings=debug`; one that cannot be read becomes
/// `info`.
pub fn init(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json { builder.json().try_init() } else { builder.try_init() };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
