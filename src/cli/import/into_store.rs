//! Into a store that no service has open.

use super::Opened;
use super::ledger::{Event, Ledger};
use super::rows::{Row, read};
use crate::cli::advice::with_advice;
use crate::cli::serve::assemble_service;
use crate::cli::{Trouble, start_engine};
use crate::settings::Settings;
use futures_util::{StreamExt, stream};
use heartstrings_import::Import;
use heartstrings_scoring::ScoringError;
use heartstrings_service::{Accepted, BulkError, Service, ServiceError};
use heartstrings_store::{OpenError, StoreError};
use std::pin::pin;
use tokio::signal::unix::{SignalKind, signal};

/// Reviews that are scored at the same time: enough for full batches of texts of like length on all
/// workers, while others are written.
const IN_FLIGHT: usize = 64;

/// Imports the files, and closes the store.
pub fn run(
    settings: &Settings,
    runtime: &tokio::runtime::Runtime,
    files: Vec<Opened>,
    ledger: &mut Ledger,
) -> Result<(), Trouble> {
    let store = heartstrings_store::open(&settings.store).map_err(|error| match error {
        StoreError::Open(OpenError::InUse { .. }) => format!(
            "{error}. If a service runs on it, import into that: --server http://{}",
            settings.listen
        ),
        error => with_advice(&error),
    })?;
    let service = assemble_service(settings, start_engine(settings)?, store);
    let outcome = runtime.block_on(import(&service, files, ledger));
    let closed = runtime.block_on(service.close());
    outcome?;
    closed.map_err(|error| format!("the store did not close: {error}"))?;
    Ok(())
}

async fn import(service: &Service, files: Vec<Opened>, ledger: &mut Ledger) -> Result<(), Trouble> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let rows = stream::unfold(read(files)?, async |mut rows| Some((rows.recv().await?, rows)));
    let items = rows.map(|row| match row {
        Row::Good(file, import) => Ok((import.draft.clone(), (file, import))),
        Row::Bad(event) => Err(event),
    });
    let events = pin!(service.clone().create_each(items, |_, kept, outcome| event(kept, outcome)));
    let mut events = events.buffer_unordered(IN_FLIGHT);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(event) => ledger.take(event)?,
                None => return Ok(()),
            },
            _ = terminate.recv() => return Err(ledger.interrupted("stopped by SIGTERM")),
            _ = interrupt.recv() => return Err(ledger.interrupted("stopped by Ctrl-C")),
        }
    }
}

/// What has come of a row.
fn event(kept: Option<(usize, Box<Import>)>, outcome: Result<Accepted, BulkError<Event>>) -> Event {
    let reasons = match outcome {
        Ok(accepted) => return Event::Stored { is_new: accepted.is_new },
        Err(BulkError::Invalid(violations)) => {
            violations.into_iter().map(|v| format!("{}: {}", v.pointer, v.detail)).collect()
        }
        Err(BulkError::Panicked) => vec!["handling this row failed; the log says how".to_owned()],
        Err(BulkError::Service(ServiceError::Scoring(ScoringError::Failed(_)))) => {
            vec!["the model failed on this text".to_owned()]
        }
        Err(BulkError::Service(error @ ServiceError::Conflict(_))) => vec![error.to_string()],
        Err(BulkError::Service(ServiceError::Store(error))) => {
            return Event::Fatal(with_advice(&error));
        }
        Err(BulkError::Service(error)) => return Event::Fatal(error.to_string()),
        Err(BulkError::Unread(event)) => return event,
    };
    match kept {
        Some((file, import)) => Event::Refused(file, import.refused(reasons)),
        // There is none without what was kept beside it.
        None => Event::Fatal(reasons.join("; ")),
    }
}
