//! Layer norms.

use super::precision::Compute;
use tch::Tensor;

/// BERT's own; rust-bert accepts no other.
const EPSILON: f64 = 1e-12;

/// A layer norm.
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    /// For a weight and a bias of shape (hidden).
    pub fn new(weight: &Tensor, bias: &Tensor, compute: Compute) -> Self {
        let kind = compute.kind();
        Self { weight: weight.to_kind(kind), bias: bias.to_kind(kind) }
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
    }

    /// Normalises each row of shape (rows, hidden) to mean 0 and variance 1, then scales and shifts it.
    pub fn apply(&self, input: &Tensor) -> Tensor {
        let shape = self.weight.size();
        input.layer_norm(shape, Some(&self.weight), Some(&self.bias), EPSILON, false)
    }
}
