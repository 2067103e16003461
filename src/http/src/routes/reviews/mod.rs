//! Reviews: post, read, list, replace, remove, export.

pub mod create;
pub mod create_batch;
pub mod delete;
pub mod export;
pub mod get;
pub mod list;
pub mod put;
mod shown;
