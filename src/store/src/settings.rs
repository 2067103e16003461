//! Which store, and how it is to work: plain data.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The settings of a store, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Where reviews are kept.
    pub url: StoreUrl,
    /// Memory for the store's cache, in bytes.
    pub cache_bytes: u64,
    /// Entries of a list that a page looks at; scopes with more reviews have lists by label, emotion
    /// and source.
    pub page_scan: usize,
    /// Free space on the store's disk below which writes are refused, in bytes.
    pub free_disk_floor: u64,
}

impl StoreSettings {
    /// The defaults: 64 MiB of cache, 256 MiB kept free, and 2,000 entries, which is what can be
    /// looked at in a few milliseconds, from the file too.
    pub fn new(url: StoreUrl) -> Self {
        Self { url, cache_bytes: 64 << 20, page_scan: 2_000, free_disk_floor: 256 << 20 }
    }
}

/// Where reviews are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// An embedded sled database in this folder.
    Sled(PathBuf),
}

impl StoreUrl {
    /// The folder of a store that is in one.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Sled(folder) => folder,
        }
    }
}

impl FromStr for StoreUrl {
    type Err = String;
    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("sled", "")) => Err("sled: needs a folder; write it like sled:./data".into()),
            // Other files stand beside the folder under its name with something after it, so a
            // slash at its end must go.
            Some(("sled", folder)) => Ok(StoreUrl::Sled(Path::new(folder).components().collect())),
            Some(("postgres" | "postgresql", _)) => {
                Err("PostgreSQL is not supported by this version; use sled:FOLDER".into())
            }
            // What follows may hold a password, and this message ends in logs.
            Some((kind, _)) => {
                Err(format!("{kind:?} is not a kind of store; write it like sled:./data"))
            }
            None => Err(format!("{url:?} is not a store; write it like sled:./data")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_store_does_not_show_its_password() {
        for url in ["postgres://me:s3cret@db/x", "postgresq://me:s3cret@db/x", "me:s3cret@db/x"] {
            let refusal = url.parse::<StoreUrl>().unwrap_err();
            assert!(!refusal.contains("s3cret") && refusal.contains("sled:"), "{refusal}");
        }
        let refusal = "./data".parse::<StoreUrl>().unwrap_err();
        assert!(refusal.contains("./data"), "{refusal}");
    }

    #[test]
    fn a_slash_after_the_folder_of_the_store_changes_nothing() {
        for (url, folder) in [("sled:./data/", "./data"), ("sled:/a/b//", "/a/b"), ("sled:/", "/")]
        {
            let StoreUrl::Sled(found) = url.parse().unwrap();
            assert_eq!(found.as_os_str(), folder);
        }
    }
}
