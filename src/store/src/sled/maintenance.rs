//! What is done to a database that no service has open.

use super::open::{self, SledOptions};
use super::reader::Reader;
use super::{evidence, rebuild, unreadable, verify};
use crate::{Findings, Rebuilt, StoreError};

/// Compares records, indexes and cells with a recount of the reviews, and what is there with what
/// was acknowledged. Changes nothing. `progress`
/// is told how many reviews have been read. Where the log cannot be read, it goes on behind the
/// place as far as it can.
pub fn verify(
    options: &SledOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<Findings, StoreError> {
    let opened = open::open_damaged(options)?;
    let reader = Reader::new(&opened);
    let mut findings = verify::verify(&reader, progress);
    let losses = open::losses(&opened, options, false)?;
    if findings.count == 0 && opened.evidence.commits() >= opened.evidence.expected() {
        clear_doubt(options)?;
        return Ok(findings);
    }
    findings.count += losses.len() as u64;
    findings.told.splice(0..0, losses);
    if findings.unreadable > 0 {
        open::abandon(opened.db);
    }
    Ok(findings)
}

/// Makes indexes and cells anew from the reviews that are there; what is lost is taken for lost.
/// Damaged reviews are left where they are, and
/// out of the numbers. `progress` is told how many reviews have been added. Fails before it changes
/// anything when there is a place in the log that cannot be read: nothing can be written there.
pub fn rebuild(
    options: &SledOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<Rebuilt, StoreError> {
    let mut opened = open::open_for_rebuild(options)?;
    let reader = Reader::new(&opened);
    if let Err(error) = check_readable(&opened.tree) {
        open::abandon(opened.db);
        return Err(error);
    }
    let rebuilt = match rebuild::rebuild(&mut opened, &reader, progress) {
        Ok(rebuilt) => rebuilt,
        Err(error) => {
            open::abandon(opened.db);
            return Err(error);
        }
    };
    opened.evidence.accept_loss().map_err(|error| StoreError::Io(error.to_string()))?;
    clear_doubt(options)?;
    Ok(rebuilt)
}

/// Reads everything. A rebuild that came upon an unreadable place half way could never be finished.
fn check_readable(tree: &sled::Tree) -> Result<(), StoreError> {
    let read = || tree.iter().try_for_each(|entry| Ok(entry.map(drop)?));
    unreadable::guarded(read).map_err(|error| {
        StoreError::Open(format!(
            "nothing was rebuilt, because the database's log has a place that cannot be read \
             ({error}). Keep a copy of the folder; `heartstrings backup --skip-damaged` saves what \
             can be read and names what cannot, and `heartstrings restore` makes a new database \
             from it, in an empty folder (--store sled:FOLDER)"
        ))
    })
}

fn clear_doubt(options: &SledOptions) -> Result<(), StoreError> {
    evidence::clear_doubt(&options.path).map_err(|error| StoreError::Io(error.to_string()))
}
