//! The file of keys: JSON, replaced as a whole.
//!
//! It is not in the database, because an embedded database is open in one process only, and keys must be
//! created and revoked while the service runs.

use super::{Key, KeyHash, KeyName, MOST_KEYS, Role, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Version of the file's format.
const VERSION: u32 = 1;
/// Largest size of a file, in bytes; a thousand keys take a fifth of that.
const MOST_BYTES: u64 = 1 << 20;

/// Why keys cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file or its folder cannot be read or written.
    #[error("cannot {0} {path}: {2}", path = .1.display())]
    Io(&'static str, PathBuf, std::io::Error),
    /// The file is not a file of keys.
    #[error(
        "{path} is not a file of keys: {1}. Nobody is let in with it; put a good one in its place, \
         or move it away and make new keys with `heartstrings key create`",
        path = .0.display()
    )]
    Damaged(PathBuf, String),
    /// The name is taken.
    #[error("there is a key named {0} already; revoke it first, or choose another name")]
    Taken(KeyName),
    /// No key has this name.
    #[error("there is no key named {0}; `heartstrings key list` shows those that there are")]
    Unknown(KeyName),
    /// There are [`MOST_KEYS`] keys already.
    #[error("there are {MOST_KEYS} keys, which is the most; revoke one first")]
    TooMany,
    /// The system gives no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u32,
    keys: Vec<Key>,
}

/// The keys in a file; `None` without a file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Key>>, KeysError> {
    let failed = |error| KeysError::Io("read", path.to_owned(), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut text = String::new();
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    let damaged = |why: String| KeysError::Damaged(path.to_owned(), why);
    if text.len() as u64 > MOST_BYTES {
        return Err(damaged("it is larger than 1 MiB".into()));
    }
    let contents: Contents =
        serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    if contents.version != VERSION {
        return Err(damaged(format!("its version is {}, not {VERSION}", contents.version)));
    }
    if contents.keys.len() > MOST_KEYS {
        return Err(damaged(format!("it has more than {MOST_KEYS} keys")));
    }
    Ok(Some(contents.keys))
}

/// The keys in a file, in the order in which they were created; none without a file.
///
/// # Errors
/// When the file cannot be read, or is not a file of keys.
pub fn list(path: &Path) -> Result<Vec<Key>, KeysError> {
    Ok(read(path)?.unwrap_or_default())
}

/// Creates a key and writes its hash. The secret is not kept: it is in the result only.
///
/// # Errors
/// When the name is taken, there are too many keys, or the file cannot be read or written.
pub fn create(path: &Path, name: KeyName, role: Role) -> Result<(Key, Secret), KeysError> {
    let secret = Secret::random()?;
    let sha256 = KeyHash::of(secret.expose());
    let key = Key { name, role, created_at: Timestamp::now(), sha256 };
    change(path, |keys| {
        if keys.iter().any(|other| other.name == key.name) {
            return Err(KeysError::Taken(key.name.clone()));
        }
        if keys.len() >= MOST_KEYS {
            return Err(KeysError::TooMany);
        }
        keys.push(key.clone());
        Ok(())
    })?;
    Ok((key, secret))
}

/// Removes a key. The file stays when the last key is removed, so that nobody has access then rather than
/// everybody.
///
/// # Errors
/// When there is no key of this name, or the file cannot be read or written.
pub fn revoke(path: &Path, name: &KeyName) -> Result<(), KeysError> {
    change(path, |keys| {
        let before = keys.len();
        keys.retain(|key| key.name != *name);
        if keys.len() == before { Err(KeysError::Unknown(name.clone())) } else { Ok(()) }
    })
}

/// Reads, changes and replaces the file, one process at a time.
fn change(
    path: &Path,
    edit: impl FnOnce(&mut Vec<Key>) -> Result<(), KeysError>,
) -> Result<(), KeysError> {
    let failed = |error| KeysError::Io("write", path.to_owned(), error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Two commands at the same time must not lose each other's changes. The lock is on a separate file,
    // because the file of keys is replaced.
    let lock = private(&beside(path, "lock"), false).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut keys = list(path)?;
    edit(&mut keys)?;
    replace(path, folder, &Contents { version: VERSION, keys }).map_err(failed)
}

/// Writes a new file and renames it over the old one, so that the file is complete at any time.
fn replace(path: &Path, folder: &Path, contents: &Contents) -> std::io::Result<()> {
    let new = beside(path, "new");
    // An interrupted command may have left a file with other permissions.
    let _ = std::fs::remove_file(&new);
    let mut file = private(&new, true)?;
    serde_json::to_writer_pretty(&mut file, contents)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    File::open(folder)?.sync_all()
}

/// Opens a file for writing, and creates it readable for its owner only.
fn private(path: &Path, must_be_new: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).create_new(must_be_new).mode(0o600);
    options.open(path)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn name(name: &str) -> KeyName {
        name.parse().unwrap()
    }

    #[test]
    fn only_the_hash_is_written_and_only_the_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.json");
        let (_, secret) = create(&path, name("shop"), Role::Write).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret.expose()) && !text.contains(&secret.expose()[3..]));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let keys = list(&path).unwrap();
        assert!(keys.len() == 1 && keys[0].sha256.matches(&KeyHash::of(secret.expose())));
    }

    #[test]
    fn names_are_taken_once_and_the_file_stays_when_the_last_key_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        create(&path, name("a"), Role::Read).unwrap();
        assert!(matches!(create(&path, name("a"), Role::Read), Err(KeysError::Taken(_))));
        revoke(&path, &name("a")).unwrap();
        assert!(matches!(revoke(&path, &name("a")), Err(KeysError::Unknown(_))));
        assert!(read(&path).unwrap().is_some_and(|keys| keys.is_empty()));
    }

    #[test]
    fn keys_made_at_once_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::thread::scope(|scope| {
            for number in 0..16 {
                let path = &path;
                scope.spawn(move || create(path, name(&format!("k{number}")), Role::Read).unwrap());
            }
        });
        assert_eq!(list(&path).unwrap().len(), 16);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        for bad in ["", "{}", "{\"version\": 2, \"keys\": []}", "{\"version\": 1, \"keys\": [{}]}"]
        {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(create(&path, name("a"), Role::Read), Err(KeysError::Damaged(..))));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), bad);
        }
    }
}
