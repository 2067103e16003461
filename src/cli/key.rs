//! `heartstrings key`: creates, lists and revokes keys. A running service notices within seconds.

use super::Outcome;
use super::data::Report;
use crate::settings::Settings;
use clap::{Subcommand, ValueEnum};
use heartstrings_keys::{self as keys, KeyName, Role};
use serde_json::json;

/// What to do with keys.
#[derive(Subcommand)]
pub enum Command {
    /// Make a key and print it, this once
    Create {
        /// What it may do: read; write too; or everything, export and removal of subjects included
        #[arg(long, value_enum)]
        role: RoleArgument,
        /// What it is called, in lists and in the log
        #[arg(long, value_name = "NAME")]
        name: KeyName,
        /// How to say what was done.
        #[command(flatten)]
        report: Report,
    },
    /// List the names, roles and times of all keys
    List {
        /// How to say what was done.
        #[command(flatten)]
        report: Report,
    },
    /// Take a key away
    Revoke {
        /// What it is called
        #[arg(long, value_name = "NAME")]
        name: KeyName,
        /// How to say what was done.
        #[command(flatten)]
        report: Report,
    },
}

/// A [`Role`] as an argument.
#[derive(Clone, Copy, ValueEnum)]
pub enum RoleArgument {
    /// Reads reviews and aggregates, and has texts analyzed
    Read,
    /// Also creates, replaces and deletes reviews
    Write,
    /// Also exports everything and deletes subjects
    Admin,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Read => Self::Read,
            RoleArgument::Write => Self::Write,
            RoleArgument::Admin => Self::Admin,
        }
    }
}

/// Makes, lists or revokes keys in the file of the settings.
pub fn run(settings: &Settings, command: &Command) -> Outcome {
    let path = &settings.access.keys_file;
    match command {
        Command::Create { role, name, report } => {
            let role = Role::from(*role);
            let (key, secret) =
                keys::create(path, name.clone(), role).map_err(|error| error.to_string())?;
            let value = json!({"name": key.name, "role": key.role, "created_at": key.created_at,
                "key": secret.expose()});
            eprintln!(
                "{name} may {role}. This is the only time that the key is shown; its hash is in {}.",
                path.display()
            );
            report.print(&value, secret.expose());
        }
        Command::List { report } => {
            let keys = keys::list(path).map_err(|error| error.to_string())?;
            let values: Vec<_> = keys
                .iter()
                .map(
                    |key| json!({"name": key.name, "role": key.role, "created_at": key.created_at}),
                )
                .collect();
            let lines: Vec<_> = keys
                .iter()
                .map(|key| format!("{}  {:5}  {}", key.created_at, key.role.to_string(), key.name))
                .collect();
            let sentence = if keys.is_empty() {
                format!("there are no keys in {}", path.display())
            } else {
                lines.join("\n")
            };
            report.print(&json!({"keys": values}), &sentence);
        }
        Command::Revoke { name, report } => {
            keys::revoke(path, name).map_err(|error| error.to_string())?;
            report.print(&json!({"revoked": name}), &format!("{name} is revoked"));
        }
    }
    Ok(())
}
