//! Where the commands that only read take their numbers from: a store, or a running service.

use super::advice::with_advice;
use super::remote::{Client, Remote, detail};
use super::{Trouble, data};
use crate::settings::Settings;
use form_urlencoded::Serializer;
use heartstrings_store::{OpenError, Store, StoreError};
use serde_json::Value;
use std::sync::Arc;

/// A store that no service has open, or a running service.
pub enum Place {
    /// The store of the settings.
    Store(Arc<dyn Store>),
    /// The service that was named.
    Server(Client),
}

impl Place {
    /// Opens the one or the other. There must be a store: none is made.
    pub fn open(settings: &Settings, remote: &Remote) -> Result<Self, Trouble> {
        if let Some(client) = remote.client()? {
            return Ok(Self::Server(client));
        }
        data::existing(settings)?;
        let store = heartstrings_store::open(&settings.store).map_err(|error| match error {
            StoreError::Open(OpenError::InUse { .. }) => format!(
                "{error}. If a service runs on it, ask that: --server http://{}",
                settings.listen
            ),
            error => with_advice(&error),
        })?;
        Ok(Self::Store(store))
    }

    /// Closes the store, if it is one.
    pub async fn close(&self) -> Result<(), Trouble> {
        match self {
            Self::Store(store) => Ok(store.close().await.map_err(|error| with_advice(&error))?),
            Self::Server(_) => Ok(()),
        }
    }
}

/// Parameters as a query string.
pub fn query_string(pairs: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A problem of parameters that were written on the command line.
pub fn usage(problem: Value) -> Trouble {
    Trouble::Usage(detail(&problem).replace("query/", "--").replace('_', "-"))
}
