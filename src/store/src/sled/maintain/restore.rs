//! Making a new database that takes its place when it is whole.

use crate::sled::disk::open::SledOptions;
use crate::sled::store::SledStore;
use crate::{OpenError, Restoration, Store, StoreError};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A new database on its way.
pub struct SledRestoration {
    // Dropped before the folder, which may be removed then.
    store: SledStore,
    folder: NewFolder,
}

/// Where the database is built, and where it goes. Removed when it is dropped.
struct NewFolder {
    target: PathBuf,
    place: PathBuf,
    partial: PathBuf,
}

impl SledRestoration {
    /// Begins to make the database that these options name, in a folder beside its place.
    pub fn begin(options: &SledOptions) -> Result<Self, StoreError> {
        let target = options.path.clone();
        if !is_free(&target) {
            return Err(OpenError::NotEmpty { place: target.display().to_string() }.into());
        }
        let place = place_of(&target)
            .map_err(|error| OpenError::Failed(format!("{}: {error}", target.display())))?;
        // Beside its place, so that the database only needs another name when it is whole.
        let mut partial = place.as_os_str().to_owned();
        partial.push(".restoring");
        let partial = PathBuf::from(partial);
        // What an interrupted restore has left.
        let _ = std::fs::remove_dir_all(&partial);
        let folder = NewFolder { target, place, partial: partial.clone() };
        let store = SledStore::open(&SledOptions { path: partial, ..options.clone() })?;
        Ok(Self { store, folder })
    }
}

impl Restoration for SledRestoration {
    fn store(&self) -> &dyn Store {
        &self.store
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let Self { store, folder } = *self;
        drop(store);
        folder.put_in_place().map_err(|error| {
            let why = format!("cannot put the database in its place: {error}");
            OpenError::Failed(why).into()
        })
    }
}

impl NewFolder {
    fn put_in_place(&self) -> std::io::Result<()> {
        // Renaming onto an empty folder takes its place.
        std::fs::rename(&self.partial, &self.place)?;
        match self.target.canonicalize()?.parent() {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        // It is not there any more when it was put in its place.
        let _ = std::fs::remove_dir_all(&self.partial);
    }
}

/// The folder by its own name: not `.`, and not a link to it.
fn place_of(target: &Path) -> std::io::Result<PathBuf> {
    if target.exists() { target.canonicalize() } else { Ok(target.to_owned()) }
}

fn is_free(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
