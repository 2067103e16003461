//! The head of every record: a version and a checksum. The contents follow in postcard's format.
//!
//! sled has checksums of its own, over pages. These are over records, so that one damaged record
//! harms no other, and `verify` can name it.

use crate::StoreError;
use serde::{Deserialize, Serialize};

/// Version byte and CRC-32.
pub const HEAD: usize = 5;

/// Bytes of a record of a version.
pub fn seal(version: u8, record: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let head = vec![version, 0, 0, 0, 0];
    let mut bytes = postcard::to_extend(record, head)
        .map_err(|error| StoreError::Io(format!("a record cannot be written: {error}")))?;
    let checksum = crc32fast::hash(&bytes[HEAD..]);
    bytes[1..HEAD].copy_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

/// The version of a record; fails with a sentence when the record is too short to have one.
pub fn version(bytes: &[u8]) -> Result<u8, String> {
    if bytes.len() < HEAD { Err("it is cut off".into()) } else { Ok(bytes[0]) }
}

/// Why a record of a version that is not among the known ones cannot be read.
pub fn unknown(version: u8) -> String {
    format!("version {version} is not known to this release")
}

/// The contents of a record; fails with a sentence when its checksum does not match.
pub fn contents(bytes: &[u8]) -> Result<&[u8], String> {
    let (head, contents) = bytes.split_at_checked(HEAD).ok_or("it is cut off")?;
    if head[1..] != crc32fast::hash(contents).to_le_bytes() {
        return Err("its checksum does not match".into());
    }
    Ok(contents)
}

/// The contents of a record as a struct of its version; fails with a sentence.
pub fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    postcard::from_bytes(contents(bytes)?).map_err(|error| error.to_string())
}

/// The checksum at the beginning of a record; `None` when it is cut off.
pub fn checksum(record: &[u8]) -> Option<u32> {
    let (_, checksum) = record.get(..HEAD)?.split_first_chunk::<1>()?;
    Some(u32::from_le_bytes(checksum.try_into().ok()?))
}
