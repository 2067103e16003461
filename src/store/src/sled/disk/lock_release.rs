//! The end of a database that was open: whoever has closed it can open it again.

use crate::Status;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the last thread of sled's may take. In a large database one can be busy for a while, with a
/// snapshot or a flush that was asked for twice.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits, when it is dropped, until sled has let go of the database. The last handle to it can be that of
/// a thread of sled's own, which ends after all others have been dropped.
pub struct LockRelease {
    log: PathBuf,
    status: Arc<Mutex<Status>>,
}

impl LockRelease {
    /// Of the database in `folder`. What `status` says decides whether there is an end to wait for: a
    /// database that writing has stopped in is abandoned, and stays locked until the process ends.
    pub fn new(folder: &Path, status: Arc<Mutex<Status>>) -> Self {
        Self { log: folder.join("db"), status }
    }

    /// Whether nobody has it open. A file that is not there, or that cannot be locked at all, is not
    /// waited for.
    fn is_released(&self) -> bool {
        // Some file systems lock only what may be written to.
        let log = File::options().read(true).write(true).open(&self.log);
        !log.is_ok_and(|log| matches!(log.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn wait(&self, longest: Duration) -> bool {
        let started = Instant::now();
        while !self.is_released() {
            if started.elapsed() > longest {
                return false;
            }
            sleep(PAUSE);
        }
        true
    }
}

impl Drop for LockRelease {
    fn drop(&mut self) {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if status == Status::Ok && !self.wait(LONGEST_WAIT) {
            tracing::warn!(
                log = %self.log.display(),
                "the database is closed, but sled still holds its lock; it goes when the process ends"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database that another has open.
    fn locked(status: Status) -> (tempfile::TempDir, File, LockRelease) {
        let folder = tempfile::tempdir().unwrap();
        let other = File::create(folder.path().join("db")).unwrap();
        other.lock().unwrap();
        let release = LockRelease::new(folder.path(), Arc::new(Mutex::new(status)));
        (folder, other, release)
    }

    #[test]
    fn it_is_over_when_the_lock_is_gone() {
        let (folder, other, release) = locked(Status::Ok);
        assert!(!release.wait(Duration::ZERO));
        let holder = std::thread::spawn(move || {
            sleep(Duration::from_millis(50));
            drop(other);
        });
        drop(release);
        let log = File::open(folder.path().join("db")).unwrap();
        assert!(log.try_lock().is_ok());
        holder.join().unwrap();
    }

    #[test]
    fn an_abandoned_database_is_not_waited_for() {
        let (_folder, other, release) = locked(Status::ReadOnly("the disk has failed".into()));
        drop(release);
        drop(other);
    }
}
