//! Settings of the state folder: what a service and its commands share beside the reviews.

use super::layers::Layers;
use clap::Args;
use heartstrings_store::StoreUrl;
use std::path::{Path, PathBuf};

/// The settings of the state folder as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct StateFlags {
    /// Folder of the keys' hashes (keys.json) and of the socket by which commands reach the running
    /// service (control.sock); each store needs its own [default: beside the store's folder and in it]
    #[arg(long, env = "HEARTSTRINGS_STATE", value_name = "FOLDER", global = true)]
    pub state: Option<String>,
}

/// Their keys in a settings file.
pub(super) const KEYS: &[&str] = &["state"];

/// Where the state is that is not in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSettings {
    /// File of the keys' hashes, unless another one is named.
    pub keys_file: PathBuf,
    /// Socket by which commands reach the running service.
    pub control_socket: PathBuf,
}

impl StateSettings {
    /// Reads them out of the layers. Without a state folder the places follow the store's folder.
    pub(super) fn resolve(layers: &mut Layers, flags: &StateFlags, store: &StoreUrl) -> Self {
        let folder = |text: &str| Ok((!text.is_empty()).then(|| PathBuf::from(text)));
        match layers.get("state", &flags.state, "", folder) {
            Some(folder) => Self::within(&folder),
            None => Self::of_store(store),
        }
    }

    fn within(folder: &Path) -> Self {
        Self { keys_file: folder.join("keys.json"), control_socket: folder.join("control.sock") }
    }

    fn of_store(store: &StoreUrl) -> Self {
        let folder = store.folder();
        Self {
            // Beside the folder and not in it: a restore needs the folder empty.
            keys_file: PathBuf::from(format!("{}.keys.json", folder.display())),
            control_socket: folder.join("control.sock"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_follows_the_store_until_it_has_a_folder() {
        let store: StoreUrl = "sled:/srv/reviews/".parse().unwrap();
        let resolve = |state: Option<&str>| {
            let flags = StateFlags { state: state.map(str::to_owned) };
            StateSettings::resolve(&mut Layers::default(), &flags, &store)
        };
        let place = |keys: &str, socket: &str| StateSettings {
            keys_file: keys.into(),
            control_socket: socket.into(),
        };
        assert_eq!(resolve(None), place("/srv/reviews.keys.json", "/srv/reviews/control.sock"),);
        assert_eq!(resolve(Some("run")), place("run/keys.json", "run/control.sock"));
    }
}
