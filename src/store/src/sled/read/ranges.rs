//! The part of a list that a page of reviews reads.

use super::filter::Wanted;
use super::reader::Reader;
use crate::sled::layout::filter_index;
use crate::sled::layout::keys::{self, Order, end_of};
use crate::{ReviewFilter, ReviewQuery, ReviewSort, StoreError};
use heartstrings_core::fixed::Fixed;
use std::ops::Bound;

/// Entries by which lists are compared.
const PROBED: usize = 32;

type Entry = sled::Result<(sled::IVec, sled::IVec)>;

/// A part of a list, and the direction in which it is read.
pub struct Range {
    /// What all keys of the list start with; rank and id follow.
    pub prefix: Vec<u8>,
    first: Bound<Vec<u8>>,
    past: Bound<Vec<u8>>,
    is_descending: bool,
}

impl Range {
    /// What a filter leaves of a list in an order, behind a place (rank and id) if there is one.
    fn new(prefix: Vec<u8>, query: &ReviewQuery, last: Option<&[u8]>) -> Self {
        let (order, is_descending) = order_of(query.sort);
        let (least, past) = ranks(&query.filter, order);
        let at = |rank| keys::at_rank(&prefix, rank);
        let mut first = Bound::Included(least.map_or_else(|| prefix.clone(), at));
        let mut past = Bound::Excluded(past.map_or_else(|| end_of(&prefix), at));
        if let Some(last) = last {
            let edge = if is_descending { &mut past } else { &mut first };
            *edge = Bound::Excluded([&prefix, last].concat());
        }
        Self { prefix, first, past, is_descending }
    }

    /// Its entries, in its direction.
    pub fn entries(&self, tree: &sled::Tree) -> impl Iterator<Item = Entry> + use<> {
        let key = |bound: &Bound<Vec<u8>>| match bound {
            Bound::Included(key) | Bound::Excluded(key) => key.clone(),
            Bound::Unbounded => Vec::new(),
        };
        // sled panics at a range that ends before it starts.
        let is_empty = key(&self.first) >= key(&self.past);
        let range = (self.first.clone(), self.past.clone());
        let mut entries = (!is_empty).then(|| tree.range(range));
        let is_descending = self.is_descending;
        std::iter::from_fn(move || {
            let entries = entries.as_mut()?;
            if is_descending { entries.next_back() } else { entries.next() }
        })
    }

    /// How many entries there are, up to [`PROBED`], and the place of the last of these.
    fn reach(&self, tree: &sled::Tree) -> Result<(usize, Vec<u8>), StoreError> {
        let (mut count, mut last) = (0, sled::IVec::default());
        for entry in self.entries(tree).take(PROBED) {
            count += 1;
            last = entry?.0;
        }
        Ok((count, last.strip_prefix(&self.prefix[..]).unwrap_or_default().to_vec()))
    }
}

/// What to read for a page that goes on behind a place (rank and id): the list of what is rarest
/// there of the label, emotion and source that are asked for, or that of all reviews in scope.
pub fn choose(
    reader: &Reader,
    query: &ReviewQuery,
    wanted: &Wanted,
    last: Option<&[u8]>,
) -> Result<Range, StoreError> {
    let mut facets = wanted.facets();
    let (order, is_descending) = order_of(query.sort);
    if !facets.is_empty() && !reader.has_filter_index(&query.scope)? {
        facets.clear();
    }
    let range_of =
        |facet| Range::new(filter_index::ordered(&query.scope, order, facet), query, last);
    let mut rarest: Option<(Range, (usize, Vec<u8>))> = None;
    for range in facets.into_iter().map(range_of) {
        let (count, last) = range.reach(&reader.tree)?;
        let is_rarer = rarest.as_ref().is_none_or(|(_, (least, farthest))| {
            let is_farther = if is_descending { last < *farthest } else { last > *farthest };
            count < *least || count == *least && is_farther
        });
        if is_rarer {
            rarest = Some((range, (count, last)));
        }
    }
    let all = || Range::new(keys::ordered(&query.scope, order), query, last);
    Ok(rarest.map_or_else(all, |(range, _)| range))
}

/// The index that serves an order, and whether it is read from its end.
pub fn order_of(sort: ReviewSort) -> (Order, bool) {
    match sort {
        ReviewSort::Newest => (Order::Time, true),
        ReviewSort::Oldest => (Order::Time, false),
        ReviewSort::MostPositive => (Order::Score, true),
        ReviewSort::MostNegative => (Order::Score, false),
        ReviewSort::MostIntense => (Order::Intensity, true),
    }
}

/// The least rank in an order that a filter lets pass, and the one that is past all of them.
fn ranks(filter: &ReviewFilter, order: Order) -> (Option<i64>, Option<i64>) {
    let micros = |fixed: Option<Fixed>| fixed.map(|fixed| i64::from(fixed.micros()));
    let past = |fixed| micros(fixed).map(|most| most + 1);
    match order {
        Order::Time => {
            (filter.from.map(|t| t.as_microsecond()), filter.to.map(|t| t.as_microsecond()))
        }
        Order::Score => (micros(filter.min_score), past(filter.max_score)),
        Order::Intensity => (micros(filter.min_intensity), past(filter.max_intensity)),
    }
}
