//! The store that ships: an embedded sled database.
//!
//! One tree holds everything under prefixed keys. All writes go through one thread, which takes
//! whatever waits, works out the records, index entries and cells of the whole group, applies them
//! as one atomic batch, and replies only after the group is on disk. So there are no transactions
//! that run twice, no races between a check and a write, and one sync serves everyone who waited for
//! it. Reads go straight to the tree; a lock that the writer holds while it applies a batch lets a
//! read of several keys see all of a group or none of it.
//!
//! Each of these knows those before it:
//!
//! - [`layout`]: keys and the bytes of values; [`damage`]: what sled does when it cannot read.
//! - [`disk`]: opening, syncing, and telling whether the files are whole.
//! - [`read`]: one view of tree and changes, pages, totals, snapshots.
//! - [`mod@write`]: operations, groups, the writer.
//! - [`maintain`]: verifying, rebuilding, salvaging, restoring.

mod damage;
mod disk;
mod layout;
mod maintain;
mod read;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use disk::open::SledOptions;
pub use maintain::SledMaintenance;
pub use store::SledStore;

/// Everything that is in the database, its own settings apart.
#[cfg(test)]
fn contents_of(store: &SledStore) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let all = store.reader.tree.iter().filter_map(Result::ok);
    let pairs = all.map(|(key, value)| (key.to_vec(), value.to_vec()));
    pairs.filter(|(key, _)| key[0] != b'm').collect()
}
