//! The backup format: every review as a line of JSON, between a head and a foot.
//!
//! The head names the format, the foot holds the count and a SHA-256 of all bytes before it, so
//! that a file that was cut off or changed is told from a whole one. The foot also tells what was
//! left out because it could not be read, so that a backup with gaps says so itself. The reviews are all that is
//! kept: indexes and aggregates are made from them, and idempotency keys are good for a day only.

use heartstrings_core::review::Review;
use heartstrings_store::{Snapshot, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};

/// The version that is written.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    heartstrings_backup: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foot {
    reviews: u64,
    /// Sentences about the reviews that could not be read; under the checksum too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    sha256: String,
}

/// The last line of a backup that was given up, when it goes to a reader that waits for its foot.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenUp {
    error: String,
}

/// Why a backup was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Writing or reading failed.
    #[error("the backup cannot be written or read: {0}")]
    Io(#[from] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not a backup, or not a whole one.
    #[error("this is not a whole backup: {0}; use another copy")]
    Broken(String),
    /// Who wrote it gave up, and said why.
    #[error("the backup was given up: {0}")]
    GivenUp(String),
}

impl BackupError {
    /// What it says, and what whoever makes a backup may do about it.
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

/// Tells the reader of a backup why it ends here.
pub fn give_up(out: &mut dyn Write, why: &BackupError) -> std::io::Result<()> {
    let error = why.with_advice();
    serde_json::to_writer(&mut *out, &GivenUp { error })?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes all reviews of a snapshot. Damaged ones end it with an error, unless they are to be
/// left out; the sentences about those come back.
pub async fn write(
    snapshot: &mut dyn Snapshot,
    out: &mut (dyn Write + Send),
    skip_damaged: bool,
) -> Result<Written, BackupError> {
    let mut out = Hashing { out, hash: Sha256::new() };
    out.line(&Head { heartstrings_backup: FORMAT })?;
    let mut written = Written::default();
    loop {
        let piece = snapshot.next().await?;
        if piece.is_empty() {
            break;
        }
        for review in piece {
            match review {
                Ok(review) => {
                    out.line(&review)?;
                    written.reviews += 1;
                }
                Err(error) if skip_damaged => written.damaged.push(error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
    }
    let left_out = written.damaged.clone();
    let sha256 = checksum(out.hash.clone(), &left_out);
    out.line(&Foot { reviews: written.reviews, left_out, sha256 })?;
    out.out.flush()?;
    Ok(written)
}

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Reviews in the backup.
    pub reviews: u64,
    /// Reviews that could not be read and were left out, as sentences.
    pub damaged: Vec<String>,
}

/// Reads a backup line by line and hands out its reviews. They are good only if the end comes
/// without an error: the checksum stands there, and what was left out.
pub fn read(
    input: &mut dyn BufRead,
    mut take: impl FnMut(Review) -> Result<(), BackupError>,
) -> Result<Written, BackupError> {
    let broken = |why: &str| BackupError::Broken(why.to_owned());
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    let head: Head = serde_json::from_slice(&line).map_err(|_| broken("its head is missing"))?;
    if head.heartstrings_backup != FORMAT {
        return Err(broken("a newer release has written it"));
    }
    let mut reviews = 0;
    loop {
        hash.update(&line);
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Err(broken("it is cut off"));
        }
        if let Ok(foot) = serde_json::from_slice::<Foot>(&line) {
            if foot.reviews != reviews || foot.sha256 != checksum(hash, &foot.left_out) {
                return Err(broken("its checksum does not match"));
            }
            let mut rest = Vec::new();
            return match input.read_until(b'\n', &mut rest)? {
                0 => Ok(Written { reviews, damaged: foot.left_out }),
                _ => Err(broken("something stands after its end")),
            };
        }
        if let Ok(GivenUp { error }) = serde_json::from_slice(&line) {
            return Err(BackupError::GivenUp(error));
        }
        let review = serde_json::from_slice(&line)
            .map_err(|error| broken(&format!("line {}: {error}", reviews + 2)))?;
        take(review)?;
        reviews += 1;
    }
}

/// Of the lines before the foot, and of what it tells.
fn checksum(mut hash: Sha256, left_out: &[String]) -> String {
    left_out.iter().for_each(|told| hash.update(told));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Hashing<'a> {
    out: &'a mut (dyn Write + Send),
    hash: Sha256,
}

impl Hashing<'_> {
    fn line(&mut self, value: &impl Serialize) -> Result<(), BackupError> {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.out.write_all(&line)?;
        Ok(())
    }
}
