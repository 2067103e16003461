//! Into a running service, as one stream of lines.

use super::Opened;
use super::ledger::{Event, Ledger};
use super::rows::{Row, read};
use crate::cli::Trouble;
use crate::cli::remote::{Client, detail};
use futures_util::{StreamExt, stream};
use heartstrings_core::review::{Format, ReviewDraft};
use heartstrings_import::Import;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use hyper::Method;
use hyper::body::{Bytes, Frame};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::unbounded_channel;

/// Rows that are on their way; answers come in the order in which they were sent.
type Sent = Arc<Mutex<VecDeque<(usize, Box<Import>)>>>;

/// Imports the files.
pub async fn run(client: &Client, files: Vec<Opened>, ledger: &mut Ledger) -> Result<(), Trouble> {
    let sent = Sent::default();
    let (bad_rows, mut bad) = unbounded_channel();
    let (rows, remembered) = (read(files)?, Arc::clone(&sent));
    let lines = stream::unfold((rows, bad_rows), move |(mut rows, bad_rows)| {
        let sent = Arc::clone(&remembered);
        async move {
            loop {
                match rows.recv().await? {
                    Row::Good(file, import) => {
                        let line = format!("{}\n", to_json(&import.draft));
                        lock(&sent).push_back((file, import));
                        return Some((Ok(Frame::data(Bytes::from(line))), (rows, bad_rows)));
                    }
                    // Nobody takes them when the import has ended with an error.
                    Row::Bad(event) => drop(bad_rows.send(event)),
                }
            }
        }
    });
    let body = StreamBody::new(lines).boxed_unsync();
    let body = Some(("application/x-ndjson", body));
    let response = client.send(Method::POST, "/v1/reviews/batch", body).await?;
    let mut pieces = BodyStream::new(client.good(response).await?);
    let mut buffer = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            ledger.interrupted(&format!("{} has closed the connection", client.base()))
        })?;
        // What is no data are trailers.
        buffer.extend_from_slice(&piece.into_data().unwrap_or_default());
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            ledger.take(answered(&sent, &line))?;
        }
        while let Ok(event) = bad.try_recv() {
            ledger.take(event)?;
        }
    }
    while let Some(event) = bad.recv().await {
        ledger.take(event)?;
    }
    match lock(&sent).len() {
        0 => Ok(()),
        n => Err(ledger.interrupted(&format!("{} has not answered for {n} rows", client.base()))),
    }
}

/// What has come of the row that was sent before all others that have no answer yet.
fn answered(sent: &Sent, line: &[u8]) -> Event {
    let Ok(result) = serde_json::from_slice::<Value>(line) else {
        return Event::Fatal("the service answers with something that is not JSON".into());
    };
    let status = result["status"].as_u64().unwrap_or_default();
    let Some((file, import)) = lock(sent).pop_front() else {
        let why = detail(&result["problem"]);
        return Event::Fatal(format!("the service answers for a row that was not sent: {why}"));
    };
    match status {
        200 | 201 => Event::Stored { is_new: status == 201 },
        // Not the row's fault.
        408 | 429 => Event::Fatal(detail(&result["problem"])),
        400..500 => Event::Refused(file, import.refused(vec![detail(&result["problem"])])),
        _ => Event::Fatal(format!(
            "the service could not store a row: {}",
            detail(&result["problem"])
        )),
    }
}

fn lock(sent: &Sent) -> std::sync::MutexGuard<'_, VecDeque<(usize, Box<Import>)>> {
    sent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A draft as `POST /v1/reviews` takes it.
fn to_json(draft: &ReviewDraft) -> Value {
    let mut body = json!({
        "subject": draft.subject,
        "text": draft.text,
        "id": draft.id,
        "title": draft.title,
        "rating": draft.rating,
        "author": draft.author,
        "source": draft.source,
        "language": draft.language,
        "written_at": draft.written_at,
        "format": match draft.format {
            Format::Plain => "plain",
            Format::Html => "html",
        },
        "metadata": draft.metadata,
    });
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    body
}
