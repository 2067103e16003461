//! The lists by label, emotion and source, compared with the lists of all reviews.

use super::Check;
use crate::sled::damage::guarded;
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::filter_index;
use crate::sled::layout::keys::{self, Order};
use crate::{Scope, StoreError};
use heartstrings_core::review::Review;
use std::collections::BTreeSet;

impl Check<'_> {
    /// Which scopes have such lists; each of them has reviews.
    pub(super) fn faceted(&mut self) -> Result<(), StoreError> {
        for mark in self.reader.tree.scan_prefix(filter_index::MARKS).keys() {
            let mark = mark?.to_vec();
            let scope = filter_index::scope_of_mark(&mark);
            let has_reviews = match &scope {
                Some(scope) => self.reader.last_written_at(scope)?.is_some(),
                None => false,
            };
            if !has_reviews {
                let name = scope.map_or_else(|| "?".into(), |scope| format!("{scope:?}"));
                self.report(format!("{name} has lists by label, and no reviews"));
            }
            self.faceted.insert(mark);
        }
        Ok(())
    }

    /// Where a review should stand in them.
    pub(super) fn facet_places(&self, review: &Review, fields: &IndexedFields) -> Vec<Vec<u8>> {
        let scopes = [Scope::Subject(review.content.subject.clone()), Scope::All];
        let has_them = |scope: &&Scope| self.faceted.contains(&filter_index::mark(scope));
        let places = |scope: &Scope| filter_index::places(scope, &review.id, fields);
        scopes.iter().filter(has_them).flat_map(places).collect()
    }

    /// They hold nothing else: every entry is as it stands in the list of all reviews of its scope, of
    /// a review that has what the list is of.
    pub(super) fn filter_index(&mut self) -> Result<(), StoreError> {
        let mut marks = BTreeSet::new();
        for entry in self.reader.tree.scan_prefix(filter_index::ENTRIES) {
            let (key, value) = entry?;
            self.findings.entries += 1;
            let Some((scope, id)) = filter_index::scope_and_review(&key) else {
                self.report(format!("an entry of a list has no name: {key:?}"));
                continue;
            };
            let fields = IndexedFields::decode(&id, &value);
            let is_right = fields.is_ok_and(|fields| {
                let place = keys::place(&scope, Order::Time, fields.rank(Order::Time), &id);
                // A place that cannot be read has been told of.
                let listed = guarded(|| Ok(self.reader.tree.get(place)?));
                let is_listed = listed.map_or(true, |listed| listed == Some(value));
                is_listed
                    && filter_index::places(&scope, &id, &fields).iter().any(|one| key == *one)
            });
            marks.insert(filter_index::mark(&scope));
            if !is_right {
                let id = id.as_str();
                self.report(format!("a list by label, emotion or source has {id:?} wrongly"));
            }
        }
        for mark in marks.difference(&self.faceted.clone()) {
            let scope = filter_index::scope_of_mark(mark);
            self.report(format!("lists by label, emotion and source are left over of {scope:?}"));
        }
        Ok(())
    }
}
