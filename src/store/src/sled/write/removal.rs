//! Taking reviews out, damaged ones among them.

use super::group::{Before, Group};
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::keys::{self, Order};
use crate::{Scope, StoreError};
use heartstrings_core::review::{ReviewId, Subject};

/// Reviews that one step of removing a subject takes: enough to be quick, few enough to let other
/// writes in between.
const DELETED_AT_ONCE: usize = 256;

impl Group<'_> {
    /// Removes a review; false when there is none.
    pub fn delete(&mut self, id: &ReviewId) -> Result<bool, StoreError> {
        match self.before(id)? {
            Before::Nothing => return Ok(false),
            Before::Review(old) => {
                self.cells.load(&self.reader.tree, &old)?;
                self.take_out(&old)?;
                self.remove_record(id)?;
            }
            Before::LeftOut => self.remove_left_out(id)?,
        }
        Ok(true)
    }

    /// Removes the first reviews of a subject, as the operations before this one have left it: how
    /// many, and whether there may be more. Every step takes entries out of the list that it reads, whatever state their records are
    /// in, so the last step comes.
    pub fn delete_some(&mut self, subject: &Subject) -> Result<(usize, bool), StoreError> {
        let prefix = keys::ordered(&Scope::Subject(subject.clone()), Order::Time);
        let entries = self.view().entries(&prefix, DELETED_AT_ONCE)?;
        for (key, fields) in &entries {
            self.delete_listed(subject, &prefix, key, fields)?;
        }
        let more = entries.len() == DELETED_AT_ONCE;
        if !more {
            self.cells.clear(&self.reader.tree, subject)?;
        }
        Ok((entries.len(), more))
    }

    /// Removes what an entry of a subject's list by time names.
    fn delete_listed(
        &mut self,
        subject: &Subject,
        prefix: &[u8],
        key: &[u8],
        fields: &[u8],
    ) -> Result<(), StoreError> {
        // Whatever else is found, this entry goes.
        self.changes.insert(key.to_vec(), None);
        let Some((rank, id)) = keys::place_of(prefix, key) else { return Ok(()) };
        match self.view().review(&id) {
            Ok(Some(review)) if review.content.subject == *subject => {
                self.delete(&id)?;
            }
            // The review is of another subject, which keeps it.
            Ok(Some(_)) => {}
            Ok(None) => {
                self.checksums.lose();
                self.remove_places(subject, &id, rank, fields)?;
            }
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::warn!(%error, "a damaged review is removed with its subject");
                self.checksums.lose();
                self.remove_places(subject, &id, rank, fields)?;
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
        fields: &[u8],
    ) -> Result<(), StoreError> {
        let places = match IndexedFields::decode(id, fields) {
            Ok(fields) => self.index.places_of(self.reader, subject, id, &fields)?,
            // The others are left; lists pass over them, and a rebuild removes them.
            Err(_) => vec![keys::place(&Scope::All, Order::Time, time, id)],
        };
        for place in places {
            self.changes.insert(place, None);
        }
        self.cells.touch(subject);
        Ok(())
    }
}
