//! The outputs of a network, before calibration.

use heartstrings_core::analysis::EMOTIONS;

/// Outputs of the stars head.
pub const STARS: usize = 5;
/// Outputs of the affect head: valence, arousal, dominance.
pub const AFFECT: usize = 3;
/// Outputs of the intensity head: anger, fear, joy, sadness, valence.
pub const INTENSITY: usize = 5;

/// Logits of the heads that read the mean of token vectors, for one window or segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeadScores {
    /// One to five stars.
    pub stars: [f32; STARS],
    /// The emotions, in the order of [`EMOTIONS`].
    pub emotions: [f32; EMOTIONS.len()],
    /// Valence, arousal, dominance.
    pub affect: [f32; AFFECT],
    /// Intensity of anger, fear, joy and sadness; valence as in tweets.
    pub intensity: [f32; INTENSITY],
    /// Whether it praises one thing and criticises another without an overall verdict.
    pub mixed: f32,
}

/// The scores of one window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowScores {
    /// The whole window.
    pub whole: HeadScores,
    /// Each of its segments, in order.
    pub segments: Vec<HeadScores>,
}
