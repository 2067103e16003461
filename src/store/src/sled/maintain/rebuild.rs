//! Makes indexes and cells anew from the reviews.
//!
//! A mark says that a rebuild is under way; one that is interrupted leaves it, and the database is
//! opened for nothing but another rebuild until one has come to its end.

use super::verify::is_in_use;
use crate::sled::disk::durability;
use crate::sled::disk::open::Opened;
use crate::sled::layout::keys::{self, Order};
use crate::sled::layout::{checksums, filter_index};
use crate::sled::read::Reader;
use crate::sled::write::group::{self, Group};
use crate::{Rebuilt, StoreError};

/// Keys that are removed in one batch.
const REMOVED_AT_ONCE: usize = 10_000;

/// Rebuilds, telling `progress` how many reviews have been added.
pub fn rebuild(
    opened: &mut Opened,
    reader: &Reader,
    progress: &mut dyn FnMut(u64),
) -> Result<Rebuilt, StoreError> {
    let tree = &opened.tree;
    tree.insert(keys::REBUILDING, b"1")?;
    durability::sync(&opened.db, opened.files.as_mut())?;
    let derived = [
        keys::CELLS,
        keys::SUBJECT_LISTS,
        keys::LEFT_OUT,
        filter_index::ENTRIES,
        filter_index::MARKS,
        keys::order_byte(Order::Time),
        keys::order_byte(Order::Score),
        keys::order_byte(Order::Intensity),
    ];
    for prefix in derived {
        clear(tree, prefix)?;
    }
    clear_chunks(tree, reader)?;
    tree.insert(keys::CHECKSUMS, &checksums::encode(0))?;
    let mut rebuilt = Rebuilt::default();
    let mut group = Group::new(reader);
    let mut waiting = 0;
    for entry in tree.scan_prefix(keys::RECORDS) {
        let (key, bytes) = entry?;
        let id = keys::review_of(&key);
        match id.clone().and_then(|id| reader.view().review_from(&id, &bytes)) {
            Ok(review) => group.add_again(&review)?,
            Err(error) => {
                rebuilt.damaged.push(error.to_string());
                // From now on it can be replaced and deleted: there is nothing to take it out of.
                id.iter().for_each(|id| group.leave_out(id));
                continue;
            }
        }
        rebuilt.reviews += 1;
        waiting += 1;
        if waiting == group::MOST {
            apply(tree, std::mem::replace(&mut group, Group::new(reader)))?;
            waiting = 0;
            progress(rebuilt.reviews);
        }
    }
    apply(tree, group)?;
    progress(rebuilt.reviews);
    durability::sync(&opened.db, opened.files.as_mut())?;
    tree.remove(keys::REBUILDING)?;
    durability::sync(&opened.db, opened.files.as_mut())?;
    Ok(rebuilt)
}

fn clear(tree: &sled::Tree, prefix: &[u8]) -> Result<(), StoreError> {
    loop {
        let mut batch = sled::Batch::default();
        let mut count = 0;
        for entry in tree.scan_prefix(prefix).take(REMOVED_AT_ONCE) {
            batch.remove(entry?.0);
            count += 1;
        }
        tree.apply_batch(batch)?;
        if count < REMOVED_AT_ONCE {
            return Ok(());
        }
    }
}

/// Removes the chunks of records that have them no longer.
fn clear_chunks(tree: &sled::Tree, reader: &Reader) -> Result<(), StoreError> {
    for key in tree.scan_prefix(keys::CHUNKS).keys() {
        let key = key?;
        if !is_in_use(reader, &key)? {
            tree.remove(key)?;
        }
    }
    Ok(())
}

fn apply(tree: &sled::Tree, group: Group<'_>) -> Result<(), StoreError> {
    if let Some(batch) = group.into_batch()? {
        tree.apply_batch(batch)?;
    }
    Ok(())
}
