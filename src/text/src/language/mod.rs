//! The language of a text: what a client may say of it, and what can be told from the text.

#[cfg(feature = "detection")]
mod detection;
mod tags;

#[cfg(feature = "detection")]
pub use detection::{Detected, detect};
pub use tags::{TagError, parse_tag};
