//! Cursors: where a page of a list ended, signed.
//!
//! A cursor is the key of the last entry of a page, so it stays good when entries before or after
//! it come and go. It is signed together with the query that it belongs to, with a secret of the
//! database: one that was made up, cut, or taken to another list is refused.

use crate::StoreError;
use sha2::{Digest, Sha256};

/// Where a page of a list ended, opaque to everyone but the store that made it. It survives inserts
/// and deletes between pages; one that was tampered with, or that belongs to another query, is
/// refused with [`StoreError::BadCursor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// Bytes of a signature. 64 bits are out of reach for a client that has to ask the service about
/// each guess, and all that a forged cursor could do is start a page somewhere else.
const SIGNATURE: usize = 8;

/// A cursor that goes on after `key` in the list that `query` names.
pub fn make(secret: &[u8; 32], query: &str, key: &[u8]) -> Cursor {
    Cursor([&signature(secret, query, key)[..], key].concat())
}

/// The key in a cursor.
pub fn read<'a>(
    secret: &[u8; 32],
    query: &str,
    cursor: &'a Cursor,
) -> Result<&'a [u8], StoreError> {
    let (signed, key) = cursor.0.split_at_checked(SIGNATURE).ok_or(StoreError::BadCursor)?;
    if signed == signature(secret, query, key) { Ok(key) } else { Err(StoreError::BadCursor) }
}

/// A hash of secret, query and key, each framed by its length; hashed twice, so that it cannot
/// be extended (the construction of HMAC, with a fixed-length secret).
fn signature(secret: &[u8; 32], query: &str, key: &[u8]) -> [u8; SIGNATURE] {
    let inner = Sha256::new()
        .chain_update(secret)
        .chain_update((query.len() as u64).to_be_bytes())
        .chain_update(query)
        .chain_update(key)
        .finalize();
    let outer = Sha256::new().chain_update(secret).chain_update(inner).finalize();
    let mut signature = [0; SIGNATURE];
    signature.copy_from_slice(&outer[..SIGNATURE]);
    signature
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // `make fuzz` tries a million.
        #[test]
        fn fuzz_cursors(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&[7; 32], "by-name", &Cursor(bytes)).is_err());
        }
    }

    #[test]
    fn only_what_was_made_here_for_this_list_is_read() {
        let secret = [7; 32];
        let cursor = make(&secret, "by-name", b"some key");
        assert_eq!(read(&secret, "by-name", &cursor).unwrap(), b"some key");
        assert!(read(&secret, "by-reviews", &cursor).is_err());
        assert!(read(&[8; 32], "by-name", &cursor).is_err());
        for place in 0..cursor.0.len() {
            let mut forged = cursor.clone();
            forged.0[place] ^= 1;
            assert!(read(&secret, "by-name", &forged).is_err());
        }
        assert!(read(&secret, "by-name", &Cursor(vec![])).is_err());
    }
}
