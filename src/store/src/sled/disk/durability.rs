//! Bytes that are on disk, and not only on their way there.
//!
//! sled's `flush` writes its buffers and calls `sync_file_range`, which promises nothing after a
//! power cut: no file metadata, no flush of the disk's own cache. So this file syncs what recovery
//! reads: the log (`db`), on a handle of our own, and the files beside it that hold values too
//! large for the log (`blobs/`), which sled never syncs at all.

use crate::StoreError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{Thread, current, park_timeout};
use std::time::{Duration, Instant};

/// How long sled may take before it is asked again; twice as long each time after that.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns when all that was applied to a database is on disk. [`StoreError::Io`] when it may not be.
pub fn sync(db: &sled::Db, files: &mut dyn Durable) -> Result<(), StoreError> {
    flush(db)?;
    files.sync().map_err(|error| StoreError::Io(error.to_string()))
}

/// Has sled write its buffers out. Fails when one of its writes has failed.
///
/// sled's own `flush` may wait for ever then: a write that one of its threads has left to another
/// notes that it has failed, and wakes nobody. Whoever asks anew is told, so this asks again.
pub fn flush(db: &sled::Db) -> sled::Result<()> {
    ask_until_answered(PATIENCE, || db.flush_async()).map(drop)
}

/// Waits for an answer, and asks again when there is none for so long.
fn ask_until_answered<A: Future>(mut patience: Duration, ask: impl Fn() -> A) -> A::Output {
    let waker = Waker::from(Arc::new(Unpark(current())));
    let mut context = Context::from_waker(&waker);
    loop {
        let asked = Instant::now();
        let mut answer = pin!(ask());
        loop {
            if let Poll::Ready(answer) = answer.as_mut().poll(&mut context) {
                return answer;
            }
            match patience.checked_sub(asked.elapsed()) {
                Some(left) if !left.is_zero() => park_timeout(left),
                _ => break,
            }
        }
        patience = patience.saturating_mul(2);
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Makes what was written durable.
pub trait Durable: Send {
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

impl Durable for DatabaseFiles {
    fn sync(&mut self) -> io::Result<()> {
        // Blobs first: the log must not name one that is not there.
        self.sync_blobs()?;
        self.log.sync_data()
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::{pending, ready};

    #[test]
    fn who_is_forgotten_asks_again() {
        let asked = Cell::new(0);
        let answer = ask_until_answered(Duration::from_millis(1), || {
            asked.set(asked.get() + 1);
            let number = asked.get();
            async move {
                match number {
                    4 => ready(number).await,
                    _ => pending().await,
                }
            }
        });
        assert_eq!((answer, asked.get()), (4, 4));
    }

    #[test]
    fn an_answer_wakes_who_waits() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let receiver = Cell::new(Some(receiver));
        let waiting = current();
        std::thread::spawn(move || {
            // It is sent once the other one is on its way to wait, and may be waiting.
            waiting.unpark();
            sender.send(7).unwrap();
        });
        let answer = ask_until_answered(Duration::from_secs(600), || receiver.take().unwrap());
        assert_eq!(answer, Ok(7));
    }
}
