//! Backups: every review as a line of JSON, between a head and a foot.
//!
//! The head names the version of the format. The foot holds the number of reviews and a SHA-256 of all
//! bytes before it, so that a file that was cut off or changed is told from a complete one. It also
//! lists what was left out because it could not be read, so that a backup with gaps says so itself.
//! Only reviews are kept: indexes and aggregates are made from them, and idempotency keys are valid for
//! a day only.
//!
//! [`write()`] is the only function here that knows stores; [`v1`], the writer and the reader know
//! nothing but reviews and bytes.

mod error;
mod reader;
mod v1;
mod writer;

pub use error::FormatError;
pub use reader::read;
pub use writer::{Writer, Written, give_up};

use heartstrings_store::{Snapshot, StoreError};
use std::io::Write;

/// Why a backup was not written or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file itself.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// The message, and what the person who makes a backup can do about it.
    pub fn with_advice(&self) -> String {
        let advice = match self {
            Self::Store(StoreError::Damaged { .. }) => {
                "; `heartstrings verify` lists all that is, and `heartstrings restore` makes a new \
                 store from a backup. `heartstrings backup --skip-damaged` leaves such reviews out \
                 and tells which"
            }
            _ => "",
        };
        format!("{self}{advice}")
    }
}

/// Writes all reviews of a snapshot as a complete backup.
///
/// # Errors
/// When writing or the store fails, and at the first review that cannot be read. With `skip_damaged`
/// such reviews are left out instead; the result and the foot list them.
pub async fn write(
    snapshot: &mut dyn Snapshot,
    out: &mut (dyn Write + Send),
    skip_damaged: bool,
) -> Result<Written, BackupError> {
    let mut writer = Writer::begin(out)?;
    loop {
        let page = snapshot.next().await?;
        if page.is_empty() {
            return Ok(writer.finish()?);
        }
        for review in page {
            match review {
                Ok(review) => writer.add(&review)?,
                Err(error) if skip_damaged => writer.leave_out(error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
