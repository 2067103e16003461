//! Taking reviews out, damaged ones among them.

use super::group::{Before, Group};
use super::index::Traits;
use super::keys::{self, Order, end_of};
use super::sums::Changed;
use crate::{Removed, Scope, StoreError};
use heartstrings_core::aggregate::Level;
use heartstrings_core::review::{ReviewId, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Reviews that one step of removing a subject takes: enough to be quick, few enough to let other
/// writes in between.
const DELETED_AT_ONCE: usize = 256;

impl Group<'_> {
    /// Removes a review; false when there is none.
    pub(super) fn delete(&mut self, id: &ReviewId) -> Result<bool, StoreError> {
        match self.before(id)? {
            Before::Nothing => return Ok(false),
            Before::Review(old) => {
                self.load_cells(&old)?;
                self.take_out(&old)?;
                self.remove_record(id)?;
            }
            Before::LeftOut => self.remove_left_out(id)?,
        }
        Ok(true)
    }

    /// Removes the first reviews of a subject, as the operations before this one have left it.
    /// Every step takes entries out of the list that it reads, whatever state their records are
    /// in, so the last step comes.
    pub(super) fn delete_some(&mut self, subject: &Subject) -> Result<Removed, StoreError> {
        let prefix = keys::ordered(&Scope::Subject(subject.clone()), Order::Time);
        let entries = self.entries(&prefix, DELETED_AT_ONCE)?;
        for (key, traits) in &entries {
            self.delete_listed(subject, &prefix, key, traits)?;
        }
        let more = entries.len() == DELETED_AT_ONCE;
        if !more {
            self.clear_cells(subject)?;
        }
        Ok(Removed { reviews: entries.len(), more })
    }

    /// Entries under a prefix as this group leaves them, lowest keys first.
    pub(super) fn entries(
        &self,
        prefix: &[u8],
        most: usize,
    ) -> Result<Vec<keys::Entry>, StoreError> {
        let range = prefix.to_vec()..end_of(prefix);
        let changed = self.changes.range(range.clone());
        let added = changed.filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
        let mut found: BTreeMap<_, _> = added.take(most).collect();
        let mut stored = 0;
        for entry in self.tree.range(range) {
            let (key, value) = entry?;
            if self.changes.contains_key(key.as_ref()) {
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

    /// Removes what an entry of a subject's list by time names.
    fn delete_listed(
        &mut self,
        subject: &Subject,
        prefix: &[u8],
        key: &[u8],
        traits: &[u8],
    ) -> Result<(), StoreError> {
        // Whatever else is found, this entry goes.
        self.changes.insert(key.to_vec(), None);
        let Some((rank, id)) = keys::place_of(prefix, key) else { return Ok(()) };
        match self.review(&id) {
            Ok(Some(review)) if review.content.subject == *subject => {
                self.delete(&id)?;
            }
            // The review is of another subject, which keeps it.
            Ok(Some(_)) => {}
            Ok(None) => {
                self.checksums.lose();
                self.remove_places(subject, &id, rank, traits)?;
            }
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::warn!(%error, "a damaged review is removed with its subject");
                self.checksums.lose();
                self.remove_places(subject, &id, rank, traits)?;
                self.remove_record(&id)?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Removes the places of a review that cannot be read, which stand in any of them.
    fn remove_places(
        &mut self,
        subject: &Subject,
        id: &ReviewId,
        time: i64,
        traits: &[u8],
    ) -> Result<(), StoreError> {
        let places = match Traits::decode(id, traits) {
            Ok(traits) => self.places_of(subject, id, &traits)?,
            // The others are left; lists pass over them, and a rebuild removes them.
            Err(_) => vec![keys::place(&Scope::All, Order::Time, time, id)],
        };
        for place in places {
            self.changes.insert(place, None);
        }
        self.subjects.insert(subject.clone());
        Ok(())
    }

    /// Removes a record with all its parts, however it looks.
    fn remove_record(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        self.remove_parts(id)?;
        self.changes.insert(keys::record(id), None);
        Ok(())
    }

    /// Removes a damaged record that nothing else knows of, and the note that says so.
    pub(super) fn remove_left_out(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        self.remove_record(id)?;
        self.changes.insert(keys::left_out(id), None);
        Ok(())
    }

    /// Removes all parts of a record but the first.
    pub(super) fn remove_parts(&mut self, id: &ReviewId) -> Result<(), StoreError> {
        for (key, _) in self.entries(&keys::parts(id), usize::MAX)? {
            self.changes.insert(key, None);
        }
        Ok(())
    }

    /// Brings the cells of a subject without reviews to nothing. Those of damaged reviews, whose
    /// numbers nobody knows, are all that is left in them, and leave the cells of all reviews with
    /// them.
    fn clear_cells(&mut self, subject: &Subject) -> Result<(), StoreError> {
        let scope = Scope::Subject(subject.clone());
        for level in [Level::Total, Level::Month, Level::Day] {
            let prefix = keys::cells(&scope, level);
            let mut found = BTreeSet::new();
            for key in self.tree.scan_prefix(&prefix).keys() {
                found.insert(key?.to_vec());
            }
            found.extend(self.cells.keys().filter(|key| key.starts_with(&prefix)).cloned());
            for key in found {
                self.clear_cell(&key)?;
            }
        }
        Ok(())
    }

    fn clear_cell(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.load_cell(key)?;
        let rest = self.cells.get(key).map(Changed::cell).filter(|cell| !cell.is_empty()).cloned();
        let (Some(rest), Some((scope, level, date))) = (rest, keys::scope_and_date(key)) else {
            return Ok(());
        };
        let of_all = keys::cell(&Scope::All, level, date);
        self.load_cell(&of_all)?;
        for key in [key, &of_all] {
            if let Some(changed) = self.cells.get_mut(key) {
                changed.unmerge(&rest);
            }
        }
        if let Scope::Subject(subject) = scope {
            self.subjects.insert(subject);
        }
        Ok(())
    }
}
