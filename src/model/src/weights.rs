//! The weights of a model: read once, shared by all networks.

use super::compute::Compute;
use super::config::ModelError;
use super::encoder::Encoder;
use super::network::Heads;
use rust_bert::Config;
use rust_bert::bert::BertConfig;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tch::{Device, nn};

/// The weights of a model, ready to compute with.
pub struct Weights {
    // A tensor may go from thread to thread, but only one may look at it at a time.
    shared: Mutex<(Encoder, Heads)>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test beside the encoder needs it"))]
    pub(super) shape: BertConfig,
    /// What they compute on and in which number format; nothing in it is `Auto`.
    pub(super) compute: Compute,
    /// SHA-256 of the file, in hexadecimal.
    pub revision: String,
}

impl Weights {
    /// Reads `model.safetensors` in `folder`, which must have the named heads, and brings it where
    /// and into the format that are asked for.
    pub fn read(folder: &Path, heads: &[String], compute: Compute) -> Result<Self, ModelError> {
        let compute = compute.resolve()?;
        let path = folder.join("model.safetensors");
        let bytes = std::fs::read(&path)
            .map_err(|e| ModelError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let revision = hexadecimal(&Sha256::digest(&bytes));
        drop(bytes);
        let shape = BertConfig::from_file(folder.join("config.json"));
        let mut store = nn::VarStore::new(Device::Cpu);
        super::network::declare(&store, &shape, heads);
        let invalid = |why: String| ModelError::Invalid { path: path.clone(), why };
        store.load(&path).map_err(|error| invalid(missing(&error)))?;
        let place = compute.place();
        let tensors = store.variables().into_iter();
        let tensors = tensors.map(|(name, tensor)| (name, tensor.to_device(place))).collect();
        let encoder = Encoder::new(&tensors, &shape, compute).map_err(invalid)?;
        let heads = Heads::new(&tensors, heads, shape.hidden_size).map_err(invalid)?;
        Ok(Self { shared: Mutex::new((encoder, heads)), shape, compute, revision })
    }

    /// The encoder, for one thread.
    pub fn encoder(&self) -> Encoder {
        self.lock().0.share()
    }

    /// The heads, for one thread.
    pub fn heads(&self) -> Heads {
        self.lock().1.share()
    }

    // Nothing is ever changed under the lock.
    fn lock(&self) -> MutexGuard<'_, (Encoder, Heads)> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says of a tensor of a head that config.json promises it.
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
