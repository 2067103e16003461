//! Reading on behind places of the log that sled cannot read.
//!
//! sled keeps some twenty neighbouring keys in a page. A page whose bytes are damaged ends every
//! scan that comes to it: the key that the next page starts with is known to its parent alone, which
//! sled keeps to itself. But the lists name all reviews, so the next one that can be read is found
//! by asking for those that are listed, one after the other. Those that cannot be read are named on
//! the way.

use super::reader::Reader;
use crate::sled::damage::{guarded, named};
use crate::sled::layout::keys::{self, Order, end_of};
use crate::{Scope, StoreError};
use std::collections::BTreeSet;

/// Listed reviews that are asked for before the lists are read again; more than a page holds.
const ASKED: usize = 1_024;

/// The key of a record and its value, or why that cannot be read.
pub type Read = (Vec<u8>, Result<sled::IVec, StoreError>);

impl Reader {
    /// Records from a key on, in the order of their keys: `most` of them, or fewer at the end. Those
    /// that stand where the log cannot be read are named, if a list that can be read names them;
    /// where none says what follows, one entry says so.
    pub fn records(&self, first: &[u8], most: usize) -> Vec<Read> {
        let mut found = Vec::new();
        let mut next = Some(first.to_vec());
        while let Some(first) = next.take().filter(|_| found.len() < most) {
            if let Err(error) = self.read_on(&first, most, &mut found) {
                let read = found.last().map(|(key, _)| after(key));
                let first = read.into_iter().fold(first, Vec::max);
                next = self.go_around(first, &error, most, &mut found);
            }
        }
        found
    }

    /// Reads records from a key on until there are `most`, or to the end.
    fn read_on(&self, first: &[u8], most: usize, found: &mut Vec<Read>) -> Result<(), StoreError> {
        let mut entries = self.tree.range(first.to_vec()..end_of(keys::RECORDS));
        while found.len() < most {
            match guarded(|| Ok(entries.next().transpose()?))? {
                Some((key, value)) => found.push((key.to_vec(), Ok(value))),
                None => break,
            }
        }
        Ok(())
    }

    /// Names the reviews from a key on that cannot be read, and takes the next one that can. Gives
    /// the key from which to read on; `None` when there is none, or when there are `most` entries.
    fn go_around(
        &self,
        mut first: Vec<u8>,
        error: &StoreError,
        most: usize,
        found: &mut Vec<Read>,
    ) -> Option<Vec<u8>> {
        let mut is_named = false;
        loop {
            let (listed, is_complete) = self.listed_from(&first);
            for key in &listed {
                let id = keys::review_of(key).ok()?;
                match named(&id, guarded(|| Ok(self.tree.get(key)?))) {
                    Ok(Some(value)) => {
                        found.push((key.clone(), Ok(value)));
                        return Some(after(key));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        is_named = true;
                        found.push((key.clone(), Err(error)));
                    }
                }
                if found.len() == most {
                    return None;
                }
            }
            match listed.last() {
                Some(last) if listed.len() == ASKED => first = after(last),
                _ if is_complete || is_named => return None,
                _ => break,
            }
        }
        let last = first.strip_prefix(keys::RECORDS).unwrap_or_default();
        let last = String::from_utf8_lossy(last.strip_suffix(&[0]).unwrap_or(last)).into_owned();
        let what = format!("whatever follows review {last:?}");
        let why = format!("neither it nor the lists that would name it can be read: {error}");
        found.push((first, Err(StoreError::Damaged { what, why })));
        None
    }

    /// Keys of the records from `first` on that the lists of all reviews name, the lowest
    /// [`ASKED`] of them, and whether a list was read to its end.
    fn listed_from(&self, first: &[u8]) -> (BTreeSet<Vec<u8>>, bool) {
        let mut lowest = BTreeSet::new();
        for order in Order::ALL {
            let prefix = keys::ordered(&Scope::All, order);
            let mut take = |key: &[u8]| {
                let place = keys::place_of(&prefix, key);
                let record = place.map(|(_, id)| keys::record(&id));
                lowest.extend(record.filter(|record| record[..] >= *first));
                if lowest.len() > ASKED {
                    lowest.pop_last();
                }
            };
            // From both ends, in case that only a part of it cannot be read.
            let mut entries = self.tree.range(prefix.clone()..end_of(&prefix)).keys();
            if each(|| entries.next(), &mut take) {
                return (lowest, true);
            }
            let mut entries = self.tree.range(prefix.clone()..end_of(&prefix)).keys();
            each(|| entries.next_back(), &mut take);
        }
        (lowest, false)
    }
}

/// Takes keys until there are no more; false when one cannot be read.
fn each(
    mut next: impl FnMut() -> Option<sled::Result<sled::IVec>>,
    take: &mut impl FnMut(&[u8]),
) -> bool {
    loop {
        match guarded(|| Ok(next().transpose()?)) {
            Ok(Some(key)) => take(&key),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// The first key after another.
pub fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}
