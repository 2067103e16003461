//! Reads a backup line by line.

use super::error::FormatError;
use super::v1::{Foot, GivenUp, Head, ReviewLine, VERSION};
use super::writer::{Written, checksum};
use heartstrings_core::review::Review;
use sha2::{Digest, Sha256};
use std::io::BufRead;

/// Reads a backup and hands each review to `take`. The reviews are valid only if the result is `Ok`:
/// the checksum is in the last line.
///
/// # Errors
/// When reading fails, when it is not a complete backup of a version that this release knows, and
/// when `take` fails.
pub fn read<E: From<FormatError>>(
    input: &mut dyn BufRead,
    mut take: impl FnMut(Review) -> Result<(), E>,
) -> Result<Written, E> {
    let mut lines = Lines { input, line: Vec::new(), hash: Sha256::new() };
    lines.next()?;
    let head: Head = serde_json::from_slice(&lines.line)
        .map_err(|_| FormatError::broken("its head is missing"))?;
    if head.heartstrings_backup != VERSION {
        return Err(FormatError::broken("a newer release has written it").into());
    }
    let mut reviews = 0;
    loop {
        lines.hash.update(&lines.line);
        if !lines.next()? {
            return Err(FormatError::broken("it is cut off").into());
        }
        if let Ok(foot) = serde_json::from_slice::<Foot>(&lines.line) {
            return Ok(lines.end(reviews, foot)?);
        }
        if let Ok(GivenUp { error }) = serde_json::from_slice(&lines.line) {
            return Err(FormatError::GivenUp(error).into());
        }
        let review = review(&lines.line)
            .map_err(|why| FormatError::broken(format!("line {}: {why}", reviews + 2)))?;
        take(review)?;
        reviews += 1;
    }
}

fn review(line: &[u8]) -> Result<Review, String> {
    let line: ReviewLine<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    line.try_into()
}

struct Lines<'a> {
    input: &'a mut dyn BufRead,
    /// The current line, with its end.
    line: Vec<u8>,
    /// Of the lines before the current one.
    hash: Sha256,
}

impl Lines<'_> {
    /// Goes to the next line; false at the end.
    fn next(&mut self) -> Result<bool, FormatError> {
        self.line.clear();
        Ok(self.input.read_until(b'\n', &mut self.line)? > 0)
    }

    /// Checks the foot, and that nothing follows it.
    fn end(mut self, reviews: u64, foot: Foot) -> Result<Written, FormatError> {
        if foot.reviews != reviews || foot.sha256 != checksum(self.hash.clone(), &foot.left_out) {
            return Err(FormatError::broken("its checksum does not match"));
        }
        if self.next()? {
            return Err(FormatError::broken("something stands after its end"));
        }
        Ok(Written { reviews, damaged: foot.left_out })
    }
}
