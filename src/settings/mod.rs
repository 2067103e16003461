//! Settings: defaults < `heartstrings.toml` < environment < flags, checked once at start, with
//! every mistake named.
//!
//! All layers hold text, so that a value means the same wherever it is written. A new setting takes
//! three lines in the file of its group: in the flags, in `KEYS` and in `resolve`.

mod access;
mod layers;
mod log;
mod scoring;
mod state;
mod store;

pub use self::access::{AccessFlags, AccessSettings};
pub use self::log::LogFlags;
pub use self::scoring::ScoringFlags;
pub use self::state::{StateFlags, StateSettings};
pub use self::store::StoreFlags;

use self::layers::{Layers, parse};
use self::scoring::Scoring;
use crate::telemetry::LogOptions;
use clap::Args;
use heartstrings_model::Compute;
use heartstrings_scoring::EngineOptions;
use heartstrings_store::StoreSettings;
use std::net::SocketAddr;
use std::path::PathBuf;
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
    /// The model and the threads that score.
    #[command(flatten)]
    pub scoring: ScoringFlags,
    /// Where reviews are kept, and how.
    #[command(flatten)]
    pub store: StoreFlags,
    /// Where keys and the control socket are.
    #[command(flatten)]
    pub state: StateFlags,
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
    /// Where keys and the control socket are.
    pub state: StateSettings,
    /// Folder of the model.
    pub model: PathBuf,
    /// Number format of the forward, and what it runs on.
    pub compute: Compute,
    /// Workers, batches and queue.
    pub engine: EngineOptions,
    /// Longest wait of an interactive request for one text. Bulk work waits as long as it takes.
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

/// All mistakes in the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings have mistakes:\n  - {}", .0.join("\n  - "))]
pub struct SettingsError(pub Vec<String>);

/// The keys of a settings file that stand in [`Flags`] itself.
const KEYS: &[&str] = &["listen", "shutdown_seconds"];

impl Settings {
    /// Brings the layers together and checks the result.
    ///
    /// # Errors
    /// When any setting is wrong; the error names all that are.
    pub fn resolve(flags: &Flags) -> Result<Self, SettingsError> {
        let known = [KEYS, scoring::KEYS, access::KEYS, log::KEYS, state::KEYS, store::KEYS];
        let mut layers = Layers::default();
        layers.read_file(flags.config.as_deref(), &known.concat());
        let listen = layers.get("listen", &flags.listen, "127.0.0.1:8080", parse);
        let store = store::resolve(&mut layers, &flags.store);
        let state = StateSettings::resolve(&mut layers, &flags.state, &store.url);
        let access = AccessSettings::resolve(&mut layers, &flags.access, &state);
        let scoring = Scoring::resolve(&mut layers, &flags.scoring);
        let settings = Settings {
            listen,
            store,
            state,
            access,
            model: scoring.model,
            compute: scoring.compute,
            engine: scoring.engine,
            scoring_deadline: scoring.deadline,
            score_cache: scoring.cache,
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

    /// Refuses to serve where other machines could read and write without a key, unless that is
    /// wanted.
    ///
    /// # Errors
    /// When the address is not a loopback address, there are no keys, and anonymous access is not
    /// allowed.
    pub fn check_exposure(&self, has_keys: bool) -> Result<(), SettingsError> {
        if self.listen.ip().is_loopback() || has_keys || self.access.allow_anonymous {
            return Ok(());
        }
        Err(SettingsError(vec![format!(
            "listen: {} can be reached by other machines, and there are no keys to ask them for; \
             make one with `heartstrings key create --role admin --name NAME`, or listen on \
             127.0.0.1, or pass --allow-anonymous if everyone who can reach it may read and write",
            self.listen
        )]))
    }
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
    fn no_mistake_and_no_help_shows_a_password() {
        for line in [
            "store = 'mysql://me:s3cret@db/x'",
            "store = 'postgres://me:s3cret@db/x'",
            "listen = ''\nstore = 'postgres://me:s3cret@db/x' oops",
            "store = 'postgres://me:s3cret@db/x",
            "store = ['postgres://me:s3cret@db/x']",
            "stoore = 'postgres://me:s3cret@db/x'",
            "otlp_endpoint = 'https://me:s3cret@collector'",
            "otlp_endpoint = 'me:s3cret@collector'",
        ] {
            let file = file(line);
            let flags = Flags { config: Some(file.path().into()), ..Flags::default() };
            let refusal = format!("{:?}", Settings::resolve(&flags).unwrap_err());
            assert!(!refusal.contains("s3cret"), "{line}: {refusal}");
            let at_line = if line.contains("oops") { "line 2" } else { "" };
            assert!(refusal.contains(at_line), "{line}: {refusal}");
        }
        let command = Flags::augment_args(clap::Command::new("heartstrings"));
        for argument in command.get_arguments() {
            let takes_url = argument
                .get_value_names()
                .is_some_and(|names| names.iter().any(|name| name.as_str() == "URL"));
            assert!(!takes_url || argument.is_hide_env_values_set(), "{argument}");
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
