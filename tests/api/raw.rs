//! Clients that do not keep to HTTP, or that take their time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection on which anything can be sent.
pub struct Raw(pub TcpStream);

impl Raw {
    /// Connects to the service at `http://…`.
    pub fn connect(url: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        // Longer than anything that the service waits for: an answer that does not come at all
        // ends the test.
        stream.set_read_timeout(Some(Duration::from_secs(180))).unwrap();
        Self(stream)
    }

    /// Sends; whether the service takes it is another question.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.0.write_all(bytes.as_ref())
    }

    /// The next bytes that come; none when the connection has ended.
    pub fn piece(&mut self) -> String {
        let mut bytes = [0; 4096];
        let count = self.0.read(&mut bytes).unwrap_or_default();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    /// All that comes until the service closes the connection.
    pub fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A connection that is reset has still said something before.
        let _ = self.0.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends one request and gives its status; 0 when the connection was closed without one.
    pub fn status(url: &str, request: impl AsRef<[u8]>) -> u16 {
        let mut raw = Self::connect(url);
        // The service may have answered and closed before it has taken everything.
        let _ = raw.send(request);
        let _ = raw.0.shutdown(std::net::Shutdown::Write);
        status_of(&raw.rest())
    }

    /// The status of the next answer, while the connection stays open.
    pub fn next_status(&mut self) -> u16 {
        let mut bytes = [0; 12];
        match self.0.read_exact(&mut bytes) {
            Ok(()) => status_of(&String::from_utf8_lossy(&bytes)),
            Err(_) => 0,
        }
    }
}

/// The status of an answer; 0 when there is none.
pub fn status_of(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_default()
}
