//! `heartstrings verify`: compares records, indexes and aggregates with a recount.

use super::advice::with_advice;
use super::data::{self, Report};
use super::{Outcome, Trouble};
use crate::settings::Settings;

/// Compares, and changes nothing.
pub fn run(settings: &Settings, report: &Report) -> Outcome {
    let mut maintenance = data::existing(settings)?;
    let mut progress = data::progress("reviews read");
    let findings = maintenance.verify(&mut progress).map_err(|error| with_advice(&error))?;
    eprintln!();
    for finding in &findings.told {
        eprintln!("{finding}");
    }
    let sentence = format!(
        "{} reviews, {} index entries and {} aggregate cells compared: {} faults",
        findings.reviews, findings.entries, findings.cells, findings.count
    );
    report.print(&findings, &sentence);
    match findings.count {
        0 => Ok(()),
        _ if findings.unreadable > 0 => Err(Trouble::Damage(
            "the log has places that cannot be read, and what is behind them was compared only as \
             far as it says above. Look at the disk, and keep a copy of the folder. `heartstrings \
             backup --skip-damaged` saves the reviews that can be read and names the others, and \
             `heartstrings restore` makes a new database from it, in an empty folder (--store \
             sled:FOLDER); `heartstrings rebuild` cannot mend this"
                .into(),
        )),
        _ => Err(Trouble::Damage(
            "`heartstrings rebuild` makes indexes and aggregates anew; reviews that cannot be \
             read come back from a backup only"
                .into(),
        )),
    }
}
