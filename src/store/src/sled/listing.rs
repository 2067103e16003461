//! Which lists the reviews of a group stand in.

use super::facets;
use super::group::{self, Group};
use super::index::{self, Traits};
use super::keys::{self, Order};
use crate::{Scope, StoreError};
use heartstrings_core::aggregate::Level;
use heartstrings_core::review::{ReviewId, Subject};
use jiff::civil::Date;

impl Group<'_> {
    /// Keys of all the places of a review with these traits.
    pub(super) fn places_of(
        &mut self,
        subject: &Subject,
        id: &ReviewId,
        traits: &Traits,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut places = index::places_of(subject, id, traits);
        for scope in [Scope::Subject(subject.clone()), Scope::All] {
            if self.has_facets(&scope)? {
                places.extend(facets::places(&scope, id, traits));
            }
        }
        Ok(places)
    }

    /// Whether a scope has lists by label, emotion and source. That does not change before the end of
    /// the group.
    fn has_facets(&mut self, scope: &Scope) -> Result<bool, StoreError> {
        let mark = facets::mark(scope);
        if let Some(known) = self.has_facets.get(&mark) {
            return Ok(*known);
        }
        let found = self.reader.has_facets(scope)?;
        self.has_facets.insert(mark, found);
        Ok(found)
    }

    /// Gives lists by label, emotion and source to the scopes that have grown past what a page looks
    /// at, and takes them from those that have no reviews any more.
    pub(super) fn update_facets(&mut self) -> Result<(), StoreError> {
        let subjects = self.subjects.iter().cloned().map(Scope::Subject);
        let all = (!self.subjects.is_empty()).then_some(Scope::All);
        for scope in subjects.chain(all).collect::<Vec<_>>() {
            let total = keys::cell(&scope, Level::Total, Date::default());
            self.load_cell(&total)?;
            let reviews =
                self.cells.get(&total).map_or(0, |changed| changed.cell().reviews()) as usize;
            let most = self.reader.page_scan;
            match self.has_facets(&scope)? {
                true if reviews == 0 => {
                    self.changes.insert(facets::mark(&scope), None);
                }
                // A larger one was there before such lists were, and gets them by a rebuild: here it
                // would keep everybody waiting.
                false if (most + 1..=most + group::MOST).contains(&reviews) => self.list(&scope)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts all reviews of a scope, as this group leaves them, into lists by label, emotion and source.
    fn list(&mut self, scope: &Scope) -> Result<(), StoreError> {
        let prefix = keys::ordered(scope, Order::Time);
        for (key, value) in self.entries(&prefix, usize::MAX)? {
            let Some((_, id)) = keys::place_of(&prefix, &key) else { continue };
            // One that cannot be read is in no list; `verify` tells of it.
            let Ok(traits) = Traits::decode(&id, &value) else { continue };
            for place in facets::places(scope, &id, &traits) {
                self.changes.insert(place, Some(value.clone()));
            }
        }
        self.changes.insert(facets::mark(scope), Some(Vec::new()));
        self.changes.insert(keys::FORMAT.to_vec(), Some(facets::FORMAT.to_vec()));
        Ok(())
    }
}
