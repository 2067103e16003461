//! Why a model could not be loaded.

use std::path::PathBuf;

/// Why a model could not be loaded. Every message names the file and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is missing or unreadable.
    #[error(
        "cannot read {path}: {why}. A model folder holds config.json, tokenizer.json and model.safetensors; point --model at one"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        why: String,
    },
    /// A file can be read but its content is not usable.
    #[error(
        "{path} is not usable: {why}. Restore it from the release, or make the model anew with `make model`"
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// This machine cannot run the model as requested.
    #[error("{0}")]
    Unsupported(String),
    /// libtorch failed.
    #[error("libtorch failed: {0}")]
    Torch(String),
}

impl From<tch::TchError> for ModelError {
    fn from(error: tch::TchError) -> Self {
        ModelError::Torch(error.to_string())
    }
}
