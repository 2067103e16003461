//! Lists of the reviews that share a label, an emotion or a source, so that a filter by one of them
//! reads those that pass it and no others.
//!
//! | key | value |
//! | --- | --- |
//! | `f` scope `0` order facet rank review id | a review of a scope, among those with the facet |
//! | `g` scope | the scope has such lists |
//!
//! A scope with no more reviews than a page looks at does without: all of them are looked at. It gets
//! its lists when it grows past that, and keeps them until its last review goes.

use super::entry::{IndexedFields, NO_SOURCE};
use super::keys::{self, Order};
use crate::Scope;
use heartstrings_core::analysis::Label;
use heartstrings_core::review::ReviewId;

/// Format of a database that has such lists.
pub const FORMAT: &[u8] = b"2";
/// Prefix of all entries.
pub const ENTRIES: &[u8] = b"f";
/// Prefix of all marks.
pub const MARKS: &[u8] = b"g";

/// What reviews can share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// A label, by its place among all of them.
    Label(u32),
    /// An emotion that they show, by its index.
    Emotion(u32),
    /// A source, by its digest. Two may have the same.
    Source(u32),
}

impl Facet {
    /// A kind and a number, in bytes that all are below 128.
    fn bytes(self) -> [u8; 6] {
        let (kind, number) = match self {
            Facet::Label(place) => (b'l', place),
            Facet::Emotion(index) => (b'e', index),
            Facet::Source(digest) => (b's', digest),
        };
        let digit = |place: u32| (number >> (7 * place) & 0x7f) as u8;
        [kind, digit(4), digit(3), digit(2), digit(1), digit(0)]
    }
}

/// The facets of a review with these fields.
pub fn facets_of(fields: &IndexedFields) -> Vec<Facet> {
    facets(Some(fields.label), fields.emotions, Some(fields.source))
}

/// The facets of a label, of emotions (a bit for each) and of a source, which has none if its digest
/// says that there is no source.
pub fn facets(label: Option<Label>, emotions: u32, source: Option<u32>) -> Vec<Facet> {
    let place = |label| Label::ALL.iter().position(|known| *known == label).unwrap_or(0) as u32;
    let label = label.map(|label| Facet::Label(place(label))).into_iter();
    let emotions = (0..u32::BITS).filter(|index| emotions >> index & 1 == 1);
    let source = source.filter(|source| *source != NO_SOURCE);
    label.chain(emotions.map(Facet::Emotion)).chain(source.map(Facet::Source)).collect()
}

/// Key that says that a scope has lists by facet.
pub fn mark(scope: &Scope) -> Vec<u8> {
    [MARKS, keys::scope_bytes(scope)].concat()
}

/// The scope in the key of a mark; `None` when it is not one.
pub fn scope_of_mark(key: &[u8]) -> Option<Scope> {
    keys::scope_in(key.strip_prefix(MARKS)?)
}

/// Prefix of a scope's reviews with a facet, in an order. Rank and id follow, as in the list of all.
pub fn ordered(scope: &Scope, order: Order, facet: Facet) -> Vec<u8> {
    let order = keys::order_byte(order);
    [ENTRIES, keys::scope_bytes(scope), &[0], order, &facet.bytes()].concat()
}

/// Keys of a review in the lists of a scope.
pub fn places(scope: &Scope, id: &ReviewId, fields: &IndexedFields) -> Vec<Vec<u8>> {
    let facets = facets_of(fields);
    let of_order = |order: Order| {
        let place = keys::rank_and_id(fields.rank(order), id);
        facets.iter().map(move |facet| [ordered(scope, order, *facet), place.clone()].concat())
    };
    Order::ALL.into_iter().flat_map(of_order).collect()
}

/// Scope and review in the key of an entry; `None` when it is not one.
pub fn scope_and_review(key: &[u8]) -> Option<(Scope, ReviewId)> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let scope = keys::scope_in(key.get(ENTRIES.len()..end)?)?;
    // Behind the zero: an order and a facet.
    let prefix = key.get(..end + 8)?;
    Some((scope, keys::place_of(prefix, key)?.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::review;
    use heartstrings_core::review::Review;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn entries_read_back_and_hold_no_run_of_255(number in any::<u32>(), rank in any::<i64>()) {
            let id: ReviewId = "~~~~".parse().unwrap();
            let film = Scope::Subject("~~~~".parse().unwrap());
            for scope in [film, Scope::All] {
                for facet in [Facet::Label(number), Facet::Emotion(number), Facet::Source(number)] {
                    for order in Order::ALL {
                        let place = keys::rank_and_id(rank, &id);
                        let key = [ordered(&scope, order, facet), place].concat();
                        prop_assert!(!key.windows(4).any(|bytes| bytes == [0xff; 4]));
                        prop_assert_eq!(scope_and_review(&key), Some((scope.clone(), id.clone())));
                    }
                }
                prop_assert_eq!(scope_of_mark(&mark(&scope)), Some(scope));
            }
        }

        #[test]
        fn every_facet_has_a_list_of_its_own(numbers in proptest::collection::btree_set(any::<u32>(), 2..20)) {
            let kinds = [Facet::Label, Facet::Emotion, Facet::Source];
            let all = kinds.iter().flat_map(|kind| numbers.iter().map(|number| kind(*number)));
            let lists: BTreeSet<_> =
                all.map(|facet| ordered(&Scope::All, Order::Time, facet)).collect();
            prop_assert_eq!(lists.len(), 3 * numbers.len());
        }
    }

    #[test]
    fn a_review_stands_once_in_each_order_for_each_facet() {
        let mut review = review("x", "film", 7, 300_000);
        review.analysis.emotions.present = 0b101;
        let places_of =
            |review: &Review| places(&Scope::All, &review.id, &IndexedFields::of(review));
        // Its label, two emotions and its source.
        assert_eq!(places_of(&review).len(), 3 * 4);
        review.content.source = None;
        assert_eq!(places_of(&review).len(), 3 * 3);
    }
}
