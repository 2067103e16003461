//! What every request passes, whatever its path: id, log line and span; security headers; `HEAD`.

pub mod head;
pub mod security_headers;
mod span;
pub mod trace;
