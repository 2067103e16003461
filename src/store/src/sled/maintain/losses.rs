//! What a database has lost that was acknowledged.

use super::verify;
use crate::sled::disk::commit_watermark;
use crate::sled::disk::open::{self, Opened, SledOptions, abandon};
use crate::sled::layout::keys;
use crate::sled::read::Reader;
use crate::{OpenError, StoreError};

/// What a database has lost.
#[derive(Default)]
pub struct Losses {
    /// As sentences.
    pub told: Vec<String>,
    /// Whether sled has failed to read something of it.
    is_unreadable: bool,
}

/// A reader of an open database.
pub fn reader_of(opened: &Opened) -> Reader {
    Reader::new(opened.tree.clone(), opened.cursor_key, opened.page_scan)
}

/// Opens the database to be served. Fails when it has lost something.
pub fn open_whole(options: &SledOptions) -> Result<Opened, StoreError> {
    let opened = open_built(options)?;
    let (told, is_unreadable) = match losses(&opened, options, true) {
        Ok(losses) if losses.told.is_empty() => return Ok(opened),
        Ok(losses) => (losses.told.join("; "), losses.is_unreadable),
        Err(error) => (error.to_string(), false),
    };
    if is_unreadable {
        abandon(opened.db);
    }
    let place = options.path.display().to_string();
    Err(OpenError::Lost { place, losses: told }.into())
}

/// Opens the database whatever it has lost, to save or look at what is left. Nothing is to be
/// written then. Fails while a rebuild is unfinished.
pub fn open_built(options: &SledOptions) -> Result<Opened, StoreError> {
    let opened = open::open(options)?;
    if opened.tree.contains_key(keys::REBUILDING)? {
        let place = options.path.display().to_string();
        return Err(OpenError::RebuildInterrupted { place }.into());
    }
    Ok(opened)
}

/// What the database has lost that was acknowledged, as sentences. A database in doubt is compared
/// with a recount if `is_thorough`, which ends the doubt when nothing is wrong.
pub fn losses(
    opened: &Opened,
    options: &SledOptions,
    is_thorough: bool,
) -> Result<Losses, StoreError> {
    let watermark = &opened.watermark;
    let mut losses = Losses::default();
    if watermark.commits() < watermark.expected() {
        losses.told.push(format!(
            "the last {} of {} commits are gone from its log",
            watermark.expected() - watermark.commits(),
            watermark.expected()
        ));
    }
    if !commit_watermark::is_in_doubt(&options.path) {
        return Ok(losses);
    }
    if !is_thorough {
        losses.told.push("its log had places that could not be read".into());
        return Ok(losses);
    }
    tracing::warn!(
        "the database's log has places that cannot be read; comparing all reviews with their \
         aggregates to see whether anything is missing, which takes a while"
    );
    let reader = reader_of(opened);
    let found = verify::verify(&reader, &mut |_| {});
    losses.is_unreadable = found.unreadable > 0;
    if found.count > 0 {
        let first = found.told.first().cloned().unwrap_or_default();
        losses.told.push(format!("its log had places that could not be read, and {first}"));
    } else if losses.told.is_empty() {
        commit_watermark::clear_doubt(&options.path)
            .map_err(|error| StoreError::Io(error.to_string()))?;
    }
    Ok(losses)
}
