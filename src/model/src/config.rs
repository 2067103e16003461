//! `config.json` of a model folder. Its top level describes the encoder as Hugging Face does; the object
//! `heartstrings` holds everything that turns the heads' outputs into an analysis.

use super::error::ModelError;
use super::network::MEAN_HEADS;
use heartstrings_core::analysis::EMOTIONS;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

/// The object `heartstrings` of `config.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelConfig {
    /// Version of the layout of this object; 1.
    pub format: u32,
    /// Name of the model.
    pub id: String,
    /// Languages it was trained on.
    pub languages: Vec<String>,
    /// Most tokens of a window, its two framing tokens included.
    pub window_tokens: usize,
    /// Names of the heads in the weights: all that are required, and those optional ones that the model has.
    #[serde(default = "required_heads")]
    pub heads: Vec<String>,
    /// The stars head.
    pub stars: StarsConfig,
    /// The emotions head.
    pub emotions: EmotionsConfig,
    /// The intensity of a sentence.
    pub intensity: IntensityConfig,
    /// The rule for mixed texts.
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

/// The intensity of a sentence.
#[derive(Clone, Debug, Deserialize)]
pub struct IntensityConfig {
    /// Weights of its four terms.
    pub formula: IntensityFormula,
}

/// Intensity of a sentence: a weighted sum, clamped to [0, 1]. The model card describes how the weights
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

/// A text is mixed when at least `share` of its tokens are in sentences that are negative with probability
/// `strong` or more, and at least `share` in sentences that are positive in the same sense. A two-sided sentence
/// counts half for either side.
#[derive(Clone, Debug, Deserialize)]
pub struct MixedConfig {
    /// Least probability with which a sentence is strongly negative or positive.
    pub strong: f64,
    /// Least share of the tokens on either side.
    pub share: f64,
    /// Probability of a side from which a text of several sentences has a verdict and is not mixed; without
    /// it, none has.
    #[serde(default)]
    pub verdict: Option<f64>,
    /// The rule for two-sided sentences; given if the model has the head `mixed`.
    pub two_sided: Option<TwoSidedConfig>,
}

/// A sentence is two-sided when the head `mixed` gives it a probability of `threshold` or more, and neither
/// side has a probability of `sure` or more. The second condition excludes "the cast was good, but I
/// hated it", which has a verdict.
#[derive(Clone, Debug, Deserialize)]
pub struct TwoSidedConfig {
    /// Least probability of the head.
    pub threshold: f64,
    /// Probability of a side from which the sentence has a verdict.
    pub sure: f64,
}

/// The optional head that comes with the rule for two-sided sentences.
const MIXED_HEAD: &str = "mixed";

/// The heads of a model whose `config.json` lists none.
fn required_heads() -> Vec<String> {
    let required = MEAN_HEADS.iter().filter(|head| !head.is_optional);
    required.map(|head| head.name.to_owned()).collect()
}

impl ModelConfig {
    /// Reads and checks `config.json` in `folder`.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
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

/// Checks that all required heads are listed and no unknown ones, and that `mixed` comes with its rule.
fn check_heads(config: &ModelConfig) -> Result<(), String> {
    let listed = |name: &str| config.heads.iter().any(|head| head == name);
    if let Some(name) = required_heads().into_iter().find(|name| !listed(name)) {
        return Err(format!("`heads` does not list {name}, which every analysis needs"));
    }
    let is_known = |name: &str| MEAN_HEADS.iter().any(|head| head.name == name);
    if let Some(name) = config.heads.iter().find(|name| !is_known(name)) {
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
        without_rule.heads = MEAN_HEADS.iter().map(|head| head.name.to_owned()).collect();
        without_rule.mixed.two_sided = None;
        assert!(check_heads(&without_rule).unwrap_err().contains("two_sided"));
    }

    #[test]
    fn a_model_older_than_the_head_mixed_has_the_others() {
        assert_eq!(required_heads(), ["stars", "emotions", "affect", "intensity"]);
    }
}
