//! `GET /v1/model`: what makes the numbers, and how good it is.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::request::body::BODY_BYTES;
use crate::response::analysis::LabelView;
use crate::response::problem::Problem;
use actix_web::{get, web};
use heartstrings_core::analysis::{EMOTIONS, Label};
use heartstrings_core::review::limits;
use heartstrings_keys::Role;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The model that scores.
#[derive(Serialize, ToSchema)]
pub struct ModelView {
    /// Its name; every analysis carries it.
    #[schema(example = "heartstrings-en-1")]
    id: String,
    /// SHA-256 of its weights.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    revision: String,
    /// Languages that it was trained on (BCP 47).
    #[schema(example = json!(["en"]))]
    languages: Vec<String>,
    /// Number format of the computation: `fp32`, `bf16`, or `int16` (linear layers and attention in integers).
    #[schema(example = "fp32")]
    precision: String,
    /// What the computation runs on: `cpu` or `cuda`.
    #[schema(example = "cpu")]
    device: String,
    /// What it can say.
    labels: Labels,
    /// What it takes.
    limits: Limits,
    /// Published accuracy, measure by measure.
    #[schema(value_type = Object, example = json!({"sst2_dev_accuracy": 0.9}))]
    accuracy: Map<String, Value>,
}

/// What the model can say.
#[derive(Serialize, ToSchema)]
pub struct Labels {
    /// Labels of a sentiment.
    #[schema(inline)]
    sentiment: [LabelView; 4],
    /// The emotions, each with the probability from which it is listed.
    emotions: Vec<EmotionThreshold>,
}

/// An emotion that the model knows.
#[derive(Serialize, ToSchema)]
pub struct EmotionThreshold {
    /// Its name.
    #[schema(example = "admiration")]
    label: &'static str,
    /// Probability from which it is listed.
    #[schema(minimum = 0, maximum = 1, example = 0.35)]
    threshold: f64,
}

/// What the service takes.
#[derive(Serialize, ToSchema)]
pub struct Limits {
    /// Most characters of a text.
    #[schema(example = 100_000)]
    text_characters: usize,
    /// Most bytes of a body.
    #[schema(example = 2_097_152)]
    body_bytes: usize,
    /// Most tokens that are read at once; longer texts are read in windows of whole sentences.
    #[schema(example = 256)]
    window_tokens: usize,
}

impl Endpoint for get_model {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[],
        headers: &[],
        links: &[],
    };
}

/// Say what scores
///
/// The model's name and revision, the labels and emotions it knows, what it takes, and how it
/// did on labelled texts that it had not seen.
#[utoipa::path(
    tag = "model",
    responses((status = 200, description = "The model.", body = ModelView))
)]
#[get("/v1/model")]
pub async fn get_model(Running(service): Running) -> Result<web::Json<ModelView>, Problem> {
    let card = service.model();
    let thresholds = card.emotion_thresholds.iter();
    Ok(web::Json(ModelView {
        id: card.id.clone(),
        revision: card.revision.clone(),
        languages: card.languages.clone(),
        precision: card.precision.clone(),
        device: card.device.clone(),
        labels: Labels {
            sentiment: Label::ALL.map(LabelView::from),
            emotions: EMOTIONS
                .iter()
                .zip(thresholds)
                .map(|(label, threshold)| EmotionThreshold { label, threshold: *threshold })
                .collect(),
        },
        limits: Limits {
            text_characters: limits::TEXT_CHARS,
            body_bytes: BODY_BYTES,
            window_tokens: card.window_tokens,
        },
        accuracy: card.accuracy.clone(),
    }))
}
