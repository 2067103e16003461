//! The interface between scheduling and a model.
//!
//! [`Model::prepare`] turns a text into a [`Document`]: its sentences and its windows of token ids. A
//! [`Network`] (one for each thread, all with the same weights) turns a batch of windows into
//! [`WindowScores`], and [`Model::postprocess`] turns those into an
//! [`Analysis`](heartstrings_core::analysis::Analysis). The scores of a window depend on that window
//! alone, never on the rest of the batch.
//!
//! The code that schedules texts depends on this crate and not on the one that links libtorch.

mod card;
mod document;
mod helper_pool;
mod model;
mod scores;

pub use card::Card;
pub use document::{Document, FRAME, Language, Segment, Window};
pub use helper_pool::{HelperPool, MAX_POOL_THREADS, PartFn, with_helpers};
pub use model::{Model, Network};
pub use scores::{AFFECT, HeadScores, INTENSITY, STARS, WindowScores};
