//! The weights of a model: read once, shared by all networks.

use super::encoder::Encoder;
use super::heads::{self, Heads, MEAN_HEADS};
use crate::compute::Compute;
use crate::error::ModelError;
use heartstrings_inference::HeadScores;
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tch::{Device, nn};

/// The weights of a model, ready to compute with.
pub struct Weights {
    // A tensor may move between threads, but only one thread may look at it at a time.
    shared: Mutex<(Encoder, Heads<HeadScores>)>,
    /// Shape of the encoder, for the test that compares it with rust-bert's.
    #[cfg(test)]
    pub shape: BertConfig,
    /// What the weights compute on and in which number format; neither is `Auto`.
    pub compute: Compute,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub revision: String,
}

impl Weights {
    /// Reads `model.safetensors` in `folder`, which must hold the `listed` heads, and brings it to the
    /// requested device and format.
    ///
    /// # Errors
    /// Names the file, and the tensor that is missing from it.
    pub fn read(folder: &Path, listed: &[String], compute: Compute) -> Result<Self, ModelError> {
        let compute = compute.resolve()?;
        let path = folder.join("model.safetensors");
        let bytes = std::fs::read(&path)
            .map_err(|e| ModelError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let revision = hexadecimal(&Sha256::digest(&bytes));
        drop(bytes);
        let shape = BertConfig::from_file(folder.join("config.json"));
        let mut store = nn::VarStore::new(Device::Cpu);
        // The pooler belongs to BERT's pre-training; the heads read means instead.
        BertModel::<BertEmbeddings>::new_with_optional_pooler(store.root(), &shape, false);
        heads::declare(MEAN_HEADS, &store, shape.hidden_size, listed);
        let invalid = |why: String| ModelError::Invalid { path: path.clone(), why };
        store.load(&path).map_err(|error| invalid(missing(&error)))?;
        let device = compute.torch_device();
        let tensors = store.variables().into_iter();
        let tensors = tensors.map(|(name, tensor)| (name, tensor.to_device(device))).collect();
        let encoder = Encoder::new(&tensors, &shape, compute).map_err(invalid)?;
        let heads = Heads::new(MEAN_HEADS, &tensors, listed, shape.hidden_size).map_err(invalid)?;
        Ok(Self {
            shared: Mutex::new((encoder, heads)),
            #[cfg(test)]
            shape,
            compute,
            revision,
        })
    }

    /// The encoder, for one thread.
    pub fn encoder(&self) -> Encoder {
        self.lock().0.share()
    }

    /// The heads, for one thread.
    pub fn heads(&self) -> Heads<HeadScores> {
        self.lock().1.share()
    }

    // Nothing is changed under the lock, so a poisoned lock holds good weights.
    fn lock(&self) -> MutexGuard<'_, (Encoder, Heads<HeadScores>)> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reason why the weights do not load. If a tensor of a head is missing, it says that config.json lists the head.
fn missing(error: &tch::TchError) -> String {
    match error {
        tch::TchError::TensorNameNotFound(name, _) if name.starts_with("heads.") => {
            format!("it lacks the tensor {name}, of a head that config.json lists in `heads`")
        }
        other => other.to_string(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_the_weights_lack_is_named() {
        let lacking = tch::TchError::TensorNameNotFound("heads.mixed.weight".into(), "file".into());
        let message = missing(&lacking);
        assert!(message.contains("heads.mixed.weight"), "{message}");
        assert!(message.contains("config.json lists"), "{message}");
    }
}
