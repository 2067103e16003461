//! `heartstrings backup`: all reviews into one checked file, while the service runs or not.

use super::advice::with_advice;
use super::data::{self, Report};
use super::target::Target;
use super::{Outcome, Trouble, runtime};
use crate::control::{self, Request};
use crate::settings::Settings;
use clap::Args;
use heartstrings_service::backup::{self, FormatError, Written};
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;

/// Where to, and how.
#[derive(Args)]
pub struct Arguments {
    /// File to write, which must not exist; `-` for standard output
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Leave out reviews that cannot be read instead of stopping at the first
    #[arg(long)]
    skip_damaged: bool,
    #[command(flatten)]
    report: Report,
}

/// Writes the backup.
pub fn run(settings: &Settings, arguments: &Arguments) -> Outcome {
    let mut maintenance = data::existing(settings)?;
    let skip_damaged = arguments.skip_damaged;
    let mut target = Target::create(&arguments.to)?;
    let running = control::ask(&settings.state.control_socket, &Request::Backup { skip_damaged })
        .map_err(|error| error.to_string())?;
    let written = match running {
        Some(answer) => copy_checked(answer, &mut target.writer)?,
        None => {
            let mut salvage = maintenance.salvage().map_err(|error| with_advice(&error))?;
            for loss in &salvage.losses {
                eprintln!("this backup is of a database that has lost reviews: {loss}");
            }
            let snapshot = salvage.snapshot.as_mut();
            let written = backup::write(snapshot, &mut target.writer, skip_damaged);
            runtime()?.block_on(written).map_err(|error| error.with_advice())?
        }
    };
    target.finish().map_err(|error| format!("the backup cannot be kept: {error}"))?;
    let sentence = format!("{} reviews are in the backup", written.reviews);
    if arguments.to.as_os_str() == "-" {
        // Standard output holds the backup itself.
        eprintln!("{sentence}");
    } else {
        arguments.report.print(&written, &sentence);
    }
    data::damage(&written.damaged)
}

/// Passes a backup on while checking that it is whole.
fn copy_checked(answer: impl Read, out: &mut dyn Write) -> Result<Written, Trouble> {
    let mut tee = BufReader::new(Tee { input: answer, out });
    match backup::read(&mut tee, |_| Ok(())) {
        Ok(written) => Ok(written),
        Err(FormatError::GivenUp(why)) => Err(why.into()),
        Err(error) => {
            Err(format!("the service gave no whole backup ({error}); its log says why").into())
        }
    }
}

struct Tee<'a, R> {
    input: R,
    out: &'a mut dyn Write,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.out.write_all(&buffer[..count])?;
        Ok(count)
    }
}
