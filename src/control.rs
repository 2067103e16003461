//! The control socket: how a command reaches a running service.
//!
//! A database can be open in one process only, so a command cannot open it while the service runs. It
//! asks the service instead, over a Unix socket that only the service's own user can open. A request is
//! one line of JSON. The answer is a backup, or lines of JSON of which the last one holds the outcome.

use heartstrings_service::backup;
use heartstrings_service::{Rescored, Service};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a command to send its request, or to read more of an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest request, in bytes.
const REQUEST_BYTES: u64 = 4 << 10;

/// The request of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// A backup of everything.
    Backup {
        /// Whether reviews that cannot be read are left out.
        skip_damaged: bool,
    },
    /// New analyses for the reviews of older models.
    Rescore {
        /// For all reviews, those of this model too.
        all: bool,
    },
}

/// A line of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The work goes on; how far it is.
    Running(Rescored),
    /// The work is done.
    Done(Rescored),
    /// The work failed; the reason.
    Failed(String),
}

/// A socket that this process listens on. The file goes when it is dropped.
#[must_use = "commands reach the service for as long as it is kept"]
pub struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Answers commands on a new socket at `path` until the process ends. Makes the folder of the socket
/// when there is none.
///
/// # Errors
/// When another service answers there, and when the socket cannot be made.
pub fn listen(path: &Path, service: Service) -> std::io::Result<Socket> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if UnixStream::connect(path).is_ok() {
        let why = format!(
            "another service answers on {}; give each service a folder of its own with --state",
            path.display()
        );
        return Err(std::io::Error::new(std::io::ErrorKind::AddrInUse, why));
    }
    // A process that was killed has left it.
    let _ = std::fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    let socket = Socket(path.to_owned());
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new().name("control".into()).spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let (service, runtime) = (service.clone(), runtime.clone());
            let serve = move || {
                if let Err(error) = answer(stream, &service, &runtime) {
                    tracing::warn!(%error, "a command has closed its connection");
                }
            };
            if let Err(error) = std::thread::Builder::new().name("command".into()).spawn(serve) {
                tracing::warn!(%error, "a command could not be served");
            }
        }
    })?;
    Ok(socket)
}

fn answer(
    stream: UnixStream,
    service: &Service,
    runtime: &tokio::runtime::Handle,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(&stream).take(REQUEST_BYTES).read_line(&mut line)?;
    if line.is_empty() {
        // Another service has looked whether the socket is taken.
        return Ok(());
    }
    let request = serde_json::from_str(&line)?;
    tracing::info!(?request, "a command");
    let mut out = BufWriter::new(stream);
    match request {
        Request::Backup { skip_damaged } => {
            // An error ends the stream without a foot, and with the reason.
            let outcome = runtime.block_on(async {
                let mut snapshot = service.snapshot().await?;
                backup::write(snapshot.as_mut(), &mut out, skip_damaged).await
            });
            if let Err(error) = outcome {
                tracing::error!(%error, "a backup failed");
                backup::give_up(&mut out, error.with_advice())?;
            }
        }
        Request::Rescore { all } => {
            let mut lost = None;
            let outcome = runtime.block_on(service.rescore(all, &mut |so_far| {
                let sent = send(&mut out, &Progress::Running(so_far));
                lost = lost.take().or(sent.err());
            }));
            if let Some(error) = lost {
                return Err(error);
            }
            let end = outcome.map_or_else(|e| Progress::Failed(e.to_string()), Progress::Done);
            send(&mut out, &end)?;
        }
    }
    out.flush()
}

fn send(out: &mut impl Write, line: &Progress) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Sends a request to the service that listens at `path`, and gives its answer; `None` when no service
/// runs.
///
/// # Errors
/// When the request cannot be sent.
pub fn ask(path: &Path, request: &Request) -> std::io::Result<Option<BufReader<UnixStream>>> {
    let Ok(mut stream) = UnixStream::connect(path) else { return Ok(None) };
    serde_json::to_writer(&mut stream, request)?;
    stream.write_all(b"\n")?;
    Ok(Some(BufReader::new(stream)))
}
