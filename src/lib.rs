//! Heartstrings: post reviews, get back how they feel.
//!
//! This crate is the binary: its commands, its settings, and how a command reaches a running service. The
//! service itself is in the crates of the workspace under `src/`; `docs/ARCHITECTURE.md` is the map.

pub mod cli;
pub mod control;
pub mod settings;
pub mod telemetry;

/// What Rust allocates. libtorch, which is C++, keeps glibc's allocator as
/// [`heartstrings_model::prepare_process`] sets it up: to keep large blocks, which does the store's small ones no
/// good.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
