//! Pages for browsers.

pub mod docs;
