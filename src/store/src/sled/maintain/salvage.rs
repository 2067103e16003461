//! Reading what is left of a database that has lost something.

use crate::sled::disk::open::SledOptions;
use crate::sled::store::SledStore;
use crate::{Salvage, Snapshot, StoreError};
use async_trait::async_trait;
use heartstrings_core::review::Review;
use std::mem::ManuallyDrop;

/// Opens a database whatever it has lost.
pub fn salvage(options: &SledOptions) -> Result<Salvage, StoreError> {
    let (store, losses) = SledStore::open_damaged(options)?;
    let snapshot = store.take_snapshot();
    let store = ManuallyDrop::new(store);
    Ok(Salvage { snapshot: Box::new(Left { snapshot, _store: store }), losses })
}

/// All that is left.
struct Left<S> {
    snapshot: S,
    /// Nothing is written, so there is nothing to close; of a damaged database that could take for
    /// ever.
    _store: ManuallyDrop<SledStore>,
}

#[async_trait]
impl<S: Snapshot> Snapshot for Left<S> {
    async fn next(&mut self) -> Result<Vec<Result<Review, StoreError>>, StoreError> {
        self.snapshot.next().await
    }
}
