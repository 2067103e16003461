//! Outputs of the network's heads that an analysis does not hold: the probability of each number of
//! stars, and the intensity of each emotion.

use super::labels::Labelled;
use crate::settings::Settings;
use heartstrings_inference::{Document, Model as _};
use heartstrings_model::{Model, Network, set_thread_count};

/// Texts in one forward.
const TOGETHER: usize = 16;

/// Outputs of the heads for a text.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// Probability of one to five stars.
    pub stars: [f64; 5],
    /// Intensity of anger, fear, joy and sadness, and valence, each 0 to 1.
    pub intensity: [f64; 5],
}

/// The outputs for each row; empty when no row has one of five classes or an intensity to compare with. Runs
/// on this thread: files with such labels are short.
///
/// # Errors
/// When the model cannot be loaded or a text cannot be tokenized.
pub fn read(settings: &Settings, rows: &[Labelled]) -> Result<Vec<Said>, String> {
    if rows.iter().all(|row| row.intensity.is_none() && row.class.is_none()) {
        return Ok(Vec::new());
    }
    set_thread_count(1);
    let model = Model::load(&settings.model, settings.compute).map_err(|e| e.to_string())?;
    let network = model.network();
    let mut said = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(TOGETHER) {
        let documents: Result<Vec<Document>, String> =
            chunk.iter().map(|row| model.prepare(row.text.as_str(), Some("en"))).collect();
        said.extend(of(&model, &network, &documents?));
    }
    Ok(said)
}

fn of(model: &Model, network: &Network, documents: &[Document]) -> Vec<Said> {
    let windows: Vec<_> = documents.iter().flat_map(|document| &document.windows).collect();
    let scores = network.forward(&windows, &mut || ());
    let mut rest = scores.as_slice();
    documents
        .iter()
        .map(|document| {
            let (own, others) = rest.split_at(document.windows.len());
            rest = others;
            Said {
                stars: model.star_probabilities(document, own),
                intensity: model.emotion_intensity(document, own),
            }
        })
        .collect()
}
