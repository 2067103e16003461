//! Settings of where reviews are kept, and how.

use super::layers::Layers;
use clap::Args;
use heartstrings_store::StoreSettings;

/// The settings of the store as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreFlags {
    /// Where reviews are kept [default: sled:./data]
    // Its value may hold a password, which help would show.
    #[arg(
        long,
        env = "HEARTSTRINGS_STORE",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
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

/// Reads them out of the layers.
pub(super) fn resolve(layers: &mut Layers, flags: &StoreFlags) -> StoreSettings {
    const MIB: u64 = 1 << 20;
    let mut mib = |key, flag, default, range| MIB * layers.count(key, flag, default, range) as u64;
    let cache_bytes = mib("store_cache_mib", &flags.store_cache_mib, 64, 8..=1 << 20);
    let free_disk_floor = mib("free_disk_mib", &flags.free_disk_mib, 256, 0..=1 << 30);
    StoreSettings {
        url: layers.get("store", &flags.store, "sled:./data", str::parse),
        cache_bytes,
        page_scan: layers.count("page_scan", &flags.page_scan, 2_000, 1..=1 << 30),
        free_disk_floor,
    }
}
