//! Heartstrings: post reviews, get back how they feel.
//!
//! The map of the house. A review flows one way: [`http`] reads and checks it into a
//! [`review::NewReview`], [`service`] asks [`scoring`] for its [`analysis::Analysis`] and hands
//! both to [`store`], which adds it to its [`aggregate`] cells in the same atomic write.
//! `docs/ARCHITECTURE.md` holds the invariants between the rooms.

pub mod aggregate; // Exact integer arithmetic over analyses, and the numbers people read from it.
pub mod analysis; // What the model says of a text: plain data.
pub mod backup; // All reviews in one checked file.
pub mod cli; // One file a command of the binary.
pub mod control; // What commands ask of a running service, over a Unix socket.
pub mod fixed; // Six-decimal fixed point, so that sums are exact.
#[cfg(test)]
mod growth; // For fuzz tests: work that grows with its input, and not faster.
pub mod http; // The only room that knows actix-web: routes, errors, limits, the OpenAPI document.
pub mod keys; // Who may do what: a file of hashes beside the database.
pub mod model; // The only room that knows libtorch: network, tokenizer, windows, calibration.
pub mod review; // Reviews and their fields: types that cannot hold a bad value.
pub mod scoring; // Text goes in, an analysis comes out: queue, batches, worker threads.
pub mod service; // What the application does, without HTTP.
pub mod settings; // Defaults < file < environment < flags, checked once at start.
pub mod store; // Durable reviews and their aggregates behind one trait; sled lives here alone.
pub mod telemetry; // Logs.

/// What Rust allocates. libtorch, which is C++, keeps glibc's allocator as
/// [`model::prepare_process`] sets it up: to keep large blocks, which does the store's small ones no good.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
