//! Reads: straight from the tree, consistent with what the writer does.

use super::cell_record::{self, Span, StoredCell};
use super::keys::{Order, end_of};
use super::open::Opened;
use super::record::RequestRecord;
use super::snapshot::Snapshots;
use super::{facets, keys, parts, record};
use crate::{Answered, IdempotencyKey, Scope, StoreError, Totals};
use heartstrings_core::aggregate::{Cell, DateRange, Interval, Level, Summary};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Answers questions.
pub struct Reader {
    pub(super) tree: sled::Tree,
    pub(super) cursor_key: [u8; 32],
    /// Entries of a list that a page looks at.
    pub(super) page_scan: usize,
    /// Held by the writer while it applies a group.
    applying: RwLock<()>,
    /// Those who read the past.
    pub(super) snapshots: Snapshots,
    /// How often something damaged was left out of a list.
    pub(super) damaged: AtomicU64,
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        // Of a damaged page sled prints a trace that it has not taken.
        StoreError::Io(error.to_string().replace(" backtrace ()", ""))
    }
}

impl Reader {
    /// A reader of an open database.
    pub fn new(opened: &Opened) -> Self {
        Self {
            tree: opened.tree.clone(),
            cursor_key: opened.cursor_key,
            page_scan: opened.page_scan,
            applying: RwLock::new(()),
            snapshots: Snapshots::default(),
            damaged: AtomicU64::new(0),
        }
    }

    /// Keeps reads of several keys out while a group is applied.
    pub fn lock_out(&self) -> RwLockWriteGuard<'_, ()> {
        // The lock guards no data, so a panic while it was held has spoilt nothing.
        self.applying.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn consistent(&self) -> RwLockReadGuard<'_, ()> {
        self.applying.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The review with this id, for those who hold no lock.
    pub fn get(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        match self.tree.get(keys::record(id))? {
            // The parts must be of the same write.
            Some(first) if parts::is_first(&first) => {
                let _view = self.consistent();
                self.review(id)
            }
            Some(record) => record::decode_review(id.as_str(), &record).map(Some),
            None => Ok(None),
        }
    }

