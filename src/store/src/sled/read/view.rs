//! What stands under keys: the tree as it is, or as changes that are not applied yet leave it.
//!
//! Readers look at the tree alone. The writer looks at it through the changes of its group, so that
//! each write sees those before it.

use crate::sled::layout::cell::Span;
use crate::sled::layout::keys::{self, Order, end_of};
use crate::sled::layout::request::{self, RequestRecord};
use crate::sled::layout::{chunks, review};
use crate::{Answered, IdempotencyKey, Scope, StoreError};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::ops::Range;

/// Keys that will be written (`Some`) or removed (`None`).
pub type Overlay = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The tree, and what lies over it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    tree: &'a sled::Tree,
    overlay: Option<&'a Overlay>,
}

impl<'a> View<'a> {
    /// The tree as it is.
    pub fn of(tree: &'a sled::Tree) -> Self {
        Self { tree, overlay: None }
    }

    /// The tree with changes applied.
    pub fn through(overlay: &'a Overlay, tree: &'a sled::Tree) -> Self {
        Self { tree, overlay: Some(overlay) }
    }

    /// The change of a key, if there is one.
    fn change(&self, key: &[u8]) -> Option<&'a Option<Vec<u8>>> {
        self.overlay.and_then(|overlay| overlay.get(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, StoreError> {
        match self.change(key) {
            Some(value) => Ok(value.as_deref().map(sled::IVec::from)),
            None => Ok(self.tree.get(key)?),
        }
    }

    /// The review with this id.
    pub fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        match self.get(&keys::record(id))? {
            Some(first) => self.review_from(id, &first).map(Some),
            None => Ok(None),
        }
    }

    /// The review whose key holds this value.
    pub fn review_from(&self, id: &ReviewId, first: &[u8]) -> Result<Review, StoreError> {
        if !chunks::is_first(first) {
            return review::decode(id.as_str(), first);
        }
        let record = chunks::join(id, first, |key| self.get(key))?;
        review::decode(id.as_str(), &record)
    }

    /// The request that carried an idempotency key, however old it is.
    pub fn request(&self, key: &IdempotencyKey) -> Result<Option<RequestRecord>, StoreError> {
        let bytes = self.get(&keys::request(&key.0))?;
        bytes.map(|bytes| request::decode(&bytes)).transpose()
    }

    /// What came of an earlier request with this key, if the key still counts at `now` and the
    /// review is still there.
    pub fn answered(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Answered>, StoreError> {
        let request = self.request(key)?.filter(|request| request.is_remembered(now));
        let Some(request) = request else { return Ok(None) };
        let review = self.review(&request.id)?;
        Ok(review.map(|review| Answered { fingerprint: request.fingerprint, review }))
    }

    /// Entries under a prefix, the lowest keys first, `most` of them at most.
    pub fn entries(&self, prefix: &[u8], most: usize) -> Result<Vec<keys::Entry>, StoreError> {
        let range = prefix.to_vec()..end_of(prefix);
        let changed = self.overlay.into_iter().flat_map(|overlay| overlay.range(range.clone()));
        let added = changed.filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
        let mut found: BTreeMap<_, _> = added.take(most).collect();
        let mut stored = 0;
        for entry in self.tree.range(range) {
            let (key, value) = entry?;
            if self.change(&key).is_some() {
                continue;
            }
            found.insert(key.to_vec(), value.to_vec());
            stored += 1;
            if stored == most {
                break;
            }
        }
        Ok(found.into_iter().take(most).collect())
    }

    /// Earliest and latest `written_at` of the reviews of a scope within days.
    pub fn span(&self, scope: &Scope, days: DateRange) -> Result<Option<Span>, StoreError> {
        let (prefix, range) = times(scope, days);
        // sled panics at a range that ends before it starts.
        if range.start > range.end {
            return Ok(None);
        }
        let earliest = self.first_time(&prefix, self.tree.range(range.clone()))?;
        let latest = self.first_time(&prefix, self.tree.range(range.clone()).rev())?;
        let changed = self.overlay.map(|overlay| overlay.range(range));
        let mut added = changed.into_iter().flatten().filter(|(_, value)| value.is_some());
        let first_added = added.next().and_then(|(key, _)| time_in(&prefix, key));
        let last_added =
            added.next_back().and_then(|(key, _)| time_in(&prefix, key)).or(first_added);
        let earliest = earliest.into_iter().chain(first_added).min();
        Ok(earliest.zip(latest.max(last_added)))
    }

    /// `written_at` of the latest review of a scope in the tree.
    pub fn last_written_at(&self, scope: &Scope) -> Result<Option<Timestamp>, StoreError> {
        let (prefix, range) = times(scope, DateRange::default());
        self.first_time(&prefix, self.tree.range(range).rev())
    }

    /// The time in the first of these entries that is not removed.
    fn first_time(
        &self,
        prefix: &[u8],
        entries: impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>,
    ) -> Result<Option<Timestamp>, StoreError> {
        for entry in entries {
            let (key, _) = entry?;
            if !matches!(self.change(&key), Some(None)) {
                return Ok(time_in(prefix, &key));
            }
        }
        Ok(None)
    }
}

/// Prefix and range of the keys of a scope's reviews by time, within days.
fn times(scope: &Scope, days: DateRange) -> (Vec<u8>, Range<Vec<u8>>) {
    let prefix = keys::ordered(scope, Order::Time);
    let at = |date: Date| {
        let midnight = date.to_zoned(TimeZone::UTC).map(|z| z.timestamp()).unwrap_or_default();
        keys::at_rank(&prefix, midnight.as_microsecond())
    };
    let first = days.from.map_or_else(|| prefix.clone(), at);
    let past = days.to.map_or_else(|| end_of(&prefix), at);
    (prefix, first..past)
}

/// The time in a key of the order by time.
fn time_in(prefix: &[u8], key: &[u8]) -> Option<Timestamp> {
    keys::place_of(prefix, key).and_then(|(rank, _)| Timestamp::from_microsecond(rank).ok())
}
