//! Which lists the reviews of a group stand in.

use super::cell_updates::CellUpdates;
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::keys::{self, Order};
use crate::sled::layout::{filter_index, sort_index};
use crate::sled::read::{Overlay, Reader, View};
use crate::{Scope, StoreError};
use heartstrings_core::review::{ReviewId, Subject};
use std::collections::HashMap;

/// Most operations of one group; bounds the memory of a batch and the wait of the first.
pub const MOST: usize = 512;

/// What a group has found out about lists by label, emotion and source.
#[derive(Default)]
pub struct IndexUpdates {
    /// Whether scopes, given by their marks, have such lists.
    known: HashMap<Vec<u8>, bool>,
}

impl IndexUpdates {
    /// Keys of all the entries of a review with these fields.
    pub fn places_of(
        &mut self,
        reader: &Reader,
        subject: &Subject,
        id: &ReviewId,
        fields: &IndexedFields,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut places = sort_index::places_of(subject, id, fields);
        for scope in [Scope::Subject(subject.clone()), Scope::All] {
            if self.has_filter_index(reader, &scope)? {
                places.extend(filter_index::places(&scope, id, fields));
            }
        }
        Ok(places)
    }

    /// Whether a scope has lists by label, emotion and source. That does not change before the end of
    /// the group.
    fn has_filter_index(&mut self, reader: &Reader, scope: &Scope) -> Result<bool, StoreError> {
        let mark = filter_index::mark(scope);
        if let Some(known) = self.known.get(&mark) {
            return Ok(*known);
        }
        let found = reader.has_filter_index(scope)?;
        self.known.insert(mark, found);
        Ok(found)
    }

    /// Gives lists by label, emotion and source to the scopes that have grown past what a page looks
    /// at, and takes them from those that have no reviews any more.
    pub fn update(
        &mut self,
        reader: &Reader,
        cells: &mut CellUpdates,
        changes: &mut Overlay,
    ) -> Result<(), StoreError> {
        let subjects = cells.subjects().iter().cloned().map(Scope::Subject);
        let all = (!cells.subjects().is_empty()).then_some(Scope::All);
        for scope in subjects.chain(all).collect::<Vec<_>>() {
            let reviews = cells.reviews(&reader.tree, &scope)? as usize;
            let most = reader.page_scan;
            match self.has_filter_index(reader, &scope)? {
                true if reviews == 0 => {
                    changes.insert(filter_index::mark(&scope), None);
                }
                // A larger one was there before such lists were, and gets them by a rebuild: here it
                // would keep everybody waiting.
                false if (most + 1..=most + MOST).contains(&reviews) => {
                    list(reader, &scope, changes)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Puts all reviews of a scope, as the changes leave them, into lists by label, emotion and source.
fn list(reader: &Reader, scope: &Scope, changes: &mut Overlay) -> Result<(), StoreError> {
    let prefix = keys::ordered(scope, Order::Time);
    let entries = View::through(changes, &reader.tree).entries(&prefix, usize::MAX)?;
    for (key, value) in entries {
        let Some((_, id)) = keys::place_of(&prefix, &key) else { continue };
        // One that cannot be read is in no list; `verify` reports it.
        let Ok(fields) = IndexedFields::decode(&id, &value) else { continue };
        for place in filter_index::places(scope, &id, &fields) {
            changes.insert(place, Some(value.clone()));
        }
    }
    changes.insert(filter_index::mark(scope), Some(Vec::new()));
    changes.insert(keys::FORMAT.to_vec(), Some(filter_index::FORMAT.to_vec()));
    Ok(())
}
