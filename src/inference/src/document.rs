//! A text that is prepared for a network.

use heartstrings_core::analysis::Warning;

/// A text cut into sentences and windows, ready for the network.
#[derive(Debug)]
pub struct Document {
    /// Inputs of the network, in text order; never empty.
    pub windows: Vec<Window>,
    /// Sentences as character offsets (start, end); never empty.
    pub sentences: Vec<(u32, u32)>,
    /// For each sentence the index of the first one with the same tokens: its own index if there is none before
    /// it. Windows hold first sentences only, since saying a thing again does not change what is said.
    pub first_alike: Vec<usize>,
    /// Word pieces of the sentences that repeat an earlier one.
    pub repeated_tokens: usize,
    /// The language of the text, as far as it is known.
    pub language: Language,
}

impl Document {
    /// Word pieces that the network reads, framing tokens and repeated sentences not counted.
    pub fn tokens(&self) -> usize {
        self.windows.iter().map(Window::content_tokens).sum()
    }
}

/// One input sequence of the encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Token ids, the two framing tokens included.
    pub ids: Vec<u32>,
    /// The sentences in it, in order; empty only for a text without any token.
    pub segments: Vec<Segment>,
}

impl Window {
    /// Tokens of the text in this window, framing tokens not counted.
    pub fn content_tokens(&self) -> usize {
        self.ids.len() - FRAME
    }
}

/// The range of a sentence in a window, or of a part of a sentence that is too long for one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index of the sentence in its document.
    pub sentence: usize,
    /// Position of its first token in [`Window::ids`].
    pub start: usize,
    /// Position after its last token.
    pub end: usize,
}

/// Tokens that frame each window: `[CLS]` and `[SEP]`.
pub const FRAME: usize = 2;

/// The language of a text, stated or detected.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag; `und` when the language is uncertain.
    pub tag: String,
    /// Set when the text is certainly in a language that the model was not trained on.
    pub warning: Option<Warning>,
}
