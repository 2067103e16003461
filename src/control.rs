//! What commands ask of a running service.
//!
//! A database has one process, so a command that finds the service running cannot open it. It asks
//! the service instead, over a Unix socket in the store's folder that only the service's own user
//! can open. A request is one line; the answer is a backup, or lines of JSON the last of which
//! says how it ended.

use heartstrings_service::backup;
use heartstrings_service::{Rescored, Service};
use serde::{Deserialize, Serialize};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The socket's name in the store's folder.
const SOCKET: &str = "control.sock";
/// How long a command may take to say what it wants, or to take more of an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command asks for.
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
    /// It goes on.
    Running(Rescored),
    /// It is done.
    Done(Rescored),
    /// It failed, and why.
    Failed(String),
}

/// Listens for commands until the process ends. `folder` is the store's, which this process has
/// open, so a socket that is there already is left from one that died.
pub fn listen(folder: &Path, service: Service) -> std::io::Result<()> {
    let path = folder.join(SOCKET);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new().name("control".into()).spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let (service, runtime) = (service.clone(), runtime.clone());
            let serve = move || {
                if let Err(error) = answer(stream, &service, &runtime) {
                    tracing::warn!(%error, "a command has gone away");
                }
            };
            if let Err(error) = std::thread::Builder::new().name("command".into()).spawn(serve) {
                tracing::warn!(%error, "a command could not be served");
            }
        }
    })?;
    Ok(())
}

/// Removes the socket, when the service stops.
pub fn remove(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(SOCKET));
}

fn answer(
    stream: UnixStream,
    service: &Service,
    runtime: &tokio::runtime::Handle,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    std::io::BufRead::read_line(&mut BufReader::new(&stream), &mut line)?;
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

/// Asks the service that has the store in `folder` open; `None` when none runs.
pub fn ask(folder: &Path, request: &Request) -> std::io::Result<Option<BufReader<UnixStream>>> {
    let path: PathBuf = folder.join(SOCKET);
    let Ok(mut stream) = UnixStream::connect(path) else { return Ok(None) };
    serde_json::to_writer(&mut stream, request)?;
    stream.write_all(b"\n")?;
    Ok(Some(BufReader::new(stream)))
}
