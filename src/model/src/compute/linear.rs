//! Linear layers, in the representation of the weight that is fastest for the number format.

use super::epilogue::Epilogue;
use super::integer::IntegerWeight;
use super::packing::PackedWeight;
use super::precision::{Compute, Precision};
use heartstrings_inference::HelperPool;
use tch::Tensor;

/// A linear layer.
pub struct Linear {
    weight: Weight,
    bias: Tensor,
}

enum Weight {
    Packed(PackedWeight),
    Integers(IntegerWeight),
    Rows(Tensor),
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

    /// Whether several threads can share one multiplication.
    pub fn is_shared(&self) -> bool {
        match &self.weight {
            Weight::Packed(weight) => weight.is_shared(),
            Weight::Integers(_) => true,
            Weight::Rows(_) => false,
        }
    }

    /// The layer's output with the epilogue applied: shape (rows, inputs) to (rows, outputs). The threads of
    /// `pool` take parts of the multiplication.
    pub fn apply(&self, input: &Tensor, epilogue: Epilogue, pool: &HelperPool) -> Tensor {
        let mut output = match &self.weight {
            Weight::Packed(weight) => weight.apply(input, &self.bias, pool),
            Weight::Integers(weight) => return weight.apply(input, &self.bias, epilogue, pool),
            Weight::Rows(weight) => input.linear(weight, Some(&self.bias)),
        };
        match epilogue {
            Epilogue::None => output,
            Epilogue::Gelu => output.gelu_("none"),
            Epilogue::Add(other) => output.g_add_(other),
        }
    }
}
