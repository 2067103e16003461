//! Reads: straight from the tree, each consistent with what the writer does.

mod filter;
mod pages;
mod past;
mod ranges;
mod reader;
mod salvage;
mod snapshot;
mod totals;
mod view;

pub use reader::Reader;
pub use salvage::after;
pub use snapshot::SledSnapshot;
pub use view::{Overlay, View};
