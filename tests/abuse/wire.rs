//! Connections from other addresses, and what the service has open.

use crate::helpers::Server;
use rustix::process::{Pid, getpriority_process, setpriority_process};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Addresses that attackers come from.
const STRANGERS: usize = 16;

/// Connects from the next of the strangers' addresses.
pub async fn connect(url: &str) -> TcpStream {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let stranger = 2 + NEXT.fetch_add(1, Ordering::Relaxed) % STRANGERS;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("127.0.0.{stranger}:0").parse().unwrap()).unwrap();
    let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
    let connecting = tokio::time::timeout(Duration::from_secs(120), socket.connect(address));
    connecting.await.expect("no connection in two minutes").unwrap()
}

/// Sends a request, which asks for the connection to be closed, and reads all that comes until then.
pub async fn exchange(url: &str, bytes: &[u8]) -> String {
    let mut stream = connect(url).await;
    // The service may have answered and closed before it has taken everything.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

/// Sends bytes that need not be a request, goes away, and reads what comes nevertheless.
pub async fn leave(url: &str, bytes: &[u8]) -> String {
    let mut stream = connect(url).await;
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    rest(&mut stream).await
}

/// All that comes until the service closes the connection.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    // A connection that is reset has still said something before.
    let _ = tokio::time::timeout(Duration::from_secs(240), reading).await.expect("no end comes");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; 0 when there is none.
pub fn status(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// Whether the system has the service's end of a connection too, as it lists them.
pub fn is_known(stream: &TcpStream) -> bool {
    let listed = |address: SocketAddr| {
        let IpAddr::V4(ip) = address.ip() else { panic!("{address} is of another kind") };
        format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port())
    };
    let ends = (listed(stream.peer_addr().unwrap()), listed(stream.local_addr().unwrap()));
    let all = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    all.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        // 03: it is being opened, and the service cannot know of it yet.
        matches!(fields[..], [_, from, to, state, ..]
            if from == ends.0 && to == ends.1 && state != "03")
    })
}

/// How many sockets the service has open.
pub fn sockets(server: &Server) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let targets = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// The most memory that the service has in RAM during a time.
pub async fn peak(server: &Server, time: Duration) -> usize {
    let started = Instant::now();
    let mut most = 0;
    while started.elapsed() < time {
        most = most.max(server.resident_bytes());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    most
}

/// Lets this process have as many files as it needs.
pub fn allow_files(connections: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    // Here and in the service, which inherits the limit; beside the silent connections there are
    // a third as many slow ones, and the service has a second handle of some.
    let needed = (connections as u64 * 2).max(2_000);
    let mut limit = getrlimit(Resource::Nofile);
    limit.maximum = limit.maximum.map(|maximum| maximum.max(needed));
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit);
    assert!(raised.is_ok(), "{needed} files are needed: raise the hard limit of `ulimit -n`");
}

/// Lets the service and the thread with a name go first. Attackers have machines of their own; here
/// they would take the processor from the service, which says nothing of what it does with theirs.
pub fn step_back(name: &str) {
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        let folder = thread.unwrap().path();
        let its_name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        let id = folder.file_name().and_then(|id| id.to_str()).and_then(|id| id.parse().ok());
        if its_name.trim() != name {
            let id = id.and_then(Pid::from_raw);
            // One that has ended meanwhile takes nothing from anyone.
            let _ = getpriority_process(id).and_then(|now| setpriority_process(id, now + 10));
        }
    }
}
