//! Settings: defaults < `heartstrings.toml` < environment < flags, checked once at start, with
//! every mistake named.
//!
//! All layers speak text, so that a value means the same wherever it is written. Adding a
//! setting takes a line in [`Flags`], one in `KEYS` and one in [`Settings::resolve`].

mod access;
mod layers;
mod log;
mod store;

pub use self::access::{AccessFlags, AccessSettings};
pub use self::log::LogFlags;
pub use self::store::StoreFlags;

use self::layers::Layers;
use crate::telemetry::LogOptions;
use clap::Args;
use heartstrings_model::Compute;
use heartstrings_scoring::EngineOptions;
use heartstrings_store::StoreSettings;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The settings as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// Settings file in TOML; keys are the flags' names with `_` for `-` [default:
    /// heartstrings.toml, if there is one]
    #[arg(long, env = "HEARTSTRINGS_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Address to serve on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "HEARTSTRINGS_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    pub listen: Option<String>,
    /// Folder of the model, looked for in the working directory and beside the binary
    /// [default: models/heartstrings-en]
    #[arg(long, env = "HEARTSTRINGS_MODEL", value_name = "FOLDER", global = true)]
    pub model: Option<String>,
    /// Number format of the forward: auto, fp32, bf16 or int16 (linear layers and
    /// attention in integers, nearly as exact as fp32) [default: auto]
    #[arg(long, env = "HEARTSTRINGS_PRECISION", value_name = "FORMAT", global = true)]
    pub precision: Option<String>,
    /// What the forward runs on: auto, cpu or cuda [default: auto]
    #[arg(long, env = "HEARTSTRINGS_DEVICE", value_name = "DEVICE", global = true)]
    pub device: Option<String>,
    /// Threads that score, each with its own network over shared weights [default: one a core]
    #[arg(long, env = "HEARTSTRINGS_SCORING_WORKERS", value_name = "N", global = true)]
    pub scoring_workers: Option<String>,
    /// Threads within one forward [default: 1]
    #[arg(long, env = "HEARTSTRINGS_THREADS_PER_WORKER", value_name = "N", global = true)]
    pub threads_per_worker: Option<String>,
    /// Most tokens scored in one batch [default: 512]
    #[arg(long, env = "HEARTSTRINGS_BATCH_TOKENS", value_name = "N", global = true)]
    pub batch_tokens: Option<String>,
    /// Most tokens that wait to be scored; beyond that requests get 503 [default: 131072]
    #[arg(long, env = "HEARTSTRINGS_QUEUE_TOKENS", value_name = "N", global = true)]
    pub queue_tokens: Option<String>,
    /// Most work that may wait when a single request comes, in seconds by the speed so far; beyond
    /// that it gets 503 at once, and from then on beyond half of it until nobody had to be refused
    /// for as long [default: 4]
    #[arg(long, env = "HEARTSTRINGS_QUEUE_SECONDS", value_name = "N", global = true)]
    pub queue_seconds: Option<String>,
    /// Longest time that a single request waits for its scores, in seconds; then it gets 503
    /// [default: 60]
    #[arg(long, env = "HEARTSTRINGS_SCORING_SECONDS", value_name = "N", global = true)]
    pub scoring_seconds: Option<String>,
    /// Memory for the scores of texts that may come again, in MiB; 0 scores every text anew
    /// [default: 32]
    #[arg(long, env = "HEARTSTRINGS_SCORE_CACHE_MIB", value_name = "MIB", global = true)]
    pub score_cache_mib: Option<String>,
    /// Where reviews are kept, and how.
    #[command(flatten)]
    pub store: StoreFlags,
    /// Who may connect, with what, and how much.
    #[command(flatten)]
    pub access: AccessFlags,
    /// Logs and traces.
    #[command(flatten)]
    pub log: LogFlags,
    /// Seconds that requests may take to finish after SIGTERM [default: 30]
    #[arg(long, env = "HEARTSTRINGS_SHUTDOWN_SECONDS", value_name = "N", global = true)]
    pub shutdown_seconds: Option<String>,
}

/// The settings, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Where reviews are kept, and how.
    pub store: StoreSettings,
    /// Folder of the model.
    pub model: PathBuf,
    /// Number format of the forward, and what it runs on.
    pub compute: Compute,
    /// Workers, batches and queue.
    pub engine: EngineOptions,
    /// How long somebody who looks at a screen waits for one text; bulk work waits as long as it
    /// takes.
    pub scoring_deadline: Duration,
    /// Memory for the scores of texts that may come again, in bytes; 0 for none.
    pub score_cache: u64,
    /// Who may connect, with what, and how much.
    pub access: AccessSettings,
    /// What is logged and traced, and how.
    pub log: LogOptions,
    /// Seconds that requests may take to finish after SIGTERM.
    pub shutdown_seconds: u64,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings have mistakes:\n  - {}", .0.join("\n  - "))]
pub struct SettingsError(pub Vec<String>);

/// The keys of a settings file.
const KEYS: [&str; 12] = [
    "listen",
    "model",
    "precision",
    "device",
    "scoring_workers",
    "threads_per_worker",
    "batch_tokens",
    "queue_tokens",
    "queue_seconds",
    "scoring_seconds",
    "score_cache_mib",
    "shutdown_seconds",
];

