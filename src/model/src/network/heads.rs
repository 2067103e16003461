//! The heads: linear layers that turn vectors of the encoder into scores.
//!
//! A table lists the heads of one level. [`MEAN_HEADS`] read the mean of token vectors over a window or a
//! segment and fill [`HeadScores`]. To add a head of this level, add a field to [`HeadScores`] and an entry to the
//! table. Heads that read each token by itself need a score type and a table of their own; [`Heads`] applies
//! any table to any vectors.

use heartstrings_inference::HeadScores;
use std::collections::HashMap;
use tch::{Device, Kind, Tensor, nn};

/// Logit of a head that the model does not have: a probability of zero.
const NEVER: f64 = -100.0;

/// One head. `S` holds the scores of all heads of its level.
pub struct Head<S> {
    /// Name in `config.json` and in the weights: `heads.{name}.weight` and `heads.{name}.bias`.
    pub name: &'static str,
    /// Whether a model may lack it; the scores of a missing head are [`NEVER`].
    pub is_optional: bool,
    /// The outputs of the head within the scores; their number is that of the head's outputs.
    pub outputs: fn(&mut S) -> &mut [f32],
}

/// The heads that read means of token vectors.
pub const MEAN_HEADS: &[Head<HeadScores>] = &[
    Head { name: "stars", is_optional: false, outputs: |scores| &mut scores.stars },
    Head { name: "emotions", is_optional: false, outputs: |scores| &mut scores.emotions },
    Head { name: "affect", is_optional: false, outputs: |scores| &mut scores.affect },
    Head { name: "intensity", is_optional: false, outputs: |scores| &mut scores.intensity },
    // Without it, only whole sentences of opposite sides make a text mixed.
    Head {
        name: "mixed",
        is_optional: true,
        outputs: |scores| std::slice::from_mut(&mut scores.mixed),
    },
];

impl<S: Default> Head<S> {
    /// Number of outputs.
    fn width(&self) -> i64 {
        (self.outputs)(&mut S::default()).len() as i64
    }
}

/// Declares the tensors of the `listed` heads of a table in `store`, for vectors of length `hidden`. The caller
/// loads their values.
pub fn declare<S: Default>(
    table: &[Head<S>],
    store: &nn::VarStore,
    hidden: i64,
    listed: &[String],
) {
    for head in table.iter().filter(|head| listed.iter().any(|name| name == head.name)) {
        let path = &store.root() / "heads" / head.name;
        nn::linear(path, hidden, head.width(), nn::LinearConfig::default());
    }
}

/// The heads of one table as one linear layer, in fp32 whatever the encoder computes in.
pub struct Heads<S: 'static> {
    table: &'static [Head<S>],
    weight: Tensor,
    bias: Tensor,
}

impl<S: Default> Heads<S> {
    /// Takes the tensors of the `listed` heads. `hidden` is the length of the encoder's vectors.
    ///
    /// # Errors
    /// Names the tensor that is missing.
    pub fn new(
        table: &'static [Head<S>],
        tensors: &HashMap<String, Tensor>,
        listed: &[String],
        hidden: i64,
    ) -> Result<Self, String> {
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        let device = tensors.values().next().map_or(Device::Cpu, Tensor::device);
        for head in table {
            if !listed.iter().any(|name| name == head.name) {
                let width = head.width();
                weights.push(Tensor::zeros([width, hidden], (Kind::Float, device)));
                biases.push(Tensor::full([width], NEVER, (Kind::Float, device)));
                continue;
            }
            let part = |part: &str| {
                let name = format!("heads.{}.{part}", head.name);
                let tensor = tensors.get(&name).map(|t| t.detach().to_kind(Kind::Float));
                tensor.ok_or_else(|| format!("the tensor {name} is missing"))
            };
            weights.push(part("weight")?);
            biases.push(part("bias")?);
        }
        Ok(Self { table, weight: Tensor::cat(&weights, 0), bias: Tensor::cat(&biases, 0) })
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        let (weight, bias) = (self.weight.shallow_clone(), self.bias.shallow_clone());
        Self { table: self.table, weight, bias }
    }

    /// Scores of each row of `vectors`, shape (rows, hidden) in fp32.
    pub fn scores(&self, vectors: &Tensor) -> Vec<S> {
        let logits = vectors.linear(&self.weight, Some(&self.bias)).contiguous();
        let mut flat = vec![0f32; logits.numel()];
        let count = flat.len();
        logits.to_device(Device::Cpu).copy_data(&mut flat, count);
        let width = self.bias.size()[0] as usize;
        flat.chunks_exact(width).map(|row| self.split(row)).collect()
    }

    /// The scores in a row of logits, which has the outputs of one head after those of another.
    fn split(&self, row: &[f32]) -> S {
        let (mut scores, mut rest) = (S::default(), row);
        for head in self.table {
            let outputs = (head.outputs)(&mut scores);
            let (own, others) = rest.split_at(outputs.len());
            outputs.copy_from_slice(own);
            rest = others;
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_head_has_outputs_of_its_own() {
        let mut scores = HeadScores::default();
        for (number, head) in (1u8..).zip(MEAN_HEADS) {
            let outputs = (head.outputs)(&mut scores);
            assert!(outputs.iter().all(|output| *output == 0.0), "{}", head.name);
            outputs.fill(f32::from(number));
        }
        let widths = [5, 28, 3, 5, 1];
        assert_eq!(MEAN_HEADS.iter().map(Head::width).collect::<Vec<_>>(), widths);
        assert_eq!((scores.stars, scores.mixed), ([1.0; 5], 5.0));
    }

    #[test]
    fn a_head_that_the_model_lacks_says_never() {
        let listed: Vec<String> =
            ["stars", "emotions", "affect", "intensity"].map(str::to_owned).into();
        let store = nn::VarStore::new(Device::Cpu);
        declare(MEAN_HEADS, &store, 4, &listed);
        let heads = Heads::new(MEAN_HEADS, &store.variables(), &listed, 4).unwrap();
        let scores = heads.scores(&Tensor::ones([2, 4], (Kind::Float, Device::Cpu)));
        assert_eq!(scores.len(), 2);
        assert!(scores.iter().all(|scores| scores.mixed == NEVER as f32));
        assert!(scores.iter().all(|scores| scores.stars.iter().all(|logit| logit.abs() < 99.0)));
        let error = Heads::new(MEAN_HEADS, &HashMap::new(), &listed, 4).err();
        assert_eq!(error.as_deref(), Some("the tensor heads.stars.weight is missing"));
    }
}
