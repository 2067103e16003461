//! Reads: straight from the tree, consistent with what the writer does.

use super::cursor;
use super::{keys, record};
use crate::aggregate::{Cell, DateRange, Level};
use crate::review::{Review, ReviewId, Subject};
use crate::store::{Page, Scope, StoreError, SubjectQuery, SubjectTotals, Totals};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Entries of a list that a page looks at before it ends early, when a filter skips many.
const MOST_SCANNED: usize = 10_000;

/// Answers questions.
pub struct Reader {
    tree: sled::Tree,
    cursor_key: [u8; 32],
    /// Held by the writer while it applies a group.
    applying: RwLock<()>,
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        StoreError::Io(error.to_string())
    }
}

impl Reader {
    /// A reader of a tree.
    pub fn new(tree: sled::Tree, cursor_key: [u8; 32]) -> Self {
        Self { tree, cursor_key, applying: RwLock::new(()) }
    }

    #[cfg(test)]
    pub fn tree(&self) -> &sled::Tree {
        &self.tree
    }

    /// Keeps reads of several keys out while a group is applied.
    pub fn lock_out(&self) -> RwLockWriteGuard<'_, ()> {
        // The lock guards no data, so a panic while it was held has spoilt nothing.
        self.applying.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn consistent(&self) -> RwLockReadGuard<'_, ()> {
        self.applying.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The review with this id.
    pub fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let Some(bytes) = self.tree.get(keys::record(id))? else { return Ok(None) };
        record::decode_review(id.as_str(), &bytes).map(Some)
    }

    /// Everything in a scope and range added up; see [`crate::store::Store::totals`].
    pub fn totals(&self, scope: &Scope, range: DateRange) -> Result<Option<Totals>, StoreError> {
        let _view = self.consistent();
        let all_time = self.cell(scope, Level::Total)?;
        if all_time.is_none() && *scope != Scope::All {
            return Ok(None);
        }
        let mut cell = Cell::default();
        for piece in range.pieces() {
            if piece.level == Level::Total {
                cell.merge(&all_time.clone().unwrap_or_default());
                continue;
            }
            let prefix = keys::cells(scope, piece.level);
            let bound = |date: Date| [&prefix[..], &keys::date_bytes(date)].concat();
            let first = piece.first.map_or_else(|| prefix.clone(), bound);
            let past = piece.past.map_or_else(|| end_of(&prefix), bound);
            for entry in self.tree.range(first..past) {
                let (key, bytes) = entry?;
                cell.merge(&record::decode_cell(&key, &bytes)?);
            }
        }
        let span = if cell.is_empty() { None } else { self.span(scope, range)? };
        Ok(Some(Totals { cell, span }))
    }

    fn cell(&self, scope: &Scope, level: Level) -> Result<Option<Cell>, StoreError> {
        let key = keys::cells(scope, level);
        let bytes = self.tree.get(&key)?;
        bytes.map(|bytes| record::decode_cell(&key, &bytes)).transpose()
    }

    /// Earliest and latest `written_at` within a range.
    fn span(
        &self,
        scope: &Scope,
        range: DateRange,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let prefix = keys::times(scope);
        let at = |date: Date| {
            let midnight = date.to_zoned(TimeZone::UTC).map(|z| z.timestamp()).unwrap_or_default();
            let mut key = prefix.clone();
            key.extend_from_slice(&keys::moment(midnight));
            key
        };
        let first = range.from.map_or_else(|| prefix.clone(), at);
        let past = range.to.map_or_else(|| end_of(&prefix), at);
        let mut times = self.tree.range(first..past);
        let time = |entry: Option<sled::Result<(sled::IVec, sled::IVec)>>| match entry {
            Some(entry) => Ok::<_, StoreError>(keys::time_in(&prefix, &entry?.0)),
            None => Ok(None),
        };
        let earliest = time(times.next())?;
        // A range gives each entry once; the only one is both ends.
        let latest = time(times.next_back())?.or(earliest);
        Ok(earliest.zip(latest))
    }

    /// `written_at` of the latest review of a scope.
    pub fn last_written_at(&self, scope: &Scope) -> Result<Option<Timestamp>, StoreError> {
        let prefix = keys::times(scope);
        match self.tree.range(prefix.clone()..end_of(&prefix)).next_back() {
            Some(entry) => Ok(keys::time_in(&prefix, &entry?.0)),
            None => Ok(None),
        }
    }

    /// A page of subjects; see [`crate::store::Store::subjects`].
    pub fn subjects(&self, query: &SubjectQuery) -> Result<Page<SubjectTotals>, StoreError> {
        let _view = self.consistent();
        let list = keys::subjects(query.sort);
        let skip = list.len() + keys::rank_length(query.sort);
        let name = format!("subjects {:?} {:?}", query.sort, query.prefix);
        // Names are sorted, so a prefix is a range of them; in other orders it is a filter.
        let prefix = match keys::rank_length(query.sort) {
            0 => [&list[..], query.prefix.as_bytes()].concat(),
            _ => list,
        };
        let first = match &query.cursor {
            Some(cursor) => {
                Bound::Excluded(cursor::read(&self.cursor_key, &name, cursor)?.to_vec())
            }
            None => Bound::Included(prefix.clone()),
        };
        let range = (first, Bound::Excluded(end_of(&prefix)));
        let mut entries = self.tree.range::<Vec<u8>, _>(range);
        let mut items = Vec::new();
        let mut last_seen = None;
        for entry in entries.by_ref().take(MOST_SCANNED) {
            let (key, _) = entry?;
            let subject = std::str::from_utf8(key.get(skip..).unwrap_or_default()).unwrap_or("");
            if subject.starts_with(&query.prefix) {
                items.push(self.subject_totals(subject)?);
            }
            last_seen = Some(key);
            if items.len() == query.limit {
                break;
            }
        }
        let goes_on = entries.next().transpose()?.is_some();
        let next = last_seen.filter(|_| goes_on);
        Ok(Page { items, next: next.map(|key| cursor::make(&self.cursor_key, &name, &key)) })
    }

    fn subject_totals(&self, name: &str) -> Result<SubjectTotals, StoreError> {
        let damaged = |why: &str| StoreError::Damaged {
            what: format!("the list entry of subject {name:?}"),
            why: why.into(),
        };
        let subject: Subject = name.parse().map_err(|_| damaged("it is not a name"))?;
        let scope = Scope::Subject(subject.clone());
        let cell = self.cell(&scope, Level::Total)?.ok_or_else(|| damaged("it has no cell"))?;
        let last_written_at =
            self.last_written_at(&scope)?.ok_or_else(|| damaged("it has no reviews"))?;
        Ok(SubjectTotals { subject, cell, last_written_at })
    }
}

/// The first key after all that start with `prefix`. Prefixes end in a byte below 255.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}
