//! `heartstrings health`: for the health check of a container, which has no curl.

use super::Outcome;
use crate::settings::Settings;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the service at the configured address for `/health`.
pub fn run(settings: &Settings) -> Outcome {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        // What listens everywhere is asked here.
        let here = if address.is_ipv4() { "127.0.0.1" } else { "::1" };
        address.set_ip(here.parse::<IpAddr>().map_err(|error| error.to_string())?);
    }
    let answer = ask(address).map_err(|error| format!("no answer from {address}: {error}"))?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(format!("{address} answered {:?}", answer.lines().next().unwrap_or_default()).into())
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
