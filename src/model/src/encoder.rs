//! The forward of a BERT encoder over packed windows.
//!
//! The weights are those that rust-bert's `BertModel` declares and loads, and the mathematics is
//! its own; a test below holds the two together. What differs is what they spend time on. Here the
//! tokens of all windows of a batch stand in one row after the other with no padding between
//! them, so that windows of any length ride together for free. Query, key and value come out of
//! one multiplication, attention is one fused kernel, and no mask is ever built.

use super::attention::Attention;
use super::compute::Compute;
use super::linear::{After, Linear, Norm};
use heartstrings_inference::HelperPool;
use rust_bert::bert::BertConfig;
use std::collections::HashMap;
use tch::{Kind, Tensor};

/// The encoder's weights, in the order in which they are used. Clones share the tensors.
pub struct Encoder {
    words: Tensor,
    /// Sum of the position's vector and that of the first token type, by position.
    places: Tensor,
    embedding_norm: Norm,
    layers: Vec<Layer>,
    attention: Attention,
    has_few_sizes: bool,
}

struct Layer {
    /// Query, key and value, one below the other.
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

/// The windows of a batch, one after the other. Those of equal length stand together.
pub struct Packed<'a> {
    /// Token ids of each window.
    pub windows: Vec<&'a [u32]>,
    /// Rows that are computed: the tokens of all windows, and maybe a few more.
    pub rows: usize,
}

impl Encoder {
    /// Takes the tensors, named as in a Hugging Face checkpoint, for computing so.
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
            places: (positions + types.get(0)).to_kind(kind),
            embedding_norm: norm("embeddings.LayerNorm")?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_, _>>()?,
            attention: Attention::new(config, words.device(), compute),
            has_few_sizes: kind == Kind::BFloat16,
            words,
        })
    }

    /// Another handle on the same tensors, for another thread.
    pub fn share(&self) -> Self {
        Self {
            words: self.words.shallow_clone(),
            places: self.places.shallow_clone(),
            embedding_norm: self.embedding_norm.share(),
            layers: self.layers.iter().map(Layer::share).collect(),
            attention: self.attention.share(),
            has_few_sizes: self.has_few_sizes,
        }
    }

    /// Token vectors of a batch: shape (rows, hidden), the tokens of the first window, then those
    /// of the second. There may be more rows than tokens; the others mean nothing.
    ///
    /// Whoever helps the `team` takes parts of the linear layers, where they can be shared
    /// ([`Self::is_shared`]). `between` is called between layers and twice within each: nothing of this forward is touched by
    /// whatever else the same thread computes there.
    ///
    /// # Panics
    /// When libtorch fails, out of memory for instance.
    pub fn forward(&self, batch: &Packed, team: &HelperPool, between: &mut dyn FnMut()) -> Tensor {
        let mut hidden = self.embed(batch);
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                between();
            }
            hidden = self.apply(layer, batch, hidden, team, between);
        }
        hidden
    }

    /// A batch of windows, which must stand in the order of their lengths.
    pub fn pack<'a>(&self, windows: Vec<&'a [u32]>) -> Packed<'a> {
        let rows = self.rows(windows.iter().map(|window| window.len()).sum());
        Packed { windows, rows }
    }

    /// Rows that are computed for so many tokens.
    pub fn rows(&self, tokens: usize) -> usize {
        if self.has_few_sizes { few_sizes(tokens) } else { tokens }
    }

    /// Whether several threads can share the linear layers.
    pub fn is_shared(&self) -> bool {
        self.layers.iter().any(|layer| layer.intermediate.is_shared())
    }

    fn embed(&self, batch: &Packed) -> Tensor {
        let rows = batch.rows;
        let (mut ids, mut places) = (vec![0i64; rows], vec![0i64; rows]);
        let mut at = 0;
        for window in &batch.windows {
            for (place, id) in window.iter().enumerate() {
                ids[at] = i64::from(*id);
                places[at] = place as i64;
                at += 1;
            }
        }
        let device = self.words.device();
        let index = |values: &[i64]| Tensor::from_slice(values).to_device(device);
        let words = self.words.index_select(0, &index(&ids));
        let places = self.places.index_select(0, &index(&places));
        self.embedding_norm.apply(&(words + places))
    }

    /// A layer. `between` is called where it is cut into parts of about the same length.
    fn apply(
        &self,
        layer: &Layer,
        batch: &Packed,
        hidden: Tensor,
        team: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Tensor {
        let projected = layer.attention_in.apply(&hidden, After::Nothing, team);
        let context = self.attention.apply(&projected, batch, team);
        between();
        let attended = layer.attention_out.apply(&context, After::Add(&hidden), team);
        let attended = layer.attention_norm.apply(&attended);
        let inner = layer.intermediate.apply(&attended, After::Gelu, team);
        between();
        let output = layer.output.apply(&inner, After::Add(&attended), team);
        layer.output_norm.apply(&output)
    }
}

impl Packed<'_> {
    /// Tokens of all windows.
    pub fn tokens(&self) -> usize {
        self.windows.iter().map(|window| window.len()).sum()
    }
}

/// Rows for so many tokens where oneDNN multiplies: as many, and a few more.
///
/// oneDNN compiles its kernels for each number of rows and keeps them. A few sizes for each
/// doubling cost 2 to 3 % of the rows on average and keep that store small.
fn few_sizes(tokens: usize) -> usize {
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
    use crate::compute::Precision;
    use crate::processor::Features;
    use crate::weights::Weights;
    use heartstrings_inference::{MOST_CORES, with_helpers};
    use rust_bert::bert::{BertEmbeddings, BertModel};
    use tch::{Device, nn};

    /// The same weights in rust-bert's network and in ours say the same of every token.
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
        let shared = with_helpers(MOST_CORES - 1, |team| ours.forward(&batch, team, &mut || ()));
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
    fn few_sizes_and_little_waste() {
        let sizes: std::collections::BTreeSet<_> = (1..=1024).map(few_sizes).collect();
        assert!(sizes.len() <= 72, "{} sizes", sizes.len());
        // Each length between 64 and 4,096 as likely as any other.
        let waste = (64..=4096).map(|n| few_sizes(n) as f64 / n as f64 - 1.0);
        assert!(waste.clone().fold(0.0, f64::max) < 0.125);
        assert!(waste.sum::<f64>() / 4033.0 < 0.035);
    }
}
