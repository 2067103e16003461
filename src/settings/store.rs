//! Settings of where reviews are kept, and how.

use super::layers::Layers;
use clap::Args;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The settings of the store as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreFlags {
    /// Where reviews are kept [default: sled:./data]
    #[arg(long, env = "HEARTSTRINGS_STORE", value_name = "URL", global = true)]
    pub store: Option<String>,
    /// Memory for the store's cache, in MiB [default: 64]
    #[arg(long, env = "HEARTSTRINGS_STORE_CACHE_MIB", value_name = "MIB", global = true)]
    pub store_cache_mib: Option<String>,
    /// Reviews that a page of a filtered list looks through at most; subjects with more, and all
    /// reviews together, are listed by label, emotion and source too. More of them make smaller
    /// databases and slower pages [default: 2000]
    #[arg(long, env = "HEARTSTRINGS_PAGE_SCAN", value_name = "N", global = true)]
    pub page_scan: Option<String>,
    /// Free space on the store's disk below which writes get 507, in MiB [default: 256]
    #[arg(long, env = "HEARTSTRINGS_FREE_DISK_MIB", value_name = "MIB", global = true)]
    pub free_disk_mib: Option<String>,
}

/// Their keys in a settings file.
pub(super) const KEYS: &[&str] = &["store", "store_cache_mib", "page_scan", "free_disk_mib"];

/// The settings of the store, checked.
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
    /// Reads them out of the layers.
    pub(super) fn resolve(layers: &mut Layers, flags: &StoreFlags) -> Self {
        const MIB: u64 = 1 << 20;
        let mut mib =
            |key, flag, default, range| MIB * layers.count(key, flag, default, range) as u64;
        let cache_bytes = mib("store_cache_mib", &flags.store_cache_mib, 64, 8..=1 << 20);
        let free_disk_floor = mib("free_disk_mib", &flags.free_disk_mib, 256, 0..=1 << 30);
        Self {
            url: layers.get("store", &flags.store, "sled:./data", str::parse),
            cache_bytes,
            page_scan: layers.count("page_scan", &flags.page_scan, 2_000, 1..=1 << 30),
            free_disk_floor,
        }
    }
}

/// Where reviews are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// An embedded sled database in this folder.
    Sled(PathBuf),
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
            _ => Err(format!("{url:?} is not a store; write it like sled:./data")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_after_the_folder_of_the_store_changes_nothing() {
        for (url, folder) in [("sled:./data/", "./data"), ("sled:/a/b//", "/a/b"), ("sled:/", "/")]
        {
            let StoreUrl::Sled(found) = url.parse().unwrap();
            assert_eq!(found.as_os_str(), folder);
        }
    }
}
