//! Bytes that are on disk, and not only on their way there.
//!
//! sled's `flush` writes its buffers and calls `sync_file_range`, which promises nothing after a
//! power cut: no file metadata, no flush of the disk's own cache. So this file syncs what recovery
//! reads: the log (`db`), on a handle of our own, and the files beside it that hold values too
//! large for the log (`blobs/`), which sled never syncs at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Makes what was written durable.
pub trait Sync: Send {
    /// Returns when everything that was written before the call survives a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// Syncs the files of a sled database.
pub struct DatabaseFiles {
    log: File,
    blobs: PathBuf,
    /// Blobs are named by ever higher numbers; those up to this one are synced.
    last_blob: Option<i64>,
}

impl DatabaseFiles {
    /// The files of the database in `folder`, which sled has just opened. Syncs the folder too:
    /// a new file is only found again when the entry that names it is on disk.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let log = File::open(folder.join("db"))?;
        let mut files = Self { log, blobs: folder.join("blobs"), last_blob: None };
        for name in ["conf", "db"] {
            File::open(folder.join(name))?.sync_all()?;
        }
        files.sync()?;
        sync_folder(folder)?;
        if let Some(parent) = folder.canonicalize()?.parent() {
            sync_folder(parent)?;
        }
        Ok(files)
    }

    /// Syncs the blobs that have come since the last time, then their folder.
    fn sync_blobs(&mut self) -> io::Result<()> {
        let mut highest = self.last_blob;
        let mut found_new = false;
        for entry in std::fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if self.last_blob.is_none_or(|last| number > last) {
                File::open(entry.path())?.sync_all()?;
                highest = highest.max(Some(number));
                found_new = true;
            }
        }
        if found_new {
            sync_folder(&self.blobs)?;
        }
        self.last_blob = highest;
        Ok(())
    }
}

impl Sync for DatabaseFiles {
    fn sync(&mut self) -> io::Result<()> {
        // Blobs first: the log must not name one that is not there.
        self.sync_blobs()?;
        self.log.sync_data()
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
