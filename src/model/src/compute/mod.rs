//! What the encoder computes with: linear layers, layer norms and attention in several number formats, and
//! the choice of device and format.

mod attention;
mod batch;
mod epilogue;
mod integer;
mod linear;
mod norm;
mod packing;
mod precision;
mod process_setup;
mod processor;

pub use attention::Attention;
pub use batch::PackedBatch;
pub use epilogue::Epilogue;
pub use linear::Linear;
pub use norm::Norm;
pub use precision::{Compute, Device, Precision};
pub use process_setup::{prepare_process, set_thread_count};
#[cfg(test)]
pub use processor::Features;
