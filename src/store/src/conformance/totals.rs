//! Totals and time lines, compared with a recount.

use super::{Fixture, any_reviews, check, create_all, open, runtime, scope};
use crate::{Scope, Store, Totals};
use heartstrings_core::aggregate::{Cell, Contribution, DateRange, Interval, day_of};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use tokio::runtime::Runtime;

/// A time line; `None` for an unknown scope.
pub fn timeline(
    runtime: &Runtime,
    store: &dyn Store,
    scope: &Scope,
    interval: Interval,
    range: DateRange,
) -> Option<Vec<(Date, Totals)>> {
    let (sender, taken) = channel();
    let take = Box::new(move |start, totals| sender.send((start, totals)).unwrap());
    let is_known = runtime.block_on(store.timeline(scope, interval, range, take)).unwrap();
    is_known.then(|| taken.into_iter().collect())
}

/// The totals of subjects `s0` to `s2` and of all reviews, over several ranges.
pub fn check_totals(
    runtime: &Runtime,
    store: &dyn Store,
    model: &BTreeMap<ReviewId, Review>,
) -> Result<(), TestCaseError> {
    let date = |text: &str| Some(text.parse::<Date>().unwrap());
    let ranges = [
        DateRange::default(),
        DateRange { from: date("2024-01-20"), to: date("2024-02-10") },
        DateRange { from: date("2024-02-01"), to: None },
        DateRange { from: None, to: date("2024-01-31") },
        DateRange { from: date("2024-02-01"), to: date("2024-01-01") },
    ];
    for subject in ["s0", "s1", "s2"] {
        let known: Vec<&Review> =
            model.values().filter(|r| r.content.subject.as_str() == subject).collect();
        for range in ranges {
            let totals = runtime.block_on(store.totals(&scope(subject), range)).unwrap();
            let within: Vec<&&Review> = known
                .iter()
                .filter(|r| range.from.is_none_or(|from| day_of(r.written_at) >= from))
                .filter(|r| range.to.is_none_or(|to| day_of(r.written_at) < to))
                .collect();
            let mut cell = Cell::default();
            within.iter().for_each(|r| cell.add(&Contribution::of(&r.analysis, r.content.rating)));
            let first = within.iter().map(|r| r.written_at).min();
            let last = within.iter().map(|r| r.written_at).max();
            let expected = (!known.is_empty()).then(|| Totals { cell, span: first.zip(last) });
            prop_assert_eq!(totals, expected);
        }
    }
    Ok(())
}

pub fn every_time_line_adds_up<F: Fixture>() {
    check(&(any_reviews(), any::<bool>()), |(all, cut)| {
        let (runtime, fixture) = (runtime(), F::fresh());
        let store = open(&fixture);
        create_all(&runtime, &*store, &all);
        let day = |text: &str| cut.then(|| text.parse().unwrap());
        let range = DateRange { from: day("2024-01-20"), to: day("2024-02-10") };
        for interval in [Interval::Day, Interval::Week, Interval::Month, Interval::Year] {
            let mut sums: BTreeMap<_, (Cell, Vec<Timestamp>)> = BTreeMap::new();
            for review in &all {
                let day = day_of(review.written_at);
                if range.from.is_some_and(|from| day < from) || range.to.is_some_and(|to| day >= to)
                {
                    continue;
                }
                let (cell, times) = sums.entry(interval.start(day)).or_default();
                cell.add(&Contribution::of(&review.analysis, review.content.rating));
                times.push(review.written_at);
            }
            let line = timeline(&runtime, &*store, &Scope::All, interval, range).unwrap();
            prop_assert_eq!(line.len(), sums.len());
            for ((start, totals), (expected, (cell, times))) in line.into_iter().zip(sums) {
                prop_assert_eq!(start, expected);
                let span = times.iter().min().copied().zip(times.iter().max().copied());
                prop_assert_eq!(totals, Totals { cell, span });
            }
        }
        Ok(())
    });
}

/// An unknown subject has neither totals nor a time line; everything has both, empty as it may be.
pub fn what_is_not_known_has_no_totals<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let range = DateRange::default();
    assert_eq!(runtime.block_on(store.totals(&scope("film"), range)).unwrap(), None);
    assert_eq!(timeline(&runtime, &*store, &scope("film"), Interval::Day, range), None);
    let all = runtime.block_on(store.totals(&Scope::All, range)).unwrap();
    assert_eq!(all, Some(Totals { cell: Cell::default(), span: None }));
    let line = timeline(&runtime, &*store, &Scope::All, Interval::Day, range);
    assert_eq!(line, Some(Vec::new()));
}
