//! What the commands that take care of the data share.

use super::{Outcome, Trouble};
use crate::settings::Settings;
use clap::Args;
use heartstrings_store::Maintenance;
use serde::Serialize;

/// How to say what was done.
#[derive(Args)]
pub struct Report {
    /// Write JSON to standard output instead of a sentence
    #[arg(long)]
    json: bool,
}

impl Report {
    /// Prints one or the other.
    pub fn print(&self, value: &impl Serialize, sentence: &str) {
        if self.json {
            println!("{}", serde_json::to_string(value).unwrap_or_default());
        } else {
            println!("{sentence}");
        }
    }
}

/// What can be done to the store. Fails where there is none: a command must not make one where
/// somebody mistyped its place.
pub fn existing(settings: &Settings) -> Result<Box<dyn Maintenance>, Trouble> {
    let maintenance = heartstrings_store::open_for_maintenance(&settings.store);
    match maintenance.exists() {
        true => Ok(maintenance),
        false => {
            let place = maintenance.place();
            Err(format!("there is no database in {place}; name one with --store").into())
        }
    }
}

/// Says how far a command has come, on one line of standard error.
pub fn progress(what: &'static str) -> impl FnMut(u64) {
    move |count| eprint!("\r{count} {what}")
}

/// Tells of reviews that cannot be read.
pub fn damage(told: &[String]) -> Outcome {
    for finding in told {
        eprintln!("{finding}");
    }
    match told.len() {
        0 => Ok(()),
        n => Err(Trouble::Damage(format!("{n} reviews cannot be read"))),
    }
}
