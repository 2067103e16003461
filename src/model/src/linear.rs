//! The parts of which a layer of the encoder is made: linear layers and layer norms.

use super::compute::{Compute, Precision};
use super::integer::IntegerWeight;
use super::packing::PackedWeight;
use heartstrings_inference::HelperPool;
use tch::Tensor;

/// BERT's own; rust-bert takes no other.
const EPSILON: f64 = 1e-12;

/// A linear layer.
pub struct Linear {
    weight: Weight,
    bias: Tensor,
}

/// What comes after a linear layer. Integers have it done where a sum is made, so that the numbers are
/// not walked over once more.
#[derive(Clone, Copy)]
pub enum After<'a> {
    Nothing,
    /// BERT's activation.
    Gelu,
    /// The sum with this, of the output's shape.
    Add(&'a Tensor),
}

enum Weight {
    Packed(PackedWeight),
    Integers(IntegerWeight),
    Rows(Tensor),
}

/// A layer norm.
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// For a weight of shape (outputs, inputs) and a bias of shape (outputs).
    pub fn new(weight: &Tensor, bias: &Tensor, compute: Compute) -> Self {
        let bias = bias.to_kind(compute.kind());
        let weight = weight.to_kind(compute.kind());
        if compute.precision == Precision::Int16
            && let Some(weight) = IntegerWeight::of(&weight)
        {
            return Self { weight: Weight::Integers(weight), bias };
        }
        let weight = PackedWeight::of(&weight).map_or(Weight::Rows(weight), Weight::Packed);
        Self { weight, bias }
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        let weight = match &self.weight {
            Weight::Packed(weight) => Weight::Packed(weight.share()),
            Weight::Integers(weight) => Weight::Integers(weight.share()),
            Weight::Rows(weight) => Weight::Rows(weight.shallow_clone()),
        };
        Self { weight, bias: self.bias.shallow_clone() }
    }

    /// Whether helpers of a team can take parts of it.
    pub fn is_shared(&self) -> bool {
        match &self.weight {
            Weight::Packed(weight) => weight.is_shared(),
            Weight::Integers(_) => true,
            Weight::Rows(_) => false,
        }
    }

    /// Shape (rows, inputs) to (rows, outputs), and what comes `after` it.
    pub fn apply(&self, input: &Tensor, after: After, team: &HelperPool) -> Tensor {
        let mut output = match &self.weight {
            Weight::Packed(weight) => weight.apply(input, &self.bias, team),
            Weight::Integers(weight) => return weight.apply(input, &self.bias, after, team),
            Weight::Rows(weight) => input.linear(weight, Some(&self.bias)),
        };
        match after {
            After::Nothing => output,
            After::Gelu => output.gelu_("none"),
            After::Add(other) => output.g_add_(other),
        }
    }
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

    /// Each row of shape (rows, hidden) with mean 0 and variance 1, then scaled and shifted.
    pub fn apply(&self, input: &Tensor) -> Tensor {
        let shape = self.weight.size();
        input.layer_norm(shape, Some(&self.weight), Some(&self.bias), EPSILON, false)
    }
}
