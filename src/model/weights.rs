//! The weights of a model: read once, shared by all networks.

use super::config::ModelError;
use super::encoder::Encoder;
use super::network::Heads;
use rust_bert::Config;
use rust_bert::bert::BertConfig;
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tch::{Device, Kind, nn};

/// Number format of the forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// `bf16` where the processor multiplies it in hardware, `fp32` elsewhere.
    #[default]
    Auto,
    /// 32-bit floating point.
    Fp32,
    /// bfloat16: half the memory traffic, agrees with fp32 to a cosine of 0.9998.
    Bf16,
}

impl FromStr for Precision {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Precision::Auto),
            "fp32" => Ok(Precision::Fp32),
            "bf16" => Ok(Precision::Bf16),
            other => Err(format!("{other:?} is not a precision; use auto, fp32 or bf16")),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::Auto => "auto",
            Precision::Fp32 => "fp32",
            Precision::Bf16 => "bf16",
        })
    }
}

impl Precision {
    /// What is used on this machine: never `Auto`.
    pub fn resolve(self) -> Precision {
        match self {
            Precision::Auto if has_fast_bf16() => Precision::Bf16,
            Precision::Auto => Precision::Fp32,
            chosen => chosen,
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self.resolve() {
            Precision::Bf16 => Kind::BFloat16,
            _ => Kind::Float,
        }
    }
}

/// Without one of these instruction sets bfloat16 is emulated and far slower than fp32.
fn has_fast_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        std::is_x86_feature_detected!("avx512bf16")
            // The standard library cannot ask for AMX on the stable channel yet.
            || flags.split_ascii_whitespace().any(|flag| flag == "amx_bf16")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// The weights of a model, ready to compute with.
pub struct Weights {
    // A tensor may go from thread to thread, but only one may look at it at a time.
    shared: Mutex<(Encoder, Heads)>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test beside the encoder needs it"))]
    pub(super) shape: BertConfig,
    pub(super) precision: Precision,
    /// SHA-256 of the file, in hexadecimal.
    pub revision: String,
}

impl Weights {
    /// Reads `model.safetensors` in `folder`, which must have the named heads, and brings it to
    /// `precision`.
    pub fn read(folder: &Path, heads: &[String], precision: Precision) -> Result<Self, ModelError> {
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
        let precision = precision.resolve();
        let tensors = store.variables();
        let encoder = Encoder::new(&tensors, &shape, precision.kind()).map_err(invalid)?;
        let heads = Heads::new(&tensors, heads, shape.hidden_size).map_err(invalid)?;
        Ok(Self { shared: Mutex::new((encoder, heads)), shape, precision, revision })
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
