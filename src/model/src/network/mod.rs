//! The network: a BERT encoder and the heads on top of it.

mod encoder;
mod forward;
mod heads;
mod pooling;
mod weights;

pub use forward::Network;
pub use heads::MEAN_HEADS;
pub use weights::Weights;
