//! Work on a store that no service has open.

use crate::{Snapshot, Store, StoreError};
use serde::Serialize;

/// Work on a store that no service has open. It comes from
/// [`open_for_maintenance`](crate::open_for_maintenance). Each call opens the store by itself, and
/// fails with [`StoreError::Open`] when that cannot be done.
pub trait Maintenance: Send {
    /// Where the store is, for messages.
    fn place(&self) -> String;

    /// Whether there is a store at all. The other calls but [`Maintenance::restore`] may make an
    /// empty one, which is of no use where somebody mistyped its place.
    fn exists(&self) -> bool;

    /// Compares records, indexes and cells with a recount of the reviews, and what is there with
    /// what was acknowledged. Changes nothing. `progress` is told how many reviews have been read.
    /// Where something cannot be read, it goes on behind it as far as it can.
    fn verify(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Findings, StoreError>;

    /// Makes indexes and cells anew from the reviews that are there; what is lost is taken for
    /// lost. Finishes a rebuild that was interrupted. Damaged reviews are left where they are, and
    /// out of the numbers. `progress` is told how many reviews have been added. Fails before it
    /// changes anything when there is something that cannot be read.
    fn rebuild(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Rebuilt, StoreError>;

    /// Opens the store whatever it has lost, to save what is left. Changes nothing.
    fn salvage(&mut self) -> Result<Salvage, StoreError>;

    /// Begins to make a new store, which must not be there yet or be empty.
    fn restore(&mut self) -> Result<Box<dyn Restoration>, StoreError>;
}

/// What is left of a store.
pub struct Salvage {
    /// All reviews; those that cannot be read are named in their places.
    pub snapshot: Box<dyn Snapshot>,
    /// What is known to be gone, as sentences.
    pub losses: Vec<String>,
}

/// A new store on its way. It is nowhere to be found until it is whole: one that is dropped before
/// [`Restoration::finish`] leaves nothing behind.
pub trait Restoration: Send {
    /// What reviews are to be written to.
    fn store(&self) -> &dyn Store;

    /// Puts the store in its place, once it has been [closed](Store::close).
    fn finish(self: Box<Self>) -> Result<(), StoreError>;
}

/// What a comparison with a recount found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Reviews that could be read.
    pub reviews: u64,
    /// Reviews that could not.
    pub damaged: u64,
    /// Faults that come from places of the log that cannot be read: reviews, and comparisons that
    /// ended early. A rebuild mends none of them.
    pub unreadable: u64,
    /// Index entries that were looked at.
    pub entries: u64,
    /// Cells that were compared.
    pub cells: u64,
    /// What is wrong, damaged reviews included.
    pub count: u64,
    /// The first hundred of them, as sentences.
    pub told: Vec<String>,
}

/// What a rebuild did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Reviews that were added to indexes and cells.
    pub reviews: u64,
    /// Those that could not be read, as sentences.
    pub damaged: Vec<String>,
}
