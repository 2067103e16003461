//! One forward: encoder, means, heads.
//!
//! The heads are linear and read means of token vectors. So one pass of the encoder scores the window (the
//! mean over all its tokens) and each sentence in it (the mean over that sentence's tokens, each of which has
//! attended to the whole window).

use super::encoder::Encoder;
use super::heads::Heads;
use super::pooling::mean_pool;
use super::weights::Weights;
use heartstrings_inference::{self as inference, HeadScores, HelperPool, Window, WindowScores};
use tch::Kind;

/// The network of one thread. All networks of a model share their weights.
pub struct Network {
    encoder: Encoder,
    heads: Heads<HeadScores>,
}

impl Network {
    /// A network over shared weights.
    pub fn new(weights: &Weights) -> Self {
        Self { encoder: weights.encoder(), heads: weights.heads() }
    }

    /// Scores a batch of windows, in order. An empty batch gives nothing.
    ///
    /// A batch may hold windows of any length. None is padded, and none changes the score of another.
    /// `between` is called between parts of the encoder.
    ///
    /// # Panics
    /// When libtorch fails (out of memory, for example). The caller decides how to go on.
    pub fn forward(&self, windows: &[&Window], between: &mut dyn FnMut()) -> Vec<WindowScores> {
        self.forward_with(windows, &HelperPool::default(), between)
    }

    /// As [`Self::forward`]; the threads of `pool` take a share of the work.
    ///
    /// # Panics
    /// As there.
    pub fn forward_with(
        &self,
        windows: &[&Window],
        pool: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores> {
        if windows.is_empty() {
            return Vec::new();
        }
        let _no_grad = tch::no_grad_guard();
        // Attention runs once for all windows of equal length.
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|index| windows[*index].ids.len());
        let sorted: Vec<&Window> = order.iter().map(|index| windows[*index]).collect();
        let batch = self.encoder.pack(sorted.iter().map(|window| window.ids.as_slice()).collect());
        let hidden = self.encoder.forward(&batch, pool, between).to_kind(Kind::Float);
        let mut rows = self.heads.scores(&mean_pool(&sorted, &hidden)).into_iter();
        let mut scores: Vec<Option<WindowScores>> = vec![None; windows.len()];
        for (index, window) in order.into_iter().zip(sorted) {
            // There is a row for each window and each of its segments.
            let Some(whole) = rows.next() else { break };
            let segments = rows.by_ref().take(window.segments.len()).collect();
            scores[index] = Some(WindowScores { whole, segments });
        }
        scores.into_iter().flatten().collect()
    }
}

impl inference::Network for Network {
    fn forward(
        &self,
        windows: &[&Window],
        pool: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores> {
        self.forward_with(windows, pool, between)
    }

    fn is_shared(&self) -> bool {
        self.encoder.is_shared()
    }

    fn rows(&self, tokens: usize) -> usize {
        self.encoder.rows(tokens)
    }
}
