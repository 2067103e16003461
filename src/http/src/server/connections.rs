//! Connections: how many in all and from one address, and how long without a request.
//!
//! actix-web gives the head of the *first* request of a connection a time to arrive in, and a
//! connection between requests a time to be idle. Two things slip through: the head of a later
//! request that comes a byte at a time, and a chunked body that nothing reads any more. So every
//! connection is checked once a second, and one that has had no request for too long is closed,
//! whatever it has been sending.
//!
//! To close a connection from outside takes a second file descriptor for it, and descriptors may be
//! scarce. Connections for which none is left are not watched, and closed after one answer.

use crate::response::guarded_body::GuardedBody;
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use rustix::net::Shutdown;
use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

/// Time that sent data may wait for a client to take it; then the connection is closed.
const UNREAD_TIME: Duration = Duration::from_secs(60);
/// Most connections that wait to be accepted: the default limit of Linux (`somaxconn`).
const BACKLOG: i32 = 4_096;
/// How often connections are checked for requests.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Files that are not connections: the store, the model, the log, and as many to spare.
const OTHER_FILES: u64 = 256;

/// All connections of the server. Clones share them.
#[derive(Clone)]
pub struct Connections {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    /// Time without a request after which a connection is closed.
    quiet: Duration,
    /// Most connections from one address; 0 for no limit.
    per_address: u32,
    /// Most connections that are watched.
    most_watched: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    by_number: HashMap<u64, Weak<Connection>>,
    by_address: HashMap<IpAddr, u32>,
    watched: usize,
    next: u64,
}

/// One connection; it counts until this is dropped.
struct Connection {
    number: u64,
    address: Option<IpAddr>,
    /// A descriptor of our own, so that a reused number cannot close another connection; none when
    /// the connection is not watched.
    socket: Option<OwnedFd>,
    /// Requests that are being answered.
    busy: AtomicUsize,
    /// When the last one was answered, in milliseconds since the start.
    quiet_since: AtomicU64,
    shared: Arc<Shared>,
}

/// A request that is being answered on a connection, until its answer has been sent.
struct ConnectionUse(Option<Arc<Connection>>);

impl Connections {
    /// No connections yet.
    pub fn new(per_address: u32, most_watched: usize, quiet: Duration) -> Self {
        let (started, open) = (Instant::now(), Mutex::default());
        Self { shared: Arc::new(Shared { started, quiet, per_address, most_watched, open }) }
    }

    /// Registers a new connection; closes it when its address has too many.
    pub fn opened(&self, io: &dyn Any, data: &mut Extensions) {
        let Some(stream) = tcp(io) else { return };
        let address = stream.peer_addr().ok().map(|address| address.ip());
        let mut open = self.shared.open();
        let count = address.map_or(0, |address| {
            let count = open.by_address.entry(address).or_default();
            *count += 1;
            *count
        });
        let number = open.next;
        open.next += 1;
        let may_be_watched = open.watched < self.shared.most_watched;
        let socket = may_be_watched.then(|| stream.as_fd().try_clone_to_owned().ok()).flatten();
        open.watched += usize::from(socket.is_some());
        let connection = Arc::new(Connection {
            number,
            address,
            socket,
            busy: AtomicUsize::new(0),
            quiet_since: AtomicU64::new(self.shared.now()),
            shared: self.shared.clone(),
        });
        open.by_number.insert(number, Arc::downgrade(&connection));
        drop(open);
        if self.shared.per_address > 0 && count > self.shared.per_address {
            tracing::debug!(?address, count, "a connection too many from one address");
            // It may have closed by itself, which is fine.
            let _ = rustix::net::shutdown(stream, Shutdown::Both);
        }
        data.insert(connection);
    }

    /// Closes the connections that have been without a request for too long.
    pub fn close_quiet(&self) {
        let open: Vec<_> =
            self.shared.open().by_number.values().filter_map(Weak::upgrade).collect();
        let now = self.shared.now();
        let quiet = self.shared.quiet.as_millis() as u64;
        for connection in open {
            let since = connection.quiet_since.load(Ordering::Acquire);
            if connection.busy.load(Ordering::Acquire) == 0 && now.saturating_sub(since) > quiet {
                connection.close();
            }
        }
    }
}

