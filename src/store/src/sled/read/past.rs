//! The past that the writer keeps for open snapshots.

use crate::StoreError;
use crate::sled::layout::keys;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Bytes of old records that a snapshot may hold before it is given up.
const MOST_KEPT: usize = if cfg!(test) { 1 << 20 } else { 256 << 20 };

/// The past of a snapshot: what changed records and their chunks were when it was taken; `None` when
/// there was nothing under the key.
pub struct Past {
    pub(super) records: BTreeMap<Vec<u8>, Option<sled::IVec>>,
    pub(super) chunks: BTreeMap<Vec<u8>, Option<sled::IVec>>,
    bytes: usize,
    pub(super) given_up: bool,
    /// Where the snapshot goes on: records before this key have been read.
    pub(super) next: Vec<u8>,
}

impl Past {
    fn new() -> Self {
        let (records, chunks) = (BTreeMap::new(), BTreeMap::new());
        Self { records, chunks, bytes: 0, given_up: false, next: keys::RECORDS.to_vec() }
    }

    /// Keeps what stands under the key of a record or chunk, unless that is known or was read.
    fn keep(&mut self, tree: &sled::Tree, key: &[u8]) -> Result<(), StoreError> {
        let is_chunk = key.starts_with(keys::CHUNKS);
        let first_unread = if is_chunk { self.next_chunk() } else { self.next.clone() };
        let values = if is_chunk { &mut self.chunks } else { &mut self.records };
        if self.given_up || *key < first_unread[..] || values.contains_key(key) {
            return Ok(());
        }
        let old = tree.get(key)?;
        self.bytes += size(key, &old);
        values.insert(key.to_vec(), old);
        if self.bytes > MOST_KEPT {
            *self = Self { given_up: true, ..Self::new() };
        }
        Ok(())
    }

    /// Goes on at a key, and forgets what is before it.
    pub(super) fn go_on_at(&mut self, next: Vec<u8>) {
        self.next = next;
        let chunks = self.chunks.split_off(&self.next_chunk());
        let records = self.records.split_off(&self.next);
        let read = std::mem::replace(&mut self.chunks, chunks).into_iter();
        let read = read.chain(std::mem::replace(&mut self.records, records));
        self.bytes -= read.map(|(key, old)| size(&key, &old)).sum::<usize>();
    }

    /// The key before which all chunks are of records that have been read. After a record's key the
    /// next one is the same with a zero; the chunks' keys have a zero there themselves.
    fn next_chunk(&self) -> Vec<u8> {
        match self.next.strip_prefix(keys::RECORDS) {
            Some([id @ .., 0]) => [keys::CHUNKS, id, &[1]].concat(),
            Some(id) => [keys::CHUNKS, id].concat(),
            None => keys::end_of(keys::CHUNKS),
        }
    }
}

fn size(key: &[u8], old: &Option<sled::IVec>) -> usize {
    key.len() + old.as_ref().map_or(0, |bytes| bytes.len())
}

/// The snapshots that are being read.
#[derive(Default)]
pub struct Snapshots(Mutex<Vec<Weak<Mutex<Past>>>>);

impl Snapshots {
    /// Keeps what stands under a record's key for those that are open. Called before a change,
    /// while readers are locked out.
    pub fn keep(&self, tree: &sled::Tree, changed: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut open = lock(&self.0);
        open.retain(|past| past.strong_count() > 0);
        for past in open.iter().filter_map(Weak::upgrade) {
            let mut past = lock(&past);
            for key in changed {
                past.keep(tree, key)?;
            }
        }
        Ok(())
    }

    pub(super) fn open(&self) -> Arc<Mutex<Past>> {
        let past = Arc::new(Mutex::new(Past::new()));
        lock(&self.0).push(Arc::downgrade(&past));
        past
    }
}

// The maps hold whole entries at any time, so a panic elsewhere has spoilt nothing.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(keys: &[&[u8]]) -> Past {
        let mut past = Past::new();
        for key in keys {
            let old = Some(sled::IVec::from(&[0; 100][..]));
            past.bytes += size(key, &old);
            let values = if key[0] == b'b' { &mut past.chunks } else { &mut past.records };
            values.insert(key.to_vec(), old);
        }
        past
    }

    #[test]
    fn nothing_is_kept_of_what_was_read() {
        let mut past =
            past(&[b"ra", b"ra.", b"rb", b"ba\0\0\0", b"ba\0\0\x01", b"ba.\0\0\0", b"bb\0\0\0"]);
        past.go_on_at(b"ra\0".to_vec());
        let left = |values: &BTreeMap<Vec<u8>, Option<sled::IVec>>| {
            values.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(left(&past.records), [b"ra.".to_vec(), b"rb".to_vec()]);
        assert_eq!(left(&past.chunks), [b"ba.\0\0\0".to_vec(), b"bb\0\0\0".to_vec()]);
        past.go_on_at(keys::end_of(keys::RECORDS));
        assert_eq!((past.records.len(), past.chunks.len(), past.bytes), (0, 0, 0));
    }
}
