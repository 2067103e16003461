//! Prepares a text for the network: language, sentences, tokens, windows.

use super::tokenizer::{Tokenizer, Tokens};
use super::{language, sentences, windows};
use heartstrings_inference::Document;

/// Prepares `text` for the network.
///
/// `stated` is the BCP 47 tag that the client states, if any, and `supported` lists the model's languages. A
/// window has at most `window_tokens` tokens, its framing tokens included.
///
/// # Errors
/// The tokenizer's own message.
pub fn prepare(
    text: &str,
    stated: Option<&str>,
    supported: &[String],
    tokenizer: &Tokenizer,
    window_tokens: usize,
) -> Result<Document, String> {
    let language = language::detect(text, stated, supported);
    let (sentences, tokens) = tokenize(text, tokenizer)?;
    let windows = windows::plan(&tokens, window_tokens, tokenizer.cls, tokenizer.sep);
    Ok(Document { windows, sentences, language })
}

/// Start and end of a sentence in code points.
type Span = (u32, u32);

/// Sentences as character offsets, and their tokens. A sentence without tokens (control characters only) is
/// joined to the one before it.
fn tokenize(text: &str, tokenizer: &Tokenizer) -> Result<(Vec<Span>, Vec<Tokens>), String> {
    let mut spans: Vec<Span> = Vec::new();
    let mut all = Vec::new();
    let mut chars = CharOffsets::new(text);
    let mut orphan_start = None;
    for range in sentences::split(text) {
        let tokens = tokenizer.encode(&text[range.clone()])?;
        let (start, end) = (chars.at(range.start), chars.at(range.end));
        if !tokens.ids.is_empty() {
            spans.push((orphan_start.take().unwrap_or(start), end));
            all.push(tokens);
        } else if let Some(last) = spans.last_mut() {
            last.1 = end;
        } else {
            orphan_start.get_or_insert(start);
        }
    }
    if spans.is_empty() {
        spans.push((0, chars.at(text.len())));
    }
    Ok((spans, all))
}

/// Turns rising byte offsets into character offsets in one pass over the text.
struct CharOffsets<'a> {
    text: &'a str,
    byte: usize,
    chars: u32,
}

impl<'a> CharOffsets<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, byte: 0, chars: 0 }
    }

    fn at(&mut self, byte: usize) -> u32 {
        self.chars += self.text[self.byte..byte].chars().count() as u32;
        self.byte = byte;
        self.chars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_code_points() {
        let mut chars = CharOffsets::new("é😭x");
        assert_eq!([chars.at(0), chars.at(2), chars.at(6), chars.at(7)], [0, 1, 2, 3]);
    }
}