impl Shared {
    fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Connection {
    fn close(&self) {
        if let Some(socket) = &self.socket {
            // It may have closed by itself, which is fine.
            let _ = rustix::net::shutdown(socket, Shutdown::Both);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.shared.open();
        open.by_number.remove(&self.number);
        open.watched -= usize::from(self.socket.is_some());
        if let Some(address) = self.address
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

impl ConnectionUse {
    /// Counts a request on its connection.
    fn begin(request: &ServiceRequest) -> Self {
        let connection = request.conn_data::<Arc<Connection>>().cloned();
        if let Some(connection) = &connection {
            connection.busy.fetch_add(1, Ordering::AcqRel);
        }
        Self(connection)
    }

    /// Whether the connection may be kept for another request.
    fn may_be_kept(&self) -> bool {
        self.0.as_ref().is_none_or(|connection| connection.socket.is_some())
    }
}

impl Drop for ConnectionUse {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.quiet_since.store(connection.shared.now(), Ordering::Release);
            connection.busy.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Keeps a connection in use until the answer has been sent. Connections that are not watched are
/// closed after the answer.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let in_use = ConnectionUse::begin(&request);
    let may_be_kept = in_use.may_be_kept();
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = response.map_body(|_, body| GuardedBody::boxed(body, in_use));
    if !may_be_kept {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

fn tcp(io: &dyn Any) -> Option<&TcpStream> {
    io.downcast_ref::<TcpStream>()
        .or_else(|| io.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0))
}

/// Has the system close connections whose client does not read, or is gone; accepted connections
/// inherit this. Also raises the backlog from the 128 of the standard library: when it is full, a
/// client retries after a second, and with `tcp_syncookies` the system keeps no state, so that a
/// client whose last packet is lost believes to be connected while the server does not know it.
pub fn prepare(listener: &TcpListener) -> std::io::Result<()> {
    rustix::net::listen(listener, BACKLOG)?;
    rustix::net::sockopt::set_tcp_user_timeout(listener, UNREAD_TIME.as_millis() as u32)?;
    rustix::net::sockopt::set_socket_keepalive(listener, true)?;
    Ok(())
}

/// Raises the limit of open files as far as the system allows, grows the table of files for it, and
/// gives how many connections fit, and how many of them can be watched, which takes a second file
/// each.
pub fn fitting(listener: &TcpListener, wanted: usize) -> (usize, usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused where a sandbox forbids it; then the number that holds is the old one.
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let (connections, watched) = share(files, wanted);
    make_room(listener, files.min((connections + watched) as u64 + OTHER_FILES));
    if watched < wanted {
        tracing::warn!(
            wanted,
            connections,
            watched,
            "fewer connections than wanted fit, or can be kept between requests: `ulimit -n` \
             should be more than twice as many"
        );
    }
    (connections, watched)
}

/// Grows the process's table of files to this size at once. The system would double it whenever it is
/// full, and each time the thread that opens a file waits until all processors have let go of the old
/// table: tens of milliseconds, under load.
fn make_room(listener: &TcpListener, files: u64) {
    let last = RawFd::try_from(files.saturating_sub(1)).unwrap_or(RawFd::MAX);
    // Where the system refuses, the table grows as it always has.
    drop(rustix::io::fcntl_dupfd_cloexec(listener, last));
}

/// Shares files between connections and their second handles. A quarter at least is for the
/// latter: most connections of most days are kept.
fn share(files: u64, wanted: usize) -> (usize, usize) {
    let free = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX).max(32);
    let connections = wanted.min(free - free / 4);
    (connections, wanted.min(free - connections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_never_promised_twice() {
        assert_eq!(share(1 << 20, 16_384), (16_384, 16_384));
        assert_eq!(share(u64::MAX, 16_384), (16_384, 16_384));
        for files in [0, 256, 1_024, 4_096, 20_000, 33_000] {
            let (connections, watched) = share(files, 16_384);
            assert!(connections >= 16 && watched >= 8, "{files}: {connections} and {watched}");
            let free = files.saturating_sub(OTHER_FILES).max(32) as usize;
            assert!(connections + watched <= free, "{files}: {connections} and {watched}");
        }
    }

    #[test]
    fn the_table_of_files_is_made_large_enough_at_once() {
        let size = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap();
            line.trim().parse::<usize>().unwrap()
        };
        let (connections, watched) = fitting(&TcpListener::bind("127.0.0.1:0").unwrap(), size());
        let wanted = connections + watched;
        assert!(size() >= wanted, "the table has {} places, not {wanted}", size());
    }
}
