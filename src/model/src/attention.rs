//! Attention of each token to those of its own window, by libtorch's fused kernel, or in integers.
//!
//! Each head by itself: so threads that help take heads of theirs, once there is enough to do.
#![allow(unsafe_code)]

use super::compute::{Compute, Precision};
use super::encoder::Packed;
use super::integer;
use heartstrings_inference::{HelperPool, MOST_CORES};
use rust_bert::bert::BertConfig;
use tch::{Device, Tensor};

/// Parts of the heads that different threads may do, where that is worth it.
const PARTS: i64 = MOST_CORES as i64;
/// Rows from which it is: below, most of the time goes into calling libtorch's operators, once for each part.
const SHARED_FROM: i64 = 64;

/// Where queries, keys and values stand in a row.
const QUERY: i64 = 0;
const KEY: i64 = 1;
const VALUE: i64 = 2;

/// Attention in the shape of a network.
pub struct Attention {
    /// Zeros, as many as there are positions.
    no_mask: Tensor,
    heads: i64,
    hidden: i64,
    is_in_integers: bool,
}

impl Attention {
    /// For networks of this shape, on this device and in this format.
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

    /// What each token reads from its window, shape (rows, hidden), given queries, keys and values of
    /// shape (rows, 3 × hidden). Whoever helps the `team` takes some of the heads.
    pub fn apply(&self, projected: &Tensor, batch: &Packed, team: &HelperPool) -> Tensor {
        if self.is_in_integers {
            return integer::attend(projected, &batch.windows, self.heads as usize, team);
        }
        let rows = batch.rows as i64;
        let output = Tensor::empty([rows, self.hidden], (projected.kind(), projected.device()));
        let tokens = batch.tokens() as i64;
        // What is in the rows without a token is multiplied like the others.
        let _ = output.narrow(0, tokens, rows - tokens).zero_();
        let is_shared = rows >= SHARED_FROM && self.heads % PARTS == 0 && team.helpers() > 0;
        let parts = if is_shared { PARTS } else { 1 };
        let work = Work {
            given: projected,
            taken: &output,
            no_mask: &self.no_mask,
            windows: &batch.windows,
            heads: self.heads,
            size: self.hidden / self.heads,
        };
        let count = self.heads / parts;
        team.each(parts as usize, |part| work.attend(part as i64 * count, count));
        output
    }
}

/// What is attended to, and where what was read goes.
struct Work<'a> {
    given: &'a Tensor,
    taken: &'a Tensor,
    no_mask: &'a Tensor,
    windows: &'a [&'a [u32]],
    heads: i64,
    /// Numbers of one head.
    size: i64,
}

// SAFETY: libtorch counts references atomically and makes views of a tensor on any thread. Nobody writes to
// what is read, and each part writes to heads of its own.
unsafe impl Sync for Work<'_> {}

impl Work<'_> {
    /// Attends with `count` heads from the `first` on, within each window.
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
            // The binding of tch 0.17 cannot leave the mask out. One that adds the same row of zeros
            // to every query costs nothing.
            let mask = self.no_mask.narrow(0, 0, length).expand([length, length], false);
            let context = Tensor::scaled_dot_product_attention(
                &view(self.given, QUERY),
                &view(self.given, KEY),
                &view(self.given, VALUE),
                Some(&mask),
                0.0,
                false,
                None,
            );
            view(self.taken, 0).copy_(&context);
            at += windows * length;
        }
    }
}
