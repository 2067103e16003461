//! What scoring and a model agree on.
//!
//! [`Model::prepare`] turns a text into a [`Document`]: its sentences and its windows of token ids. A
//! [`Network`] (one for each thread, all sharing the same weights) turns a batch of windows into
//! [`WindowScores`], and [`Model::conclude`] turns those into an
//! [`Analysis`](heartstrings_core::analysis::Analysis). What comes out for a window depends on that window
//! alone, whatever else is in the batch.
//!
//! Whoever schedules texts knows this crate and not the one that links libtorch.

mod card;
mod document;
mod helper_pool;
mod scores;

pub use card::Card;
pub use document::{Document, FRAME, Language, Segment, Window};
pub use helper_pool::{HelperPool, MOST_CORES, Work, with_helpers};
pub use scores::{AFFECT, HeadScores, INTENSITY, STARS, WindowScores};

use heartstrings_core::analysis::Analysis;

/// A loaded model. One is enough for a process.
pub trait Model: Send + Sync + 'static {
    /// What the model says of itself.
    fn card(&self) -> &Card;

    /// Cuts a text into sentences and windows. `language` is what the client says it is in.
    ///
    /// Takes time proportional to the length of the text; the caller bounds that.
    ///
    /// # Errors
    /// A sentence on why the text cannot be read.
    fn prepare(&self, text: &str, language: Option<&str>) -> Result<Document, String>;

    /// A network for the thread that calls this, which may use `threads` threads within one operation.
    ///
    /// # Panics
    /// When the network cannot be made (out of memory, say).
    fn network(&self, threads: usize) -> Box<dyn Network>;

    /// Combines the scores of a document's windows, given in their order.
    fn conclude(&self, document: &Document, windows: &[WindowScores]) -> Analysis;
}

/// The network of one thread. All networks of a model share their weights.
pub trait Network {
    /// Scores windows, in order, and calls `between` where something else may be done in between. Threads
    /// that help in `team` take a share of the work.
    ///
    /// # Panics
    /// When the network fails (out of memory, say). The caller decides what that means.
    fn forward(
        &self,
        windows: &[&Window],
        team: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores>;

    /// Whether helpers can take a share at all.
    fn is_shared(&self) -> bool;

    /// Rows that it computes for so many tokens.
    fn rows(&self, tokens: usize) -> usize;
}
