//! Which stores there are. Nothing else names one.

use crate::sled::{SledMaintenance, SledOptions, SledStore};
use crate::{Maintenance, Store, StoreError, StoreSettings, StoreUrl};
use std::sync::Arc;

/// Opens the store that the settings name, making it when there is none.
///
/// Takes time with the size of the store. Fails when another process has it, or when it has lost
/// something that was acknowledged; nothing is deleted then.
pub fn open(settings: &StoreSettings) -> Result<Arc<dyn Store>, StoreError> {
    match &settings.url {
        StoreUrl::Sled(folder) => Ok(Arc::new(SledStore::open(&sled_options(settings, folder))?)),
    }
}

/// What can be done to the store that the settings name while no service has it open. Opens nothing
/// yet.
pub fn open_for_maintenance(settings: &StoreSettings) -> Box<dyn Maintenance> {
    match &settings.url {
        StoreUrl::Sled(folder) => Box::new(SledMaintenance::new(sled_options(settings, folder))),
    }
}

fn sled_options(settings: &StoreSettings, folder: &std::path::Path) -> SledOptions {
    SledOptions {
        path: folder.to_owned(),
        cache_bytes: settings.cache_bytes,
        free_disk_floor: settings.free_disk_floor,
        page_scan: settings.page_scan,
    }
}
