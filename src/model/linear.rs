//! The parts of which a layer of the encoder is made: linear layers and layer norms.

use super::packing::PackedWeight;
use super::team::Team;
use tch::{Kind, Tensor};

/// BERT's own; rust-bert takes no other.
const EPSILON: f64 = 1e-12;

/// A linear layer.
pub struct Linear {
    weight: Weight,
    bias: Tensor,
}

enum Weight {
    Packed(PackedWeight),
    Rows(Tensor),
}

/// A layer norm.
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// For a weight of shape (outputs, inputs) and a bias of shape (outputs), computing in `kind`.
    pub fn new(weight: &Tensor, bias: &Tensor, kind: Kind) -> Self {
        let weight = weight.to_kind(kind);
        let weight = PackedWeight::of(&weight).map_or(Weight::Rows(weight), Weight::Packed);
        Self { weight, bias: bias.to_kind(kind) }
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        let weight = match &self.weight {
            Weight::Packed(weight) => Weight::Packed(weight.share()),
            Weight::Rows(weight) => Weight::Rows(weight.shallow_clone()),
        };
        Self { weight, bias: self.bias.shallow_clone() }
    }

    /// Whether helpers of a team can take parts of it.
    pub fn is_shared(&self) -> bool {
        match &self.weight {
            Weight::Packed(weight) => weight.is_shared(),
            Weight::Rows(_) => false,
        }
    }

    /// Shape (rows, inputs) to (rows, outputs).
    pub fn apply(&self, input: &Tensor, team: &Team) -> Tensor {
        match &self.weight {
            Weight::Packed(weight) => weight.apply(input, &self.bias, team),
            Weight::Rows(weight) => input.linear(weight, Some(&self.bias)),
        }
    }
}

impl Norm {
    /// For a weight and a bias of shape (hidden), computing in `kind`.
    pub fn new(weight: &Tensor, bias: &Tensor, kind: Kind) -> Self {
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
