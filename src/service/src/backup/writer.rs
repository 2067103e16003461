//! Writes a backup line by line.

use super::error::FormatError;
use super::v1::{Foot, GivenUp, Head, ReviewLine, VERSION};
use heartstrings_core::review::Review;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::Write;

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Reviews in the backup.
    pub reviews: u64,
    /// A sentence for each review that could not be read and was left out.
    pub damaged: Vec<String>,
}

/// A backup that is being written. Without [`Writer::finish`] it has no foot, and readers refuse it.
pub struct Writer<'a> {
    out: &'a mut (dyn Write + Send),
    /// Of all bytes so far.
    hash: Sha256,
    written: Written,
}

impl<'a> Writer<'a> {
    /// Writes the head.
    ///
    /// # Errors
    /// When writing fails.
    pub fn begin(out: &'a mut (dyn Write + Send)) -> Result<Self, FormatError> {
        let mut writer = Self { out, hash: Sha256::new(), written: Written::default() };
        writer.line(&Head { heartstrings_backup: VERSION })?;
        Ok(writer)
    }

    /// Writes a review.
    ///
    /// # Errors
    /// When writing fails.
    pub fn add(&mut self, review: &Review) -> Result<(), FormatError> {
        self.line(&ReviewLine::from(review))?;
        self.written.reviews += 1;
        Ok(())
    }

    /// Notes a review that cannot be read, as a sentence, for the foot.
    pub fn leave_out(&mut self, why: String) {
        self.written.damaged.push(why);
    }

    /// Writes the foot and flushes.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> Result<Written, FormatError> {
        let left_out = self.written.damaged.clone();
        let sha256 = checksum(self.hash.clone(), &left_out);
        self.line(&Foot { reviews: self.written.reviews, left_out, sha256 })?;
        self.out.flush()?;
        Ok(self.written)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), FormatError> {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.out.write_all(&line)?;
        Ok(())
    }
}

/// Ends a backup that goes to a waiting reader with the reason why it has no foot.
///
/// # Errors
/// When writing fails.
pub fn give_up(out: &mut dyn Write, why: String) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &GivenUp { error: why })?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The checksum of the foot: of the bytes before it, then of the sentences in it.
pub(super) fn checksum(mut hash: Sha256, left_out: &[String]) -> String {
    left_out.iter().for_each(|sentence| hash.update(sentence));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
