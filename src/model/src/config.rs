//! `config.json` of a model folder: the encoder's shape in Hugging Face's words, and under
//! `heartstrings` everything that turns the heads' outputs into an analysis.

use super::network::{HEADS, MIXED_HEAD};
use heartstrings_core::analysis::EMOTIONS;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

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
        /// What the operating system says.
        why: String,
    },
    /// A file can be read but is not what it should be.
    #[error(
        "{path} is not usable: {why}. Restore it from the release, or make the model anew with `make model`"
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// This machine cannot run it as asked.
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

/// What `config.json` says beyond the shape of the encoder.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelConfig {
    /// Version of this very layout; 1.
    pub format: u32,
    /// Name of the model.
    pub id: String,
    /// Languages it was trained on.
    pub languages: Vec<String>,
    /// Most tokens of a window, its two framing tokens included.
    pub window_tokens: usize,
    /// The heads that the weights have: all five, or all but `mixed`, as models of before that
    /// head.
    #[serde(default = "heads_of_old")]
    pub heads: Vec<String>,
    /// The stars head.
    pub stars: StarsConfig,
    /// The emotions head.
    pub emotions: EmotionsConfig,
    /// The intensity head and what is made of it.
    pub intensity: IntensityConfig,
    /// When a text is mixed.
    pub mixed: MixedConfig,
    /// Published accuracy, shown as it stands.
    #[serde(default)]
    pub accuracy: Map<String, Value>,
}

/// Calibration of the stars head.
#[derive(Clone, Debug, Deserialize)]
pub struct StarsConfig {
    /// Logits are divided by this before the softmax (Guo et al. 2017).
    pub temperature: f64,
}

/// Calibration of the emotions head.
#[derive(Clone, Debug, Deserialize)]
pub struct EmotionsConfig {
    /// Names, in the order of [`EMOTIONS`].
    pub labels: Vec<String>,
    /// Probability from which an emotion counts as present.
    pub thresholds: Vec<f64>,
    /// Logits are divided by this before the sigmoid.
    pub temperature: f64,
}

/// How intensity is made.
#[derive(Clone, Debug, Deserialize)]
pub struct IntensityConfig {
    /// Weights of the four ingredients.
    pub formula: IntensityFormula,
}

/// Intensity of a sentence: a weighted sum, cut to [0, 1]. The model card says how the weights
/// were chosen.
#[derive(Clone, Debug, Deserialize)]
pub struct IntensityFormula {
    /// Constant term.
    pub bias: f64,
    /// Weight of arousal.
    pub arousal: f64,
    /// Weight of the mean intensity of anger, fear, joy and sadness.
    pub mean_emotion: f64,
    /// Weight of 1 − P(three stars).
    pub not_neutral: f64,
    /// Weight of P(one star) + P(five stars).
    pub extreme_star: f64,
}

/// When a text is mixed: at least `share` of its tokens stand in sentences that are negative
/// with probability `strong` or more, and as many in positive ones. A sentence that is two-sided
/// by itself counts half for either side.
#[derive(Clone, Debug, Deserialize)]
pub struct MixedConfig {
    /// Probability from which a sentence takes a side strongly.
    pub strong: f64,
    /// Least share of the tokens on either side.
    pub share: f64,
    /// When a sentence is two-sided by itself; there when the model has a head for it.
    pub two_sided: Option<TwoSidedConfig>,
}

/// When a sentence praises one thing and blames another: the head `mixed` says so with
/// probability `threshold` or more, and neither side of it is as likely as `sure`. The second
/// half leaves alone "the cast was good, but I hated it", which has a verdict.
#[derive(Clone, Debug, Deserialize)]
pub struct TwoSidedConfig {
    /// Probability from which the head is believed.
    pub threshold: f64,
    /// Probability of a side from which it is not.
    pub sure: f64,
}

fn heads_of_old() -> Vec<String> {
    HEADS.iter().map(|(name, _)| (*name).to_owned()).filter(|name| name != MIXED_HEAD).collect()
}

impl ModelConfig {
    /// Reads and checks `config.json` in `folder`.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct File {
            max_position_embeddings: usize,
            heartstrings: ModelConfig,
        }
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|e| ModelError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let invalid = |why: String| ModelError::Invalid { path: path.clone(), why };
        let file: File = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        let config = file.heartstrings;
        if config.format != 1 {
            return Err(invalid(format!(
                "its format is {}, this version of heartstrings reads format 1",
                config.format
            )));
        }
        check_heads(&config).map_err(invalid)?;
        if config.emotions.labels != EMOTIONS {
            return Err(invalid("its emotions are not the 28 of GoEmotions in their order".into()));
        }
        if config.emotions.thresholds.len() != EMOTIONS.len() {
            return Err(invalid("it needs one threshold for each of the 28 emotions".into()));
        }
        if !(8..=file.max_position_embeddings).contains(&config.window_tokens) {
            return Err(invalid(format!(
                "window_tokens is {}; the encoder has {} positions",
                config.window_tokens, file.max_position_embeddings
            )));
        }
        let temperatures = [config.stars.temperature, config.emotions.temperature];
        if temperatures.iter().any(|t| t.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater)) {
            return Err(invalid("temperatures must be above zero".into()));
        }
        Ok(config)
    }
}

/// The heads that every model has are listed, no others are, and `mixed` comes with its rule.
fn check_heads(config: &ModelConfig) -> Result<(), String> {
    let listed = |name: &str| config.heads.iter().any(|head| head == name);
    if let Some(name) = heads_of_old().into_iter().find(|name| !listed(name)) {
        return Err(format!("`heads` does not list {name}, which every analysis needs"));
    }
    if let Some(name) = config.heads.iter().find(|name| HEADS.iter().all(|(head, _)| head != *name))
    {
        return Err(format!(
            "`heads` lists {name:?}, which this version of heartstrings does not know"
        ));
    }
    if listed(MIXED_HEAD) != config.mixed.two_sided.is_some() {
        return Err("`mixed.two_sided` belongs to the head `mixed`: give both or neither".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> ModelConfig {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        ModelConfig::read(&folder).unwrap()
    }

    #[test]
    fn heads_are_checked() {
        let good = shipped();
        assert_eq!(check_heads(&good), Ok(()));
        let mut lacking = shipped();
        lacking.heads.retain(|head| head != "affect");
        assert!(check_heads(&lacking).unwrap_err().contains("does not list affect"));
        let mut unknown = shipped();
        unknown.heads.push("humour".into());
        assert!(check_heads(&unknown).unwrap_err().contains("humour"));
        let mut without_rule = shipped();
        without_rule.heads = HEADS.iter().map(|(name, _)| (*name).to_owned()).collect();
        without_rule.mixed.two_sided = None;
        assert!(check_heads(&without_rule).unwrap_err().contains("two_sided"));
    }

    #[test]
    fn a_model_of_before_the_head_mixed_lists_the_others() {
        assert_eq!(heads_of_old(), ["stars", "emotions", "affect", "intensity"]);
    }
}
