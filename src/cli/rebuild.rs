//! `heartstrings rebuild`: makes indexes and aggregates anew from the reviews.

use super::Outcome;
use super::advice::with_advice;
use super::data::{self, Report};
use crate::settings::Settings;

/// Rebuilds; finishes a rebuild that was interrupted.
pub fn run(settings: &Settings, report: &Report) -> Outcome {
    let mut maintenance = data::existing(settings)?;
    let mut progress = data::progress("reviews added");
    let rebuilt = maintenance.rebuild(&mut progress).map_err(|error| with_advice(&error))?;
    eprintln!();
    let sentence = format!("indexes and aggregates of {} reviews were made anew", rebuilt.reviews);
    report.print(&rebuilt, &sentence);
    data::damage(&rebuilt.damaged)
}
