//! What is done to a database that no service has open.

pub mod losses;
mod rebuild;
mod restore;
mod salvage;
pub mod verify;

use super::damage::guarded;
use super::disk::commit_watermark;
use super::disk::open::{self, SledOptions};
use crate::{Findings, Maintenance, OpenError, Rebuilt, Restoration, Salvage, StoreError};

/// Maintenance of a sled database.
pub struct SledMaintenance {
    options: SledOptions,
}

impl SledMaintenance {
    /// Of the database that these options name, which is not opened yet.
    pub fn new(options: SledOptions) -> Self {
        Self { options }
    }
}

impl Maintenance for SledMaintenance {
    fn place(&self) -> String {
        self.options.path.display().to_string()
    }

    fn exists(&self) -> bool {
        self.options.path.join("db").exists()
    }

    fn verify(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Findings, StoreError> {
        let opened = losses::open_built(&self.options)?;
        let reader = losses::reader_of(&opened);
        let mut findings = verify::verify(&reader, progress);
        let losses = losses::losses(&opened, &self.options, false)?.told;
        if findings.count == 0 && opened.watermark.commits() >= opened.watermark.expected() {
            clear_doubt(&self.options)?;
            return Ok(findings);
        }
        findings.count += losses.len() as u64;
        findings.told.splice(0..0, losses);
        if findings.unreadable > 0 {
            open::abandon(opened.db);
        }
        Ok(findings)
    }

    fn rebuild(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Rebuilt, StoreError> {
        let mut opened = open::open(&self.options)?;
        let reader = losses::reader_of(&opened);
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
        opened.watermark.accept_loss().map_err(|error| StoreError::Io(error.to_string()))?;
        clear_doubt(&self.options)?;
        Ok(rebuilt)
    }

    fn salvage(&mut self) -> Result<Salvage, StoreError> {
        salvage::salvage(&self.options)
    }

    fn restore(&mut self) -> Result<Box<dyn Restoration>, StoreError> {
        Ok(Box::new(restore::SledRestoration::begin(&self.options)?))
    }
}

/// Reads everything. A rebuild that came upon an unreadable place half way could never be finished.
fn check_readable(tree: &sled::Tree) -> Result<(), StoreError> {
    let read = || tree.iter().try_for_each(|entry| Ok(entry.map(drop)?));
    guarded(read).map_err(|error| OpenError::NotRebuilt(error.to_string()).into())
}

fn clear_doubt(options: &SledOptions) -> Result<(), StoreError> {
    commit_watermark::clear_doubt(&options.path).map_err(|error| StoreError::Io(error.to_string()))
}
