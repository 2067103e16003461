//! The network: a BERT encoder and our heads on top of it.
//!
//! The heads are linear and read the mean of token vectors. So one pass of the encoder scores
//! the window (the mean over all its tokens) and each sentence in it (the mean over that
//! sentence's tokens, each of which has read the whole window).

use super::encoder::Encoder;
use super::weights::Weights;
use heartstrings_core::analysis::EMOTIONS;
use heartstrings_inference::{
    self as inference, AFFECT, HeadScores, HelperPool, INTENSITY, STARS, Window, WindowScores,
};
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use std::collections::HashMap;
use tch::{Device, Kind, Tensor, nn};

/// Outputs of the head that says whether a sentence is mixed.
const MIXED: usize = 1;
const OUTPUTS: usize = STARS + EMOTIONS.len() + AFFECT + INTENSITY + MIXED;
/// What a head that the model does not have says: a probability of nothing.
const NEVER: f64 = -100.0;

/// One thread's network. All networks of a model share their weights.
pub struct Network {
    encoder: Encoder,
    heads: Heads,
}

/// The heads as one linear layer, in fp32 whatever the encoder computes in.
pub struct Heads {
    weight: Tensor,
    bias: Tensor,
}

/// Names and outputs of the heads, in the order of [`HeadScores`].
pub(super) const HEADS: [(&str, usize); 5] = [
    ("stars", STARS),
    ("emotions", EMOTIONS.len()),
    ("affect", AFFECT),
    ("intensity", INTENSITY),
    (MIXED_HEAD, MIXED),
];
/// The one head that a model may lack: without it, only whole sentences make a text mixed.
pub(super) const MIXED_HEAD: &str = "mixed";

/// Declares all tensors of a network with these heads in `store`, uninitialised as far as anyone
/// should care.
pub(super) fn declare(store: &nn::VarStore, shape: &BertConfig, heads: &[String]) {
    let root = store.root();
    // The pooler belongs to BERT's pre-training; the heads read means instead.
    BertModel::<BertEmbeddings>::new_with_optional_pooler(&root, shape, false);
    for (name, outputs) in HEADS.into_iter().filter(|(name, _)| heads.iter().any(|h| h == name)) {
        let path = &root / "heads" / name;
        nn::linear(path, shape.hidden_size, outputs as i64, nn::LinearConfig::default());
    }
}

impl Heads {
    /// Takes the tensors of the named heads; an error names the one that is missing. A head that
    /// is not named says [`NEVER`].
    pub fn new(
        tensors: &HashMap<String, Tensor>,
        heads: &[String],
        hidden: i64,
    ) -> Result<Self, String> {
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        let device = tensors.values().next().map_or(Device::Cpu, Tensor::device);
        for (head, outputs) in HEADS {
            if !heads.iter().any(|name| name == head) {
                let outputs = outputs as i64;
                weights.push(Tensor::zeros([outputs, hidden], (Kind::Float, device)));
                biases.push(Tensor::full([outputs], NEVER, (Kind::Float, device)));
                continue;
            }
            let part = |part: &str| {
                let name = format!("heads.{head}.{part}");
                let tensor = tensors.get(&name).map(|t| t.detach().to_kind(Kind::Float));
                tensor.ok_or_else(|| format!("the tensor {name} is missing"))
            };
            weights.push(part("weight")?);
            biases.push(part("bias")?);
        }
        Ok(Self { weight: Tensor::cat(&weights, 0), bias: Tensor::cat(&biases, 0) })
    }

    /// Another handle on the same tensors.
    pub fn share(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
    }
}

impl Network {
    /// A network over shared weights.
    pub fn new(weights: &Weights) -> Self {
        Self { encoder: weights.encoder(), heads: weights.heads() }
    }

    /// Scores a batch of windows, in order. An empty batch gives nothing.
    ///
    /// Windows of any length go together; none is padded, and none changes another's score.
    /// `between` is called between the layers of the encoder.
    ///
    /// # Panics
    /// When libtorch fails (out of memory, say). The caller decides what that means.
    pub fn forward(&self, windows: &[&Window], between: &mut dyn FnMut()) -> Vec<WindowScores> {
        self.forward_with(windows, &HelperPool::default(), between)
    }

