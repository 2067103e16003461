//! The network: rust-bert's BERT encoder and our heads on top of it.
//!
//! The heads are linear and read the mean of token vectors. So one pass of the encoder scores
//! the window (the mean over all its tokens) and each sentence in it (the mean over that
//! sentence's tokens, each of which has read the whole window).

use super::weights::Weights;
use super::windows::Window;
use crate::analysis::EMOTIONS;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Device, Kind, Tensor, nn};

/// Outputs of the stars head.
const STARS: usize = 5;
/// Outputs of the affect head: valence, arousal, dominance.
const AFFECT: usize = 3;
/// Outputs of the intensity head: anger, fear, joy, sadness, valence.
const INTENSITY: usize = 5;
const OUTPUTS: usize = STARS + EMOTIONS.len() + AFFECT + INTENSITY;

/// What the heads say of one window or sentence: logits, before any calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadScores {
    /// One to five stars.
    pub stars: [f32; STARS],
    /// The emotions, in the order of [`EMOTIONS`].
    pub emotions: [f32; EMOTIONS.len()],
    /// Valence, arousal, dominance.
    pub affect: [f32; AFFECT],
    /// Intensity of anger, fear, joy and sadness; valence as in tweets.
    pub intensity: [f32; INTENSITY],
}

/// What the network says of one window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowScores {
    /// The whole window.
    pub whole: HeadScores,
    /// Each of its segments, in order.
    pub segments: Vec<HeadScores>,
}

/// One thread's network. All networks of a model share their weights.
pub struct Network {
    layers: Layers,
    kind: Kind,
    // Keeps the tensors that the layers were built from.
    _store: nn::VarStore,
}

struct Layers {
    encoder: BertModel<BertEmbeddings>,
    heads: [nn::Linear; 4],
}

/// Declares all tensors of the network in `store`, uninitialised as far as anyone should care.
pub(super) fn declare(store: &nn::VarStore, shape: &BertConfig) {
    Layers::new(store, shape);
}

impl Layers {
    fn new(store: &nn::VarStore, shape: &BertConfig) -> Self {
        let root = store.root();
        let head = |name: &str, outputs: usize| {
            let path = &root / "heads" / name;
            nn::linear(path, shape.hidden_size, outputs as i64, nn::LinearConfig::default())
        };
        Self {
            // The pooler belongs to BERT's pre-training; the heads read means instead.
            encoder: BertModel::new_with_optional_pooler(&root, shape, false),
            heads: [
                head("stars", STARS),
                head("emotions", EMOTIONS.len()),
                head("affect", AFFECT),
                head("intensity", INTENSITY),
            ],
        }
    }
}

impl Network {
    /// A network over shared weights.
    pub fn new(weights: &Weights) -> Self {
        let mut store = nn::VarStore::new(Device::Cpu);
        let layers = Layers::new(&store, &weights.shape);
        let shared = weights.store.variables();
        for (name, mut tensor) in store.variables() {
            if let Some(source) = shared.get(&name) {
                tensor.set_data(source);
            }
        }
        store.freeze();
        Self { layers, kind: weights.precision.kind(), _store: store }
    }

    /// Scores a batch of windows, in order. An empty batch gives nothing.
    ///
    /// Shorter windows are padded to the longest; the padding is masked and changes no score.
    ///
    /// # Panics
    /// When libtorch fails (out of memory, say). The caller decides what that means.
    pub fn forward(&self, windows: &[&Window]) -> Vec<WindowScores> {
        if windows.is_empty() {
            return Vec::new();
        }
        let _no_grad = tch::no_grad_guard();
        let length = windows.iter().map(|w| w.ids.len()).max().unwrap_or(0);
        let (ids, mask) = input(windows, length);
        let hidden = self
            .layers
            .encoder
            .forward_t(Some(&ids), Some(&mask), None, None, None, None, None, false)
            .unwrap_or_else(|error| panic!("the encoder failed: {error}"))
            .hidden_state
            .to_kind(Kind::Float);
        let places = windows.iter().map(|w| w.segments.len() + 1).max().unwrap_or(1);
        let pooled = pooling(windows, places, length).bmm(&hidden).to_kind(self.kind);
        let outputs: Vec<Tensor> = self.layers.heads.iter().map(|h| pooled.apply(h)).collect();
        let outputs = Tensor::cat(&outputs, -1).to_kind(Kind::Float).contiguous();
        let mut flat = vec![0f32; outputs.numel()];
        let count = flat.len();
        outputs.copy_data(&mut flat, count);
        let rows: Vec<&[f32]> = flat.chunks_exact(OUTPUTS).collect();
        windows
            .iter()
            .enumerate()
            .map(|(i, window)| {
                let row = |place: usize| HeadScores::from_row(rows[i * places + place]);
                WindowScores {
                    whole: row(0),
                    segments: (1..=window.segments.len()).map(row).collect(),
                }
            })
            .collect()
    }
}

/// Token ids and 0/1 mask of a padded batch, both of shape (windows, length).
fn input(windows: &[&Window], length: usize) -> (Tensor, Tensor) {
    let mut ids = vec![0i64; windows.len() * length];
    let mut mask = vec![0i64; windows.len() * length];
    for (i, window) in windows.iter().enumerate() {
        let row = i * length;
        for (at, id) in window.ids.iter().enumerate() {
            ids[row + at] = i64::from(*id);
            mask[row + at] = 1;
        }
    }
    let shape = [windows.len() as i64, length as i64];
    (Tensor::from_slice(&ids).view(shape), Tensor::from_slice(&mask).view(shape))
}

/// Weights that take means: shape (windows, places, length). Place 0 is the window with its
/// framing tokens, place `1 + s` its segment `s`.
fn pooling(windows: &[&Window], places: usize, length: usize) -> Tensor {
    let mut weights = vec![0f32; windows.len() * places * length];
    for (i, window) in windows.iter().enumerate() {
        let mut fill = |place: usize, start: usize, end: usize| {
            let row = (i * places + place) * length;
            weights[row + start..row + end].fill(1.0 / (end - start) as f32);
        };
        fill(0, 0, window.ids.len());
        for (s, segment) in window.segments.iter().enumerate() {
            fill(1 + s, segment.start, segment.end);
        }
    }
    let shape = [windows.len() as i64, places as i64, length as i64];
    Tensor::from_slice(&weights).view(shape)
}

impl HeadScores {
    fn from_row(row: &[f32]) -> Self {
        let (mut stars, mut emotions) = ([0.0; STARS], [0.0; EMOTIONS.len()]);
        let (mut affect, mut intensity) = ([0.0; AFFECT], [0.0; INTENSITY]);
        let (head, rest) = row.split_at(STARS);
        stars.copy_from_slice(head);
        let (head, rest) = rest.split_at(EMOTIONS.len());
        emotions.copy_from_slice(head);
        let (head, rest) = rest.split_at(AFFECT);
        affect.copy_from_slice(head);
        intensity.copy_from_slice(rest);
        Self { stars, emotions, affect, intensity }
    }
}
