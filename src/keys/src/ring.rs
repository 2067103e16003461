//! The keys of a running service, which follow the file.

use super::file::{self, KeysError};
use super::{Key, KeyHash, PREFIX};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// Time between two checks whether the file has changed.
const LOOK: Duration = Duration::from_secs(1);

/// Device, inode, size, modification and change time of a file. It differs after a change of the file.
type Identity = (u64, u64, u64, i64, i64, i64, i64);

/// The keys of a running service. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    path: Arc<PathBuf>,
    keys: Arc<RwLock<Keys>>,
}

struct Keys {
    /// `None` until there is a file: requests need no key then.
    known: Option<Arc<Vec<Arc<Key>>>>,
    identity: Option<Identity>,
}

impl KeyRing {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or is not a file of keys.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        // The identity first, so that a change in between is noticed later.
        let identity = identity(path);
        let known = file::read(path)?.map(shared);
        let keys = Arc::new(RwLock::new(Keys { known, identity }));
        Ok(Self { path: Arc::new(path.to_owned()), keys })
    }

    /// Whether requests need a key.
    pub fn is_configured(&self) -> bool {
        self.read().known.is_some()
    }

    /// The key of a request. It is compared with all keys, so that the time does not tell which one it is.
    pub fn find(&self, secret: &str) -> Option<Arc<Key>> {
        let keys = self.read().known.clone()?;
        if !secret.starts_with(PREFIX) {
            return None;
        }
        let hash = KeyHash::of(secret);
        let mut found = None;
        for key in keys.iter() {
            if key.sha256.matches(&hash) {
                found = Some(key.clone());
            }
        }
        found
    }

    /// Keeps the keys up to date with the file, for as long as the process lives.
    pub async fn follow(self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // A check takes far less than a tick, so it needs no thread of its own.
            self.refresh();
        }
    }

    /// Reads the file again when it has changed. Without the file no key is valid any more; a file that
    /// cannot be read changes nothing, and the log says so.
    fn refresh(&self) {
        let identity = identity(&self.path);
        if identity == self.read().identity {
            return;
        }
        let known = match file::read(&self.path) {
            Ok(Some(keys)) => {
                tracing::info!(keys = keys.len(), "the keys have changed");
                Some(shared(keys))
            }
            Ok(None) => {
                tracing::error!(path = %self.path.display(), "the file of keys is gone; nobody is \
                    let in until it is back, or until a restart without it");
                Some(Arc::default())
            }
            Err(error) => {
                tracing::error!(%error, "the keys stay as they were");
                self.read().known.clone()
            }
        };
        *self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner()) =
            Keys { known, identity };
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn shared(keys: Vec<Key>) -> Arc<Vec<Arc<Key>>> {
    Arc::new(keys.into_iter().map(Arc::new).collect())
}

fn identity(path: &Path) -> Option<Identity> {
    let of = std::fs::metadata(path).ok()?;
    Some((of.dev(), of.ino(), of.size(), of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, create, revoke};

    #[test]
    fn the_ring_follows_the_file_and_never_opens_by_accident() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let ring = KeyRing::open(&path).unwrap();
        assert!(!ring.is_configured());
        let (key, secret) = create(&path, "shop".parse().unwrap(), Role::Read).unwrap();
        ring.refresh();
        assert!(ring.is_configured());
        assert!(ring.find(secret.expose()).is_some_and(|found| found.name == key.name));
        assert!(ring.find(&secret.expose()[..45]).is_none());
        assert!(ring.find("").is_none());

        std::fs::write(&path, "nonsense").unwrap();
        ring.refresh();
        assert!(ring.find(secret.expose()).is_some(), "a damaged file changes nothing");
        std::fs::remove_file(&path).unwrap();
        ring.refresh();
        assert!(ring.is_configured() && ring.find(secret.expose()).is_none());

        create(&path, "other".parse().unwrap(), Role::Read).unwrap();
        revoke(&path, &"other".parse().unwrap()).unwrap();
        let again = KeyRing::open(&path).unwrap();
        assert!(again.is_configured(), "no key is left, and nobody is let in");
    }
}
