//! The traits that a model implements.

use super::card::Card;
use super::document::{Document, Window};
use super::helper_pool::HelperPool;
use super::scores::WindowScores;
use heartstrings_core::analysis::Analysis;

/// A loaded model. A process needs one.
pub trait Model: Send + Sync + 'static {
    /// The model's description.
    fn card(&self) -> &Card;

    /// Cuts a text into sentences and windows. `language` is the BCP 47 tag that the client states, if any.
    ///
    /// Takes time proportional to the length of the text; the caller limits that length.
    ///
    /// # Errors
    /// A sentence on why the text cannot be tokenized.
    fn prepare(&self, text: &str, language: Option<&str>) -> Result<Document, String>;

    /// A network for the calling thread, which may use `threads` threads within one operation.
    ///
    /// # Panics
    /// When the network cannot be made (out of memory, for example).
    fn network(&self, threads: usize) -> Box<dyn Network>;

    /// Combines the scores of a document's windows, given in their order, into an analysis.
    fn postprocess(&self, document: &Document, windows: &[WindowScores]) -> Analysis;
}

/// The network of one thread. All networks of a model share their weights.
pub trait Network {
    /// Scores windows, in order. The threads of `pool` take a share of the work. `between` is called between
    /// parts of the forward; it may run another forward.
    ///
    /// # Panics
    /// When the network fails (out of memory, for example). The caller decides how to go on.
    fn forward(
        &self,
        windows: &[&Window],
        pool: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores>;

    /// Whether helper threads can take a share of the work at all.
    fn is_shared(&self) -> bool;

    /// Number of rows that a forward computes for `tokens` tokens.
    fn rows(&self, tokens: usize) -> usize;
}
