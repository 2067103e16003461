//! What the emotion intensity heads say, which no analysis holds.

use super::labels::Labelled;
use crate::model::{self, Document, Model, Network};
use crate::settings::Settings;

/// Texts whose windows go through the network together.
const TOGETHER: usize = 16;

/// Intensity of anger, fear, joy and sadness, and valence, for each row; nothing when no row has
/// an intensity to compare with. Runs on this thread: files with such labels are short.
pub fn read(settings: &Settings, rows: &[Labelled]) -> Result<Vec<[f64; 5]>, String> {
    if rows.iter().all(|row| row.intensity.is_none()) {
        return Ok(Vec::new());
    }
    model::set_thread_count(1);
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

fn of(model: &Model, network: &Network, documents: &[Document]) -> Vec<[f64; 5]> {
    let windows: Vec<_> = documents.iter().flat_map(|document| &document.windows).collect();
    let scores = network.forward(&windows, &mut || ());
    let mut rest = scores.as_slice();
    documents
        .iter()
        .map(|document| {
            let (own, others) = rest.split_at(document.windows.len());
            rest = others;
            model.emotion_intensity(document, own)
        })
        .collect()
}
