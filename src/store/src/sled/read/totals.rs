//! Totals and time lines, added up from stored cells.

use super::reader::Reader;
use crate::sled::layout::cell::{self, Span, StoredCell};
use crate::sled::layout::keys::{self, end_of};
use crate::{Scope, StoreError, Totals};
use heartstrings_core::aggregate::{Cell, DateRange, Interval, Level};
use jiff::civil::Date;

impl Reader {
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

    /// One entry for each interval; see [`crate::Store::timeline`].
    pub fn timeline(
        &self,
        scope: &Scope,
        interval: Interval,
        range: DateRange,
        take: &mut dyn FnMut(Date, Totals),
    ) -> Result<bool, StoreError> {
        let _view = self.consistent();
        if !self.knows(scope)? {
            return Ok(false);
        }
        // Whole months are read as such; a range that cuts one needs its days.
        let cuts = |day: Option<Date>| day.is_some_and(|day| day.day() != 1);
        let of_months = interval.is_of_months() && !cuts(range.from) && !cuts(range.to);
        let level = if of_months { Level::Month } else { Level::Day };
        let mut finish = |(start, sum): (Date, Sum)| {
            take(start, self.finish(sum, scope, interval.days(start).within(range))?);
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
        Ok(true)
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
            let cell = cell::decode(&key, &bytes)?;
            let date = keys::date_in(&prefix, &key).ok_or_else(|| StoreError::Damaged {
                what: format!("aggregate cell {}", String::from_utf8_lossy(&key).escape_default()),
                why: "its date is not one".into(),
            })?;
            Ok((date, cell))
        })
    }
}

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
