//! The forward of a BERT encoder over packed windows.
//!
//! The weights are those that rust-bert's `BertModel` declares and loads, and the results are the same; a test
//! below compares them. The speed differs. Here the tokens of all windows of a batch are consecutive rows
//! without padding, so windows of any length share a batch at no cost. Query, key and value are
//! one multiplication, attention is one fused kernel, and no mask is built.

use crate::compute::{Attention, Compute, Epilogue, Linear, Norm, PackedBatch};
use heartstrings_inference::HelperPool;
use rust_bert::bert::BertConfig;
use std::collections::HashMap;
use tch::{Kind, Tensor};

/// The encoder's weights, in the order in which they are used.
pub struct Encoder {
    /// Word embeddings, shape (vocabulary, hidden).
    words: Tensor,
    /// Position embeddings plus that of the first token type, shape (positions, hidden).
    positions: Tensor,
    embedding_norm: Norm,
    layers: Vec<Layer>,
    attention: Attention,
    /// Whether the number of rows is rounded up, see [`round_up_rows`].
    rounds_rows_up: bool,
}

struct Layer {
    /// Query, key and value, stacked.
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

impl Encoder {
    /// Takes the tensors, named as in a Hugging Face checkpoint, and prepares them for this device and number
    /// format.
    ///
    /// # Errors
    /// Names the tensor that is missing, or the part of the configuration that is not supported.
    pub fn new(
        tensors: &HashMap<String, Tensor>,
        config: &BertConfig,
        compute: Compute,
    ) -> Result<Self, String> {
        if !matches!(config.hidden_act, rust_bert::Activation::gelu) {
            return Err(format!("hidden_act {:?} is not supported; use gelu", config.hidden_act));
        }
        let kind = compute.kind();
        let get = |name: &str| {
            let found = tensors.get(name).map(|tensor| tensor.detach().to_kind(Kind::Float));
            found.ok_or_else(|| format!("the tensor {name} is missing"))
        };
        let norm = |name: &str| {
            let part = |part: &str| get(&format!("{name}.{part}"));
            Ok::<_, String>(Norm::new(&part("weight")?, &part("bias")?, compute))
        };
        let linear = |names: &[String]| {
            let part = |part: &str| {
                let parts: Result<Vec<_>, _> =
                    names.iter().map(|name| get(&format!("{name}.{part}"))).collect();
                Ok::<_, String>(Tensor::cat(&parts?, 0))
            };
            Ok::<_, String>(Linear::new(&part("weight")?, &part("bias")?, compute))
        };
        let layer = |index: i64| {
            let name = |part: &str| format!("encoder.layer.{index}.{part}");
            Ok::<_, String>(Layer {
                attention_in: linear(
                    &["query", "key", "value"].map(|n| name(&format!("attention.self.{n}"))),
                )?,
                attention_out: linear(&[name("attention.output.dense")])?,
                attention_norm: norm(&name("attention.output.LayerNorm"))?,
                intermediate: linear(&[name("intermediate.dense")])?,
                output: linear(&[name("output.dense")])?,
                output_norm: norm(&name("output.LayerNorm"))?,
            })
        };
        let types = get("embeddings.token_type_embeddings.weight")?;
        let positions = get("embeddings.position_embeddings.weight")?;
        let words = get("embeddings.word_embeddings.weight")?.to_kind(kind);
        Ok(Self {
            positions: (positions + types.get(0)).to_kind(kind),
            embedding_norm: norm("embeddings.LayerNorm")?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_, _>>()?,
            attention: Attention::new(config, words.device(), compute),
            rounds_rows_up: kind == Kind::BFloat16,
            words,
        })
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        Self {
            words: self.words.shallow_clone(),
            positions: self.positions.shallow_clone(),
            embedding_norm: self.embedding_norm.share(),
            layers: self.layers.iter().map(Layer::share).collect(),
            attention: self.attention.share(),
            rounds_rows_up: self.rounds_rows_up,
        }
    }

    /// Token vectors of a batch, shape (rows, hidden): the tokens of the first window, then those
    /// of the second, and so on. Rows after the last token are undefined.
    ///
    /// The threads of `pool` take parts of the linear layers, if these can be shared
    /// ([`Self::is_shared`]). `between` is called between layers and twice within each. It may run another
    /// forward on the same thread: this one keeps no state outside its own tensors.
    ///
    /// # Panics
    /// When libtorch fails (out of memory, for example).
    pub fn forward(
        &self,
        batch: &PackedBatch,
        pool: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Tensor {
        let mut hidden = self.embed(batch);
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                between();
            }
            hidden = self.apply(layer, batch, hidden, pool, between);
        }
        hidden
    }

