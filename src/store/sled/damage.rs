//! A look at sled's log before sled itself opens it.
//!
//! sled 0.34 takes a log in which it finds nothing for a new one, and writes over it. What can be
//! told from outside is told here, so that a damaged database is left as it is.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Size of a segment of the log: sled's default, which we do not change.
const SEGMENT: u64 = 512 * 1024;
/// A segment starts with the inverted CRC-32 of the 16 bytes that follow it.
const HEADER: usize = 20;

/// Whether the log holds at least one segment whose header is whole. Reads a few bytes of each
/// segment, and seldom more than one.
pub fn has_readable_segment(log: &Path) -> io::Result<bool> {
    let file = File::open(log)?;
    let length = file.metadata()?.len();
    let mut at = 0;
    while at + HEADER as u64 <= length {
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, at)?;
        let stored = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        if crc32fast::hash(&header[4..]) == stored ^ u32::MAX {
            return Ok(true);
        }
        at += SEGMENT;
    }
    Ok(false)
}
