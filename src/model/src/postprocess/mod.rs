//! From the scores of windows to the analysis of a text.

mod aggregate;
mod analysis;
mod calibration;
mod mixed;

pub use aggregate::{emotion_intensity, star_probabilities};
pub use analysis::analysis;
