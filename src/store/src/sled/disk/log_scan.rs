//! A look at sled's log before sled itself opens it.
//!
//! sled 0.34 takes a log in which it finds nothing for a new one, and writes over it. Of a log that
//! is damaged in the middle it leaves out, in silence, the rest of the segment. What can be told
//! from outside is told here, before anything is changed.
//!
//! The log is a row of segments of 512 KiB. A segment starts with an inverted CRC-32 of 16 bytes
//! that follow: its sequence number (LSN) and another, both with all bits but the highest inverted.
//! Then come messages: an inverted CRC-32 of body and head, a kind, and three numbers of variable
//! length, the first of which is the body's. A `Cap` message or less room than a head takes ends the
//! segment. Segments are used anew, so their places say nothing about their order.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Size of a segment of the log: sled's default, which we do not change.
const SEGMENT: u64 = 512 * 1024;
/// Bytes of a segment's head.
const HEADER: usize = 20;
/// Bytes at the end of a segment in which no message starts.
const RED_ZONE: usize = 32;
/// Kinds of messages: a place where none was written, and the end of a segment.
const NOTHING: u8 = 0;
const CAP: u8 = 2;
/// The highest kind that sled knows.
const HIGHEST_KIND: u8 = 11;

/// Whether the log holds at least one segment whose header is whole. Reads a few bytes of each
/// segment, and seldom more than one.
pub fn has_readable_segment(log: &Path) -> io::Result<bool> {
    let file = File::open(log)?;
    let mut headers = Headers { length: file.metadata()?.len(), file: &file, at: 0 };
    loop {
        match headers.next()? {
            Some((_, Header::Whole(_))) => return Ok(true),
            Some(_) => {}
            None => return Ok(false),
        }
    }
}

/// Whether all that sled will read when it opens the database in `folder` can be read: the segments
/// since its last snapshot, up to the newest, which may end anywhere. False does not mean that
/// something is lost: a segment that was being used anew when the process died looks the same.
pub fn is_whole(folder: &Path) -> io::Result<bool> {
    let file = File::open(folder.join("db"))?;
    let first = snapshot_lsn(folder)? / SEGMENT * SEGMENT;
    let mut headers = Headers { length: file.metadata()?.len(), file: &file, at: 0 };
    let (mut is_whole, mut newest) = (true, None);
    while let Some((at, header)) = headers.next()? {
        match header {
            Header::Whole(lsn) if lsn >= first => {
                let ends_well = ends_well(&file, at, lsn / SEGMENT)?;
                // Of the newest segment only what was acknowledged counts; `commit_watermark` knows that.
                match newest {
                    Some((newest_lsn, _)) if lsn < newest_lsn => is_whole &= ends_well,
                    _ => {
                        is_whole &= newest.is_none_or(|(_, ends_well)| ends_well);
                        newest = Some((lsn, ends_well));
                    }
                }
            }
            Header::Whole(_) | Header::Empty => {}
            Header::Damaged => is_whole = false,
        }
    }
    Ok(is_whole)
}

/// The LSN up to which sled's newest snapshot of its page table goes: it is in the file's name.
fn snapshot_lsn(folder: &Path) -> io::Result<u64> {
    let mut newest = 0;
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let lsn = name.to_str().and_then(|name| name.strip_prefix("snap."));
        let lsn = lsn.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        newest = newest.max(lsn.unwrap_or(0));
    }
    Ok(newest)
}

/// The start of a segment.
enum Header {
    /// It has this LSN.
    Whole(u64),
    /// Nothing was written there, or it was cleared.
    Empty,
    /// It is neither.
    Damaged,
}

struct Headers<'a> {
    file: &'a File,
    length: u64,
    at: u64,
}

impl Headers<'_> {
    /// The next segment: where it starts, and its header.
    fn next(&mut self) -> io::Result<Option<(u64, Header)>> {
        let at = self.at;
        if at + HEADER as u64 > self.length {
            return Ok(None);
        }
        self.at += SEGMENT;
        let mut header = [0; HEADER];
        self.file.read_exact_at(&mut header, at)?;
        let [c0, c1, c2, c3, lsn @ .., _, _, _, _, _, _, _, _] = header;
        let is_whole =
            crc32fast::hash(&header[4..]) == u32::from_le_bytes([c0, c1, c2, c3]) ^ u32::MAX;
        let header = match is_whole {
            true => Header::Whole(u64::from_le_bytes(lsn) ^ (u64::MAX >> 1)),
            false if header.iter().all(|byte| *byte == NOTHING) => Header::Empty,
            false => Header::Damaged,
        };
        Ok(Some((at, header)))
    }
}

/// Whether a segment's messages follow each other to its end.
fn ends_well(file: &File, at: u64, number: u64) -> io::Result<bool> {
    let mut segment = vec![0; SEGMENT as usize];
    let mut filled = 0;
    while filled < segment.len() {
        match file.read_at(&mut segment[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut place = HEADER;
    while segment.len() - place >= RED_ZONE {
        match message(&segment[place..], number) {
            Some((CAP, _)) => return Ok(true),
            Some((_, length)) => place += length,
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// Kind and length of the message at the start of `bytes`; `None` when it is not whole.
fn message(bytes: &[u8], segment: u64) -> Option<(u8, usize)> {
    let (checksum, rest) = bytes.split_first_chunk::<4>()?;
    let (&kind, rest) = rest.split_first()?;
    let (body, rest) = number(rest)?;
    let (its_segment, rest) = number(rest)?;
    let (_, rest) = number(rest)?;
    let head = bytes.len() - rest.len();
    let body = rest.get(..usize::try_from(body).ok()?)?;
    let mut hash = crc32fast::Hasher::new();
    hash.update(body);
    hash.update(&bytes[4..head]);
    let is_whole = hash.finalize() ^ u32::MAX == u32::from_le_bytes(*checksum);
    let is_known = (NOTHING + 1..=HIGHEST_KIND).contains(&kind) && its_segment == segment;
    (is_whole && is_known).then_some((kind, head + body.len()))
}

/// A number of variable length, as SQLite 4 had them, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let high = u64::from(first);
    match first {
        0..=240 => Some((high, rest)),
        241..=248 => {
            let (&low, rest) = rest.split_first()?;
            Some((240 + 256 * (high - 241) + u64::from(low), rest))
        }
        249 => {
            let ([high, low], rest) = rest.split_first_chunk()?;
            Some((2_288 + 256 * u64::from(*high) + u64::from(*low), rest))
        }
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first) - 247)?;
            let number = digits.iter().rev().fold(0, |sum, digit| sum << 8 | u64::from(*digit));
            Some((number, rest))
        }
    }
}
