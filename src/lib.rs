//! Heartstrings: post reviews, get back how they feel.
//!
//! This crate is the binary: its commands, its settings, and how a command reaches a running service. The
//! service itself is in the crates of the workspace under `src/`; `docs/ARCHITECTURE.md` is the map.

pub mod cli;
pub mod control;
pub mod settings;
pub mod telemetry;

/// Allocates what Rust allocates. libtorch, which is C++, keeps glibc's allocator, which
/// [`heartstrings_model::prepare_process`] sets up to keep large blocks; the small blocks of the store would waste
/// memory there.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
