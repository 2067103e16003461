//! Opening a database: one process at a time, nothing deleted, every failure a sentence.

use super::damage;
use super::durability::{DatabaseFiles, Sync};
use super::keys;
use crate::store::StoreError;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// Version of the layout of keys.
const FORMAT: &[u8] = b"1";

/// A file beside the database that says that there is one. sled takes a log that it cannot read
/// for a new one and starts empty; this file tells the two apart.
const MARKER: &str = "heartstrings-format";

/// How long to wait for a database that is open elsewhere. sled's own threads let go of it a moment
/// after it was closed, and a service that is started again may meet the last one on its way out.
const LOCKED: Duration = Duration::from_secs(3);
/// When to look again.
const AGAIN: Duration = Duration::from_millis(20);

/// Settings of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SledOptions {
    /// Folder of the database.
    pub path: PathBuf,
    /// Memory that sled aims to use for pages, in bytes. What it really uses is several times
    /// that.
    pub cache_bytes: u64,
    /// Free space on the disk, in bytes, below which reviews are refused. Deletes go on.
    pub free_disk_floor: u64,
}

impl SledOptions {
    /// The defaults for a folder: 64 MiB of cache, 256 MiB kept free.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), cache_bytes: 64 << 20, free_disk_floor: 256 << 20 }
    }
}

/// An open database.
pub struct Opened {
    /// The database; it is closed when the last handle goes.
    pub db: sled::Db,
    /// The one tree.
    pub tree: sled::Tree,
    /// Secret of the cursors.
    pub cursor_key: [u8; 32],
    /// How to make writes durable.
    pub files: Box<dyn Sync>,
}

/// Opens the database in `options.path`.
pub fn open(options: &SledOptions) -> Result<Opened, StoreError> {
    let opened = open_for_rebuild(options)?;
    if opened.tree.contains_key(keys::REBUILDING)? {
        return Err(StoreError::Open(format!(
            "a rebuild of the database in {} was interrupted; finish it with `heartstrings rebuild`",
            options.path.display()
        )));
    }
    Ok(opened)
}

/// Opens a database even if a rebuild of it was interrupted.
pub fn open_for_rebuild(options: &SledOptions) -> Result<Opened, StoreError> {
    let path = &options.path;
    std::fs::create_dir_all(path).map_err(|error| {
        StoreError::Open(format!(
            "cannot make the folder {}: {error}; choose another with --store sled:FOLDER",
            path.display()
        ))
    })?;
    let marker = path.join(MARKER);
    if marker.exists() && !damage::has_readable_segment(&path.join("db")).unwrap_or(false) {
        return Err(describe(path, "its log is missing or cannot be read"));
    }
    let db = open_sled(options)?;
    match settle(&db, path, &marker) {
        Ok((cursor_key, files)) => {
            Ok(Opened { tree: (*db).clone(), db, cursor_key, files: Box::new(files) })
        }
        Err(error) => {
            abandon(db);
            Err(error)
        }
    }
}

/// Leaves a database on a failed disk as it is until the process ends, which is soon. sled would
/// sync it once more when the last handle goes, and panics when that fails.
pub fn abandon(db: sled::Db) {
    std::mem::forget(db);
}

/// Brings a database that sled has opened to a state that is on disk.
fn settle(
    db: &sled::Db,
    path: &Path,
    marker: &Path,
) -> Result<([u8; 32], DatabaseFiles), StoreError> {
    let cursor_key = prepare(db, marker.exists()).map_err(|error| describe(path, &error))?;
    db.flush().map_err(|error| describe(path, &error.to_string()))?;
    let files = DatabaseFiles::open(path).map_err(|error| {
        StoreError::Open(format!("cannot sync the database in {}: {error}", path.display()))
    })?;
    mark(path)
        .map_err(|error| StoreError::Open(format!("cannot write {}: {error}", marker.display())))?;
    Ok((cursor_key, files))
}

fn open_sled(options: &SledOptions) -> Result<sled::Db, StoreError> {
    let started = Instant::now();
    loop {
        match try_open_sled(options) {
            Ok(db) => return Ok(db),
            Err(why) if is_locked(&why) && started.elapsed() < LOCKED => park_timeout(AGAIN),
            Err(why) => return Err(describe(&options.path, &why)),
        }
    }
}

fn try_open_sled(options: &SledOptions) -> Result<sled::Db, String> {
    let config = sled::Config::new()
        .path(&options.path)
        // sled's own timer stays on: nothing depends on its syncs, but it also frees segments.
        .cache_capacity(options.cache_bytes);
    // A damaged database can make sled panic.
    match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("no reason given").to_owned())
        }
    }
}

/// What a second flock on the same file says; sled passes it on in words.
fn is_locked(why: &str) -> bool {
    why.contains("could not acquire lock") || why.contains("WouldBlock")
}

/// Leaves the file that says that a database has been here, once the database itself is on disk.
fn mark(folder: &Path) -> std::io::Result<()> {
    let marker = folder.join(MARKER);
    if !marker.exists() {
        std::fs::write(&marker, FORMAT)?;
        File::open(&marker)?.sync_all()?;
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Writes the format and the cursors' secret of a new database; checks those of an old one, which
/// is known by its marker.
fn prepare(tree: &sled::Tree, is_marked: bool) -> Result<[u8; 32], String> {
    let read = |key: &[u8]| tree.get(key).map_err(|error| error.to_string());
    match read(keys::FORMAT)? {
        Some(format) if format == FORMAT => {}
        Some(other) => {
            return Err(format!(
                "its format is {:?}; this release reads format 1",
                String::from_utf8_lossy(&other)
            ));
        }
        None if is_marked => {
            return Err("it should hold reviews, and nothing in it can be read".into());
        }
        None if !tree.is_empty() => return Err("it holds something that is not ours".into()),
        None => {
            let mut key = [0; 32];
            key[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
            key[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
            let mut batch = sled::Batch::default();
            batch.insert(keys::FORMAT, FORMAT);
            batch.insert(keys::CURSOR_KEY, &key);
            tree.apply_batch(batch).map_err(|error| error.to_string())?;
        }
    }
    let key = read(keys::CURSOR_KEY)?.ok_or("the secret of its cursors is missing")?;
    key.as_ref().try_into().map_err(|_| "the secret of its cursors is cut off".into())
}

fn describe(path: &Path, why: &str) -> StoreError {
    let path = path.display();
    StoreError::Open(if is_locked(why) {
        format!(
            "the database in {path} is open in another process; stop that one, or choose \
             another folder with --store sled:FOLDER"
        )
    } else {
        format!(
            "the database in {path} cannot be opened: {why}. Nothing was deleted. Look at the \
             disk, and keep a copy of the folder. `heartstrings restore` makes a new database from \
             what `heartstrings backup` has written, in an empty folder (--store sled:FOLDER); \
             `heartstrings verify` says whether one is sound"
        )
    })
}
