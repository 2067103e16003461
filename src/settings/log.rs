//! Settings of logs and traces.

use super::layers::Layers;
use crate::telemetry::LogOptions;
use clap::Args;

/// The settings of logs and traces as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct LogFlags {
    /// Form of the log on standard error: pretty or json [default: pretty]
    #[arg(long, env = "HEARTSTRINGS_LOG_FORMAT", value_name = "FORM", global = true)]
    pub log_format: Option<String>,
    /// What is logged: error, warn, info, debug, trace (of ours alone), or a filter such as
    /// `heartstrings=debug` [default: info]
    #[arg(long, env = "HEARTSTRINGS_LOG", value_name = "FILTER", global = true)]
    pub log: Option<String>,
    /// Collector that gets a trace of every request, by OTLP over http, such as
    /// `http://127.0.0.1:4318` [default: none]
    // Its value may hold a password, which help would show.
    #[arg(
        long,
        env = "HEARTSTRINGS_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    pub otlp_endpoint: Option<String>,
}

/// Their keys in a settings file.
pub(super) const KEYS: &[&str] = &["log_format", "log", "otlp_endpoint"];

/// Reads them out of the layers.
pub(super) fn resolve(layers: &mut Layers, flags: &LogFlags) -> LogOptions {
    LogOptions {
        json: layers.get("log_format", &flags.log_format, "pretty", |form| match form {
            "json" => Ok(true),
            "pretty" => Ok(false),
            other => Err(format!("{other:?} is neither pretty nor json")),
        }),
        filter: layers.get("log", &flags.log, "info", |filter| {
            tracing_subscriber::EnvFilter::try_new(filter)
                .map(|_| filter.to_owned())
                .map_err(|error| format!("{filter:?} is not a log filter: {error}"))
        }),
        otlp_endpoint: layers.get("otlp_endpoint", &flags.otlp_endpoint, "", endpoint),
    }
}

fn endpoint(url: &str) -> Result<Option<String>, String> {
    match url.strip_prefix("http://") {
        _ if url.is_empty() => Ok(None),
        _ if cfg!(not(feature = "traces")) => Err(
            "this binary was built without traces; build it with them (`make build`, or cargo's \
             `--features traces`), or leave this setting out"
                .into(),
        ),
        Some(host) if !host.is_empty() => Ok(Some(url.trim_end_matches('/').to_owned())),
        // The value may hold a password, and this message ends in logs.
        _ => {
            Err("this is not the http address of a collector, such as http://127.0.0.1:4318; for \
                  one that speaks https only, run a collector beside the service that hands on"
                .into())
        }
    }
}
