//! Attention of each token to the tokens of its own window, by libtorch's fused kernel or in integers.
//!
//! The heads are independent, so helper threads take some of them when there is enough work.
#![allow(unsafe_code)]

use super::batch::PackedBatch;
use super::integer;
use super::precision::{Compute, Precision};
use heartstrings_inference::{HelperPool, MAX_POOL_THREADS};
use rust_bert::bert::BertConfig;
use tch::{Device, Tensor};

/// Parts into which the heads are divided among threads.
const PARTS: i64 = MAX_POOL_THREADS as i64;
/// Fewest rows with which the heads are divided. With fewer, most of the time goes into the calls of libtorch's
/// operators, of which there is one for each part.
const SHARED_FROM: i64 = 64;

/// Order of queries, keys and values within a row.
const QUERY: i64 = 0;
const KEY: i64 = 1;
const VALUE: i64 = 2;

/// Multi-head attention.
pub struct Attention {
    /// Zeros, one for each position.
    no_mask: Tensor,
    heads: i64,
    hidden: i64,
    is_in_integers: bool,
}

impl Attention {
    /// For an encoder of this shape, on this device and in this number format.
    pub fn new(config: &BertConfig, device: Device, compute: Compute) -> Self {
        let (heads, hidden) = (config.num_attention_heads, config.hidden_size);
        Self {
            no_mask: Tensor::zeros([config.max_position_embeddings], (compute.kind(), device)),
            heads,
            hidden,
            is_in_integers: compute.precision == Precision::Int16
                && integer::is_attention_possible(hidden / heads, device),
        }
    }

    /// Another handle on the same.
    pub fn share(&self) -> Self {
        Self { no_mask: self.no_mask.shallow_clone(), ..*self }
    }

    /// The context vector of each token, shape (rows, hidden), from queries, keys and values of
    /// shape (rows, 3 × hidden). The threads of `pool` take some of the heads.
    pub fn apply(&self, projected: &Tensor, batch: &PackedBatch, pool: &HelperPool) -> Tensor {
        if self.is_in_integers {
            return integer::attend(projected, &batch.windows, self.heads as usize, pool);
        }
        let rows = batch.rows as i64;
        let output = Tensor::empty([rows, self.hidden], (projected.kind(), projected.device()));
        let tokens = batch.tokens() as i64;
        // The rows after the last token are multiplied like the others, so they must be finite.
        let _ = output.narrow(0, tokens, rows - tokens).zero_();
        let is_shared = rows >= SHARED_FROM && self.heads % PARTS == 0 && pool.helpers() > 0;
        let parts = if is_shared { PARTS } else { 1 };
        let work = Work {
            projected,
            output: &output,
            no_mask: &self.no_mask,
            windows: &batch.windows,
            heads: self.heads,
            size: self.hidden / self.heads,
        };
        let count = self.heads / parts;
        pool.for_each(parts as usize, |part| work.attend(part as i64 * count, count));
        output
    }
}

/// Input and output of one attention.
struct Work<'a> {
    /// Queries, keys and values, shape (rows, 3 × hidden).
    projected: &'a Tensor,
    /// Shape (rows, hidden).
    output: &'a Tensor,
    no_mask: &'a Tensor,
    windows: &'a [&'a [u32]],
    heads: i64,
    /// Length of a head's vectors.
    size: i64,
}

// SAFETY: libtorch counts references atomically and makes views of a tensor on any thread. The input is not
// written to, and each part writes to heads of its own.
unsafe impl Sync for Work<'_> {}

impl Work<'_> {
    /// Computes `count` heads from `first` on, within each window.
    fn attend(&self, first: i64, count: i64) {
        let _no_grad = tch::no_grad_guard();
        let mut at = 0;
        for run in self.windows.chunk_by(|a, b| a.len() == b.len()) {
            let (windows, length) = (run.len() as i64, run[0].len() as i64);
            // Shape (windows, heads, length, size), as libtorch wants it.
            let view = |tensor: &Tensor, part: i64| {
                let rows = tensor.narrow(0, at, windows * length);
                let heads = rows.view([windows, length, -1, self.size]);
                heads.narrow(2, part * self.heads + first, count).transpose(1, 2)
            };
            // The binding of tch 0.17 requires a mask. A row of zeros, expanded to all queries, costs nothing.
            let mask = self.no_mask.narrow(0, 0, length).expand([length, length], false);
            let context = Tensor::scaled_dot_product_attention(
                &view(self.projected, QUERY),
                &view(self.projected, KEY),
                &view(self.projected, VALUE),
                Some(&mask),
                0.0,
                false,
                None,
            );
            view(self.output, 0).copy_(&context);
            at += windows * length;
        }
    }
}
