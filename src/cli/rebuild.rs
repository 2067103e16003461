//! `heartstrings rebuild`: makes indexes and aggregates anew from the reviews.

use super::Outcome;
use super::data::{self, Report};
use crate::settings::Settings;
use heartstrings_store::sled::maintenance;

/// Rebuilds; finishes a rebuild that was interrupted.
pub fn run(settings: &Settings, report: &Report) -> Outcome {
    data::check_exists(settings)?;
    let mut progress = data::progress("reviews added");
    let rebuilt = maintenance::rebuild(&data::options(settings), &mut progress)
        .map_err(|error| error.to_string())?;
    eprintln!();
    let sentence = format!("indexes and aggregates of {} reviews were made anew", rebuilt.reviews);
    report.print(&rebuilt, &sentence);
    data::damage(&rebuilt.damaged)
}
