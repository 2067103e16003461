//! A text on its way through a model.

use heartstrings_core::analysis::Warning;

/// A text cut into sentences and windows, ready for the network.
#[derive(Debug)]
pub struct Document {
    /// What the network reads, in text order; never empty.
    pub windows: Vec<Window>,
    /// Sentences as character offsets (start, end); never empty.
    pub sentences: Vec<(u32, u32)>,
    /// The language that it is in, as far as that is known.
    pub language: Language,
}

impl Document {
    /// Word pieces of the text, framing tokens not counted.
    pub fn tokens(&self) -> usize {
        self.windows.iter().map(Window::content_tokens).sum()
    }
}

/// What the encoder reads at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Token ids, the two framing tokens included.
    pub ids: Vec<u32>,
    /// The sentences in it, in order; empty only for a text without any token.
    pub segments: Vec<Segment>,
}

impl Window {
    /// Tokens of the text in this window: its weight among the windows of a document.
    pub fn content_tokens(&self) -> usize {
        self.ids.len() - FRAME
    }
}

/// The place of a sentence, or of a part of one too long for a window, in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index of the sentence in its document.
    pub sentence: usize,
    /// Position of its first token in [`Window::ids`].
    pub start: usize,
    /// Position past its last token.
    pub end: usize,
}

/// Tokens that frame each window: `[CLS]` and `[SEP]`.
pub const FRAME: usize = 2;

/// What is known of a text's language.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag; `und` when nothing is certain.
    pub tag: String,
    /// Set when the text is surely in a language outside `supported`.
    pub warning: Option<Warning>,
}
