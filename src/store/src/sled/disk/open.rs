//! Opening a database: one process at a time, nothing deleted, every failure a sentence.

use super::commit_watermark::{self, CommitWatermark};
use super::durability::{self, DatabaseFiles, Durable};
use super::log_scan;
use crate::sled::damage::reason_of;
use crate::sled::layout::{checksums, filter_index, keys};
use crate::{OpenError, StoreError};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// Version of the layout of keys in a new database.
const FORMAT: &[u8] = b"1";
/// Versions that are read. The second has lists by label, emotion and source, which a release that
/// does not know of them would let go stale: it refuses the database.
const READ: [&[u8]; 2] = [FORMAT, filter_index::FORMAT];

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
    /// Entries of a list that a page looks at before it ends early, when a filter skips many. A
    /// subject with more reviews, and all reviews once they are more, have lists by label, emotion
    /// and source.
    pub page_scan: usize,
}

#[cfg(test)]
impl SledOptions {
    /// The defaults for a folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            cache_bytes: 64 << 20,
            free_disk_floor: 256 << 20,
            page_scan: 2_000,
        }
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
    pub files: Box<dyn Durable>,
    /// How many commits are on disk.
    pub watermark: CommitWatermark,
    /// Entries of a list that a page looks at.
    pub page_scan: usize,
}

/// Opens a database even if a rebuild of it was interrupted, whatever it has lost.
pub fn open(options: &SledOptions) -> Result<Opened, StoreError> {
    let path = &options.path;
    std::fs::create_dir_all(path).map_err(|error| OpenError::NoFolder {
        folder: path.display().to_string(),
        why: error.to_string(),
    })?;
    let marker = path.join(MARKER);
    if marker.exists() && !log_scan::has_readable_segment(&path.join("db")).unwrap_or(false) {
        return Err(describe(path, "its log is missing or cannot be read"));
    }
    let db = open_sled(options)?;
    match settle(&db, path, &marker) {
        Ok((cursor_key, files, watermark)) => {
            let (tree, files) = ((*db).clone(), Box::new(files));
            let page_scan = options.page_scan;
            Ok(Opened { tree, db, cursor_key, files, watermark, page_scan })
        }
        Err(error) => {
            abandon(db);
            Err(error)
        }
    }
}

/// Leaves a database on a failed disk, or one that cannot be read, as it is until the process ends,
/// which is soon. sled would sync it once more when the last handle goes, and panics when that fails,
/// or waits for a thread that has panicked.
pub fn abandon(db: sled::Db) {
    std::mem::forget(db);
}

/// Brings a database that sled has opened to a state that is on disk.
fn settle(
    db: &sled::Db,
    path: &Path,
    marker: &Path,
) -> Result<([u8; 32], DatabaseFiles, CommitWatermark), StoreError> {
    let cursor_key = prepare(db, marker.exists()).map_err(|error| describe(path, &error))?;
    durability::flush(db).map_err(|error| describe(path, &error.to_string()))?;
    let files = DatabaseFiles::open(path).map_err(|error| {
        OpenError::Failed(format!("cannot sync the database in {}: {error}", path.display()))
    })?;
    mark(path).map_err(|error| {
        OpenError::Failed(format!("cannot write {}: {error}", marker.display()))
    })?;
    let commits = commits(db).map_err(|error| describe(path, &error))?;
    let watermark = CommitWatermark::open(path, commits).map_err(|error| {
        OpenError::Failed(format!(
            "cannot write beside the database in {}: {error}",
            path.display()
        ))
    })?;
    Ok((cursor_key, files, watermark))
}

/// Looks at the log before sled does: sled clears what it cannot read, and next time nothing would
/// be seen of it. Fails as sled would when another process has the database.
fn look_at_log(path: &Path) -> Result<(), String> {
    // Some file systems lock only what may be written to.
    let log = File::options().read(true).write(true).open(path.join("db"));
    let Ok(log) = log else { return Ok(()) };
    if commit_watermark::is_in_doubt(path) {
        return Ok(());
    }
    // Whoever writes to it leaves it torn at every moment. sled takes the same lock, so it is let
    // go of before sled opens the file.
    rustix::fs::flock(&log, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .map_err(|error| format!("could not acquire lock: {error}"))?;
    let failed = |error: std::io::Error| format!("its log cannot be read: {error}");
    match log_scan::is_whole(path).map_err(failed)? {
        true => Ok(()),
        false => commit_watermark::cast_doubt(path).map_err(failed),
    }
}

/// The number of the last commit; 0 in a database that has never counted them.
fn commits(tree: &sled::Tree) -> Result<u64, String> {
    let number = tree.get(keys::COMMITS).map_err(|error| error.to_string())?;
    let Some(number) = number else { return Ok(0) };
    let number = number.as_ref().try_into().map_err(|_| "the number of its commits is cut off")?;
    Ok(u64::from_le_bytes(number))
}

fn open_sled(options: &SledOptions) -> Result<sled::Db, StoreError> {
    let started = Instant::now();
    loop {
        let looking = Instant::now();
        let looked = look_at_log(&options.path);
        let opening = Instant::now();
        match looked.and_then(|()| try_open_sled(options)) {
            Ok(db) => {
                let check_ms = (opening - looking).as_millis() as u64;
                let read_ms = opening.elapsed().as_millis() as u64;
                tracing::info!(check_ms, read_ms, "the log of the database was checked and read");
                return Ok(db);
            }
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
        Err(panic) => Err(reason_of(&*panic).to_owned()),
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
        Some(format) if READ.contains(&format.as_ref()) => {}
        Some(other) => {
            return Err(format!(
                "its format is {:?}; this release reads formats 1 and 2",
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
            batch.insert(keys::CHECKSUMS, &checksums::encode(0));
            tree.apply_batch(batch).map_err(|error| error.to_string())?;
        }
    }
    let key = read(keys::CURSOR_KEY)?.ok_or("the secret of its cursors is missing")?;
    key.as_ref().try_into().map_err(|_| "the secret of its cursors is cut off".into())
}

fn describe(path: &Path, why: &str) -> StoreError {
    let place = path.display().to_string();
    match is_locked(why) {
        true => OpenError::InUse { place },
        false => OpenError::Unreadable { place, why: why.to_owned() },
    }
    .into()
}