    /// A batch of windows, which must be sorted by length.
    pub fn pack<'a>(&self, windows: Vec<&'a [u32]>) -> PackedBatch<'a> {
        let rows = self.rows(windows.iter().map(|window| window.len()).sum());
        PackedBatch { windows, rows }
    }

    /// Number of rows that are computed for `tokens` tokens.
    pub fn rows(&self, tokens: usize) -> usize {
        if self.rounds_rows_up { round_up_rows(tokens) } else { tokens }
    }

    /// Whether several threads can share the linear layers.
    pub fn is_shared(&self) -> bool {
        self.layers.iter().any(|layer| layer.intermediate.is_shared())
    }

    fn embed(&self, batch: &PackedBatch) -> Tensor {
        let rows = batch.rows;
        let (mut ids, mut positions) = (vec![0i64; rows], vec![0i64; rows]);
        let mut at = 0;
        for window in &batch.windows {
            for (position, id) in window.iter().enumerate() {
                ids[at] = i64::from(*id);
                positions[at] = position as i64;
                at += 1;
            }
        }
        let device = self.words.device();
        let index = |values: &[i64]| Tensor::from_slice(values).to_device(device);
        let words = self.words.index_select(0, &index(&ids));
        let positions = self.positions.index_select(0, &index(&positions));
        self.embedding_norm.apply(&(words + positions))
    }

    /// Applies a layer. `between` is called twice, so that the parts take about the same time.
    fn apply(
        &self,
        layer: &Layer,
        batch: &PackedBatch,
        hidden: Tensor,
        pool: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Tensor {
        let projected = layer.attention_in.apply(&hidden, Epilogue::None, pool);
        let context = self.attention.apply(&projected, batch, pool);
        between();
        let attended = layer.attention_out.apply(&context, Epilogue::Add(&hidden), pool);
        let attended = layer.attention_norm.apply(&attended);
        let inner = layer.intermediate.apply(&attended, Epilogue::Gelu, pool);
        between();
        let output = layer.output.apply(&inner, Epilogue::Add(&attended), pool);
        layer.output_norm.apply(&output)
    }
}

/// Number of rows for `tokens` tokens where oneDNN multiplies: rounded up to one of a few sizes per power of two.
///
/// oneDNN compiles a kernel for each number of rows and keeps it. Rounding adds 2 to 3 % of the rows on
/// average and keeps the number of kernels small.
fn round_up_rows(tokens: usize) -> usize {
    tokens.next_multiple_of((tokens.next_power_of_two() / 32).max(8))
}

impl Layer {
    fn share(&self) -> Self {
        Self {
            attention_in: self.attention_in.share(),
            attention_out: self.attention_out.share(),
            attention_norm: self.attention_norm.share(),
            intermediate: self.intermediate.share(),
            output: self.output.share(),
            output_norm: self.output_norm.share(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{Features, Precision};
    use crate::network::Weights;
    use heartstrings_inference::{MAX_POOL_THREADS, with_helpers};
    use rust_bert::bert::{BertEmbeddings, BertModel};
    use tch::{Device, nn};

    /// With the same weights, rust-bert's network and ours compute the same vector for every token.
    #[test]
    fn it_computes_what_rust_bert_computes() {
        compare(Precision::Fp32, 1e-4);
        if Features::here().avx2 {
            compare(Precision::Int16, 5e-3);
        }
    }

    fn compare(precision: Precision, most: f64) {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let weights = Weights::read(&folder, &[], Compute::from(precision)).unwrap();
        let mut store = nn::VarStore::new(Device::Cpu);
        let theirs: BertModel<BertEmbeddings> =
            BertModel::new_with_optional_pooler(store.root(), &weights.shape, false);
        store.load_partial(folder.join("model.safetensors")).unwrap();
        store.set_kind(Kind::Float);
        let ours = weights.encoder();
        let _no_grad = tch::no_grad_guard();
        let lengths = [3usize, 3, 17, 64, 64, 255, 256];
        let windows: Vec<Vec<u32>> = lengths
            .iter()
            .enumerate()
            .map(|(seed, length)| {
                (0..*length).map(|i| 1_000 + (i * 37 + seed * 911) as u32).collect()
            })
            .collect();
        let batch = ours.pack(windows.iter().map(Vec::as_slice).collect());
        let mut calls = 0;
        let all = ours.forward(&batch, &HelperPool::default(), &mut || calls += 1);
        assert_eq!(calls, 3 * weights.shape.num_hidden_layers - 1);
        let shared =
            with_helpers(MAX_POOL_THREADS - 1, |pool| ours.forward(&batch, pool, &mut || ()));
        assert_eq!(all, shared, "{precision}");
        let mut at = 0;
        for window in &windows {
            let ids: Vec<i64> = window.iter().map(|id| i64::from(*id)).collect();
            let input = Tensor::from_slice(&ids).unsqueeze(0);
            let expected = theirs
                .forward_t(Some(&input), None, None, None, None, None, None, false)
                .unwrap()
                .hidden_state
                .squeeze_dim(0);
            let length = window.len() as i64;
            let distance = (all.narrow(0, at, length) - expected).abs().max().double_value(&[]);
            assert!(distance < most, "{precision}: off by {distance} at {length} tokens");
            at += length;
        }
    }

    #[test]
    fn rounding_up_gives_few_sizes_and_little_waste() {
        let sizes: std::collections::BTreeSet<_> = (1..=1024).map(round_up_rows).collect();
        assert!(sizes.len() <= 72, "{} sizes", sizes.len());
        // Each length between 64 and 4,096 as likely as any other.
        let waste = (64..=4096).map(|n| round_up_rows(n) as f64 / n as f64 - 1.0);
        assert!(waste.clone().fold(0.0, f64::max) < 0.125);
        assert!(waste.sum::<f64>() / 4033.0 < 0.035);
    }
}