    /// The review with this id, for the writer and those who keep it out.
    pub fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        match self.tree.get(keys::record(id))? {
            Some(first) => self.review_from(id, &first).map(Some),
            None => Ok(None),
        }
    }

    /// The review whose key holds this value.
    pub fn review_from(&self, id: &ReviewId, first: &[u8]) -> Result<Review, StoreError> {
        if !parts::is_first(first) {
            return record::decode_review(id.as_str(), first);
        }
        let record = parts::join(id, first, |key| Ok(self.tree.get(key)?))?;
        record::decode_review(id.as_str(), &record)
    }

    /// The request that carried an idempotency key, however old it is.
    pub fn request(&self, key: &IdempotencyKey) -> Result<Option<RequestRecord>, StoreError> {
        let bytes = self.tree.get(keys::request(&key.0))?;
        bytes.map(|bytes| record::decode_request(&bytes)).transpose()
    }

    /// What came of an earlier request; see [`crate::Store::answered`].
    pub fn answered(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Answered>, StoreError> {
        let _view = self.consistent();
        let request = self.request(key)?.filter(|request| request.is_remembered(now));
        let Some(request) = request else { return Ok(None) };
        let review = self.review(&request.id)?;
        Ok(review.map(|review| Answered { fingerprint: request.fingerprint, review }))
    }

    /// Everything in a scope and range added up; see [`crate::Store::totals`].
    pub fn totals(&self, scope: &Scope, range: DateRange) -> Result<Option<Totals>, StoreError> {
        let _view = self.consistent();
        if !self.knows(scope)? {
            return Ok(None);
        }
        let mut sum = Sum::default();
        for piece in range.pieces() {
            if piece.level == Level::Total {
                if let Some((cell, span)) = self.total(scope)? {
                    sum.add(cell, span);
                }
                continue;
            }
            for entry in self.cells(scope, piece.level, piece.first, piece.past) {
                let (_, (cell, span)) = entry?;
                sum.add(cell, span);
            }
        }
        self.finish(sum, scope, range).map(Some)
    }

    /// One entry an interval; see [`crate::Store::timeline`].
    pub fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
    ) -> Result<Option<Vec<(Date, Summary)>>, StoreError> {
        let _view = self.consistent();
        if !self.knows(scope)? {
            return Ok(None);
        }
        // Whole months are read as such; a range that cuts one needs its days.
        let cuts = |day: Option<Date>| day.is_some_and(|day| day.day() != 1);
        let of_months = interval.is_of_months() && !cuts(range.from) && !cuts(range.to);
        let level = if of_months { Level::Month } else { Level::Day };
        let mut points = Vec::with_capacity(A_YEAR);
        let mut finish = |(start, sum): (Date, Sum)| {
            let totals = self.finish(sum, scope, interval.days(start).within(range))?;
            points.push((start, Summary::of(&totals.cell, totals.span)));
            Ok::<_, StoreError>(())
        };
        let mut current: Option<(Date, Sum)> = None;
        for entry in self.cells(scope, level, range.from, range.to) {
            let (date, (cell, span)) = entry?;
            let start = interval.start(date);
            match &mut current {
                Some((same, sum)) if *same == start => sum.add(cell, span),
                _ => {
                    let mut sum = Sum::default();
                    sum.add(cell, span);
                    current.replace((start, sum)).map(&mut finish).transpose()?;
                }
            }
        }
        current.map(finish).transpose()?;
        Ok(Some(points))
    }

    /// Whether a scope has lists by label, emotion and source.
    pub(super) fn has_facets(&self, scope: &Scope) -> Result<bool, StoreError> {
        Ok(self.tree.contains_key(facets::mark(scope))?)
    }

    /// Whether a summary can be given: always of everything, of a subject when it has reviews.
    fn knows(&self, scope: &Scope) -> Result<bool, StoreError> {
        Ok(*scope == Scope::All || self.tree.contains_key(keys::cells(scope, Level::Total))?)
    }

    /// Cells of the first version do not say when their reviews were written: the list by time
    /// does.
    fn finish(&self, sum: Sum, scope: &Scope, range: DateRange) -> Result<Totals, StoreError> {
        let span = if sum.lacks_span { self.span(scope, range)? } else { sum.span };
        Ok(Totals { cell: sum.cell.unwrap_or_default(), span })
    }

    /// The stored cells of a level from one date to before another.
    fn cells(
        &self,
        scope: &Scope,
        level: Level,
        first: Option<Date>,
        past: Option<Date>,
    ) -> impl Iterator<Item = Result<(Date, StoredCell), StoreError>> {
        let prefix = keys::cells(scope, level);
        let bound = |date: Date| [&prefix[..], &keys::date_bytes(date)].concat();
        let first = first.map_or_else(|| prefix.clone(), bound);
        let past = past.map_or_else(|| end_of(&prefix), bound);
        // sled panics at a range that ends before it starts.
        let entries = (first < past).then(|| self.tree.range(first..past));
        entries.into_iter().flatten().map(move |entry| {
            let (key, bytes) = entry?;
            let cell = cell_record::decode_cell(&key, &bytes)?;
            let date = keys::date_in(&prefix, &key).ok_or_else(|| StoreError::Damaged {
                what: format!("aggregate cell {}", String::from_utf8_lossy(&key).escape_default()),
                why: "its date is not one".into(),
            })?;
            Ok((date, cell))
        })
    }

    /// The cell of all time.
    pub(super) fn total(&self, scope: &Scope) -> Result<Option<StoredCell>, StoreError> {
        let key = keys::cells(scope, Level::Total);
        let bytes = self.tree.get(&key)?;
        bytes.map(|bytes| cell_record::decode_cell(&key, &bytes)).transpose()
    }

    /// Earliest and latest `written_at` within a range.
    pub(super) fn span(&self, scope: &Scope, range: DateRange) -> Result<Option<Span>, StoreError> {
        let (prefix, range) = times(scope, range);
        let mut entries = self.tree.range(range);
        let time = |entry: Option<sled::Result<(sled::IVec, sled::IVec)>>| match entry {
            Some(entry) => Ok::<_, StoreError>(time_in(&prefix, &entry?.0)),
            None => Ok(None),
        };
        let earliest = time(entries.next())?;
        // A range gives each entry once; the only one is both ends.
        let latest = time(entries.next_back())?.or(earliest);
        Ok(earliest.zip(latest))
    }

    /// `written_at` of the latest review of a scope.
    pub fn last_written_at(&self, scope: &Scope) -> Result<Option<Timestamp>, StoreError> {
        let prefix = keys::ordered(scope, Order::Time);
        match self.tree.range(prefix.clone()..end_of(&prefix)).next_back() {
            Some(entry) => Ok(time_in(&prefix, &entry?.0)),
            None => Ok(None),
        }
    }
}

/// Prefix and range of the keys of a scope's reviews by time, within days.
pub fn times(scope: &Scope, days: DateRange) -> (Vec<u8>, Range<Vec<u8>>) {
    let prefix = keys::ordered(scope, Order::Time);
    let at = |date: Date| {
        let midnight = date.to_zoned(TimeZone::UTC).map(|z| z.timestamp()).unwrap_or_default();
        keys::at_rank(&prefix, midnight.as_microsecond())
    };
    let first = days.from.map_or_else(|| prefix.clone(), at);
    let past = days.to.map_or_else(|| end_of(&prefix), at);
    (prefix, first..past)
}

/// Room for a time line of days, which is the longest that is asked for often.
const A_YEAR: usize = 366;

/// Cells that are being added up.
#[derive(Default)]
struct Sum {
    cell: Option<Cell>,
    span: Option<Span>,
    /// Whether one of them had no span.
    lacks_span: bool,
}

impl Sum {
    fn add(&mut self, cell: Cell, span: Option<Span>) {
        match &mut self.cell {
            Some(sum) => sum.merge(&cell),
            None => self.cell = Some(cell),
        }
        self.lacks_span |= span.is_none();
        self.span = match (self.span, span) {
            (Some(sum), Some(span)) => Some((sum.0.min(span.0), sum.1.max(span.1))),
            (sum, span) => sum.or(span),
        };
    }
}

/// The time in a key of the order by time.
pub fn time_in(prefix: &[u8], key: &[u8]) -> Option<Timestamp> {
    keys::place_of(prefix, key).and_then(|(rank, _)| Timestamp::from_microsecond(rank).ok())
}
