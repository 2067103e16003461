//! `heartstrings rescore`: brings reviews to the current model, while the service runs or not.

use super::advice::with_advice;
use super::data::{self, Report};
use super::{Outcome, Trouble, runtime, start_engine};
use crate::control::{self, Progress, Request};
use crate::settings::Settings;
use clap::Args;
use heartstrings_service::{Rescored, Service};
use std::io::BufRead;
use std::sync::Arc;

/// Which reviews.
#[derive(Args)]
pub struct Arguments {
    /// Also those that a model of this name has scored already
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    report: Report,
}

/// Asks the running service to do it, or does it itself.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    data::existing(settings)?;
    let request = Request::Rescore { all: arguments.all };
    let running = control::ask(&settings.state.control_socket, &request)
        .map_err(|error| error.to_string())?;
    let done = match running {
        Some(answer) => follow(answer)?,
        None => alone(settings, arguments.all)?,
    };
    eprintln!();
    let sentence = format!("{} of {} reviews were scored again", done.rescored, done.seen);
    arguments.report.print(&done, &sentence);
    match done.damaged {
        0 => Ok(()),
        n => Err(Trouble::Damage(format!("{n} reviews cannot be read"))),
    }
}

fn tell(so_far: Rescored) {
    eprint!("\r{} reviews, {} scored again", so_far.seen, so_far.rescored);
}

fn alone(settings: &Settings, all: bool) -> Result<Rescored, Trouble> {
    let store = heartstrings_store::open(&settings.store).map_err(|error| with_advice(&error))?;
    let service = Service::new(Arc::new(start_engine(settings)?), store);
    let runtime = runtime()?;
    let outcome = runtime.block_on(service.rescore(all, &mut tell));
    runtime.block_on(service.close()).map_err(|error| error.to_string())?;
    Ok(outcome.map_err(|error| error.to_string())?)
}

/// Follows what a running service says of its progress.
fn follow(answer: impl BufRead) -> Result<Rescored, Trouble> {
    for line in answer.lines() {
        let line = line.map_err(|error| format!("the service has gone: {error}"))?;
        match serde_json::from_str(&line).map_err(|error| error.to_string())? {
            Progress::Running(so_far) => tell(so_far),
            Progress::Done(done) => return Ok(done),
            Progress::Failed(why) => return Err(why.into()),
        }
    }
    Err("the service has stopped; run the command again to go on where it was".to_owned().into())
}