impl Settings {
    /// Brings the layers together and checks the result.
    pub fn resolve(flags: &Flags) -> Result<Self, SettingsError> {
        let mut layers = Layers::default();
        layers.read_file(flags.config.as_deref());
        let engine = EngineOptions::default();
        const MIB: u64 = 1 << 20;
        let listen = layers.get("listen", &flags.listen, "127.0.0.1:8080", parse);
        let store = store::resolve(&mut layers, &flags.store);
        let settings = Settings {
            access: AccessSettings::resolve(&mut layers, &flags.access, &store.url),
            listen,
            store,
            model: layers.get("model", &flags.model, "models/heartstrings-en", find_model),
            compute: Compute {
                precision: layers.get("precision", &flags.precision, "auto", str::parse),
                device: layers.get("device", &flags.device, "auto", str::parse),
            },
            engine: EngineOptions {
                workers: layers.count(
                    "scoring_workers",
                    &flags.scoring_workers,
                    engine.workers,
                    1..=256,
                ),
                threads_per_worker: layers.count(
                    "threads_per_worker",
                    &flags.threads_per_worker,
                    engine.threads_per_worker,
                    1..=256,
                ),
                batch_tokens: layers.count(
                    "batch_tokens",
                    &flags.batch_tokens,
                    engine.batch_tokens,
                    1..=1_048_576,
                ),
                queue_tokens: layers.count(
                    "queue_tokens",
                    &flags.queue_tokens,
                    engine.queue_tokens,
                    1..=1 << 30,
                ),
                queue_time: Duration::from_secs(layers.count(
                    "queue_seconds",
                    &flags.queue_seconds,
                    engine.queue_time.as_secs() as usize,
                    1..=86_400,
                ) as u64),
            },
            scoring_deadline: Duration::from_secs(layers.count(
                "scoring_seconds",
                &flags.scoring_seconds,
                60,
                1..=86_400,
            ) as u64),
            score_cache: MIB
                * layers.count("score_cache_mib", &flags.score_cache_mib, 32, 0..=1 << 20) as u64,
            log: log::resolve(&mut layers, &flags.log),
            shutdown_seconds: layers.count(
                "shutdown_seconds",
                &flags.shutdown_seconds,
                30,
                0..=3_600,
            ) as u64,
        };
        if layers.mistakes.is_empty() { Ok(settings) } else { Err(SettingsError(layers.mistakes)) }
    }
}

fn parse<T: FromStr>(value: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| format!("{value:?} cannot be used: {error}"))
}

/// Looks for a relative model folder in the working directory, then beside the binary, in
/// `share/heartstrings` of the binary's prefix, and in the folders above the binary (a build in
/// `target/release` finds the checkout). When none has it, the path stays as it is, and loading
/// says so.
fn find_model(folder: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(folder);
    if folder.is_absolute() || folder.join("config.json").exists() {
        return Ok(folder);
    }
    let binary = std::env::current_exe().and_then(|path| path.canonicalize()).unwrap_or_default();
    let above = binary.ancestors().skip(1).take(4);
    let found = above
        .flat_map(|dir| [dir.join(&folder), dir.join("share/heartstrings").join(&folder)])
        .find(|candidate| candidate.join("config.json").exists());
    Ok(found.unwrap_or(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};
    use heartstrings_store::StoreUrl;
    use std::io::Write;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file = file("listen = '127.0.0.1:1'\nscoring_workers = 3\nbatch_tokens = 64");
        let flags = Flags {
            config: Some(file.path().into()),
            listen: Some("127.0.0.1:2".into()),
            ..Flags::default()
        };
        let settings = Settings::resolve(&flags).unwrap();
        assert_eq!(settings.listen.port(), 2);
        assert_eq!(settings.engine.workers, 3);
        assert_eq!(settings.engine.batch_tokens, 64);
        assert_eq!(settings.store.url, StoreUrl::Sled("./data".into()));
    }

    #[test]
    fn the_defaults_that_help_names_are_those_that_hold() {
        #[derive(clap::Parser)]
        struct Program {
            #[command(flatten)]
            flags: Flags,
        }
        let command = Program::command();
        let named = command.get_arguments().filter_map(|argument| {
            let help = argument.get_help()?.to_string();
            let (_, rest) = help.split_once("[default: ")?;
            let value = rest.split_once(']')?.0.to_owned();
            // "one a core" and "none" are no values.
            let is_value = !value.contains(' ') && value != "none";
            is_value.then(|| format!("--{}={value}", argument.get_long().unwrap()))
        });
        let arguments: Vec<_> = named.collect();
        assert!(arguments.len() > 10, "{arguments:?}");
        for argument in arguments {
            let program = Program::parse_from(["heartstrings", &argument]);
            let (named, without) =
                (Settings::resolve(&program.flags), Settings::resolve(&Flags::default()));
            assert_eq!(format!("{named:?}"), format!("{without:?}"), "{argument}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        let file = file("colour = 'red'\nprecision = 'fp8'\ndevice = 'abacus'\nqueue_tokens = 0");
        let flags = Flags {
            config: Some(file.path().into()),
            listen: Some("nowhere".into()),
            store: StoreFlags { store: Some("redis:x".into()), ..StoreFlags::default() },
            log: LogFlags {
                log_format: Some("xml".into()),
                otlp_endpoint: Some("https://collector.example".into()),
                ..LogFlags::default()
            },
            ..Flags::default()
        };
        let SettingsError(mistakes) = Settings::resolve(&flags).unwrap_err();
        let keys: Vec<_> = mistakes.iter().map(|m| m.split(':').next().unwrap()).collect();
        assert_eq!(
            keys,
            [
                "colour",
                "listen",
                "store",
                "precision",
                "device",
                "queue_tokens",
                "log_format",
                "otlp_endpoint"
            ]
        );
    }

    #[test]
    fn a_named_file_must_be_there() {
        let flags = Flags { config: Some("/nowhere/x.toml".into()), ..Flags::default() };
        assert!(Settings::resolve(&flags).unwrap_err().to_string().contains("/nowhere/x.toml"));
    }
}
