//! Reading of requests: bodies, lines, parameters, and the problems of what cannot be read.

pub mod body;
pub mod draft;
pub mod json;
pub mod lines;
pub mod parameters;
pub mod query;