    /// As [`Self::forward`], and whoever helps the `team` takes a share of the work.
    ///
    /// # Panics
    /// As there.
    pub fn forward_with(
        &self,
        windows: &[&Window],
        team: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores> {
        if windows.is_empty() {
            return Vec::new();
        }
        let _no_grad = tch::no_grad_guard();
        // Windows of equal length are attended to together.
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|index| windows[*index].ids.len());
        let sorted: Vec<&Window> = order.iter().map(|index| windows[*index]).collect();
        let batch = self.encoder.pack(sorted.iter().map(|window| window.ids.as_slice()).collect());
        let hidden = self.encoder.forward(&batch, team, between).to_kind(Kind::Float);
        let pooled = pool(&sorted, &hidden);
        let outputs = pooled.linear(&self.heads.weight, Some(&self.heads.bias)).contiguous();
        let mut flat = vec![0f32; outputs.numel()];
        let count = flat.len();
        outputs.to_device(Device::Cpu).copy_data(&mut flat, count);
        let mut rows = flat.chunks_exact(OUTPUTS).map(head_scores);
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
        team: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores> {
        self.forward_with(windows, team, between)
    }

    fn is_shared(&self) -> bool {
        self.encoder.is_shared()
    }

    fn rows(&self, tokens: usize) -> usize {
        self.encoder.rows(tokens)
    }
}

/// Most tokens whose means are taken in one multiplication.
const POOLED_AT_ONCE: usize = 512;

/// Means of token vectors: for each window the mean over all its tokens, framing tokens included,
/// then those over its segments. Shape (windows and segments, hidden).
fn pool(windows: &[&Window], hidden: &Tensor) -> Tensor {
    let mut means = Vec::new();
    let mut at = 0;
    let mut rest = windows;
    while !rest.is_empty() {
        let (mut count, mut tokens) = (0, 0);
        while count < rest.len() && (count == 0 || tokens + rest[count].ids.len() <= POOLED_AT_ONCE)
        {
            tokens += rest[count].ids.len();
            count += 1;
        }
        let weights = pooling(&rest[..count], tokens).to_device(hidden.device());
        means.push(weights.matmul(&hidden.narrow(0, at, tokens as i64)));
        at += tokens as i64;
        rest = &rest[count..];
    }
    if means.len() == 1 { means.remove(0) } else { Tensor::cat(&means, 0) }
}

/// Weights that take means over windows that stand one after the other: shape (windows and
/// segments, tokens).
fn pooling(windows: &[&Window], tokens: usize) -> Tensor {
    let means: usize = windows.iter().map(|window| 1 + window.segments.len()).sum();
    let mut weights = vec![0f32; means * tokens];
    let (mut mean, mut at) = (0, 0);
    for window in windows {
        let mut fill = |start: usize, end: usize| {
            let row = mean * tokens + at;
            weights[row + start..row + end].fill(1.0 / (end - start) as f32);
            mean += 1;
        };
        fill(0, window.ids.len());
        window.segments.iter().for_each(|segment| fill(segment.start, segment.end));
        at += window.ids.len();
    }
    Tensor::from_slice(&weights).view([means as i64, tokens as i64])
}

/// Splits a row of outputs into the heads that made it, in the order of [`HEADS`].
fn head_scores(row: &[f32]) -> HeadScores {
    let (mut stars, mut emotions) = ([0.0; STARS], [0.0; EMOTIONS.len()]);
    let (mut affect, mut intensity) = ([0.0; AFFECT], [0.0; INTENSITY]);
    let (head, rest) = row.split_at(STARS);
    stars.copy_from_slice(head);
    let (head, rest) = rest.split_at(EMOTIONS.len());
    emotions.copy_from_slice(head);
    let (head, rest) = rest.split_at(AFFECT);
    affect.copy_from_slice(head);
    let (head, rest) = rest.split_at(INTENSITY);
    intensity.copy_from_slice(head);
    HeadScores { stars, emotions, affect, intensity, mixed: rest[0] }
}
