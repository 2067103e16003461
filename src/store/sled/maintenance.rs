//! What is done to a database that no service has open.

use super::open::{self, SledOptions};
use super::reader::Reader;
use super::{rebuild, verify};
use crate::store::{Findings, Rebuilt, StoreError};

/// Compares records, indexes and cells with a recount of the reviews. Changes nothing. `progress`
/// is told how many reviews have been read.
pub fn verify(
    options: &SledOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<Findings, StoreError> {
    let opened = open::open(options)?;
    verify::verify(&Reader::new(opened.tree.clone(), opened.cursor_key), progress)
}

/// Makes indexes and cells anew from the reviews. Damaged reviews are left where they are, and
/// out of the numbers. `progress` is told how many reviews have been added.
pub fn rebuild(
    options: &SledOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<Rebuilt, StoreError> {
    let mut opened = open::open_for_rebuild(options)?;
    let reader = Reader::new(opened.tree.clone(), opened.cursor_key);
    rebuild::rebuild(&mut opened, &reader, progress)
}
