//! The cells and the lists of subjects, compared with a recount: reviews go by once for each scope, in
//! the order of time.

use super::Check;
use crate::sled::damage::guarded;
use crate::sled::layout::keys::{self, Order, end_of};
use crate::sled::layout::{cell, cell_keys};
use crate::{Scope, StoreError};
use heartstrings_core::aggregate::{Cell, Contribution, Level, day_of, month_of};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;

impl Check<'_> {
    /// Every cell and every entry of a list of subjects is what a recount makes.
    pub(super) fn cells(&mut self) -> Result<(), StoreError> {
        let prefix = keys::order_byte(Order::Time).to_vec();
        let mut open: Option<Recount> = None;
        for entry in self.reader.tree.range(prefix.clone()..end_of(&prefix)) {
            let (key, _) = entry?;
            let Some((scope, _, id)) = keys::scope_and_place(&key) else { continue };
            let Some(review) = self.readable(&id)? else { continue };
            if open.as_ref().is_none_or(|recount| recount.scope != scope)
                && let Some(done) = open.replace(Recount::new(scope))
            {
                self.finish(done)?;
            }
            if let Some(mut recount) = open.take() {
                self.count(&mut recount, &review)?;
                open = Some(recount);
            }
        }
        if let Some(done) = open {
            self.finish(done)?;
        }
        let mut listed = 0;
        for entry in self.reader.tree.scan_prefix(keys::SUBJECT_LISTS) {
            entry?;
            listed += 1;
        }
        if listed != 5 * self.subjects {
            self.report(format!(
                "the lists of subjects have {listed} entries instead of {}",
                5 * self.subjects
            ));
        }
        Ok(())
    }

    /// A review, or nothing for one that is missing or damaged, which has been told of.
    fn readable(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        match guarded(|| self.reader.view().review(id)) {
            Err(StoreError::Damaged { .. } | StoreError::Io(_)) => Ok(None),
            other => other,
        }
    }

    fn count(&mut self, recount: &mut Recount, review: &Review) -> Result<(), StoreError> {
        let day = day_of(review.written_at);
        if let Some((last, cell)) = recount.day.take_if(|(last, _)| *last != day) {
            self.compare(&recount.scope, Level::Day, last, &cell)?;
        }
        let month = month_of(day);
        if let Some((last, cell)) = recount.month.take_if(|(last, _)| *last != month) {
            self.compare(&recount.scope, Level::Month, last, &cell)?;
        }
        let contribution = Contribution::of(&review.analysis, review.content.rating);
        recount.day.get_or_insert_with(|| (day, Cell::default())).1.add(&contribution);
        recount.month.get_or_insert_with(|| (month, Cell::default())).1.add(&contribution);
        recount.total.add(&contribution);
        recount.last = Some(review.written_at);
        Ok(())
    }

    fn finish(&mut self, recount: Recount) -> Result<(), StoreError> {
        let Recount { scope, day, month, total, last } = recount;
        for (level, cell) in [(Level::Day, day), (Level::Month, month)] {
            if let Some((date, cell)) = cell {
                self.compare(&scope, level, date, &cell)?;
            }
        }
        self.compare(&scope, Level::Total, Date::default(), &total)?;
        if let Scope::Subject(subject) = &scope {
            self.subjects += 1;
            for key in cell_keys::list_entries(subject, &total, last) {
                if !self.reader.tree.contains_key(key)? {
                    self.report(format!("subject {subject:?} is missing from a list of subjects"));
                }
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        scope: &Scope,
        level: Level,
        date: Date,
        expected: &Cell,
    ) -> Result<(), StoreError> {
        self.findings.cells += 1;
        let key = keys::cell(scope, level, date);
        let wrong = match self.reader.tree.get(&key)? {
            None => Some("is missing".to_owned()),
            Some(bytes) => match cell::decode(&key, &bytes) {
                Err(error) => Some(error.to_string()),
                Ok((cell, _)) if cell != *expected => Some("differs from a recount".into()),
                // The lists by time have been compared with the records by now.
                Ok((_, Some(span)))
                    if self.reader.span(scope, cell_keys::days_of(level, date))? != Some(span) =>
                {
                    Some("has another first or last time than its reviews".into())
                }
                Ok(_) => None,
            },
        };
        if let Some(wrong) = wrong {
            self.report(format!("the cell of {scope:?}, {level:?} {date}: {wrong}"));
        }
        Ok(())
    }

    /// No cell is left of reviews that are gone.
    pub(super) fn leftover_cells(&mut self) -> Result<(), StoreError> {
        for entry in self.reader.tree.scan_prefix(keys::CELLS) {
            let (key, _) = entry?;
            let Some((scope, level, date)) = keys::scope_and_date(&key) else {
                self.report(format!("an aggregate cell has no name: {key:?}"));
                continue;
            };
            if self.reader.span(&scope, cell_keys::days_of(level, date))?.is_none() {
                self.report(format!("the cell of {scope:?}, {level:?} {date} is of no review"));
            }
        }
        Ok(())
    }
}

/// Sums of a scope while its reviews go by in the order of time.
struct Recount {
    scope: Scope,
    day: Option<(Date, Cell)>,
    month: Option<(Date, Cell)>,
    total: Cell,
    last: Option<Timestamp>,
}

impl Recount {
    fn new(scope: Scope) -> Self {
        Self { scope, day: None, month: None, total: Cell::default(), last: None }
    }
}
