//! The rows of all files, read on a thread of their own.

use super::ledger::{Event, Ledger};
use super::{Opened, WAITING};
use crate::cli::Trouble;
use heartstrings_import::{Import, ReadError};
use heartstrings_service::now;
use tokio::sync::mpsc::{Receiver, channel};

/// A row, with the place of its file among the files.
pub enum Row {
    /// It can be stored.
    Good(usize, Box<Import>),
    /// It cannot, or nothing can that follows.
    Bad(Event),
}

/// Reads the files one after another. Reading waits where nobody takes rows.
///
/// # Errors
/// When there can be no thread.
pub fn read(files: Vec<Opened>) -> Result<Receiver<Row>, Trouble> {
    let (sender, rows) = channel(WAITING);
    let read = move || {
        for row in all(files) {
            if sender.blocking_send(row).is_err() {
                // Nobody wants the rest.
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("rows".into()).spawn(read);
    thread.map_err(|error| format!("cannot read files: {error}"))?;
    Ok(rows)
}

/// Reads all files and stores nothing.
pub fn check(files: Vec<Opened>, ledger: &mut Ledger) -> Result<(), Trouble> {
    for row in all(files) {
        ledger.take(match row {
            Row::Good(..) => Event::Stored { is_new: true },
            Row::Bad(event) => event,
        })?;
    }
    Ok(())
}

fn all(files: Vec<Opened>) -> impl Iterator<Item = Row> {
    files.into_iter().enumerate().flat_map(|(file, Opened { input, plan })| {
        input.map(move |record| match record {
            Ok(record) => match plan.import(record, now()) {
                Ok(import) => Row::Good(file, Box::new(import)),
                Err(refused) => Row::Bad(Event::Refused(file, refused)),
            },
            Err(ReadError::Row(refused)) => Row::Bad(Event::Refused(file, refused)),
            Err(ReadError::File(why)) => Row::Bad(Event::Broken(file, why)),
        })
    })
}
