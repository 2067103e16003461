//! From a stored text to what the tokenizer reads, with the way back for every place in it.
//!
//! The work is done in two parts, with the search for sentences between them: first characters
//! get their plain forms, since a boundary may be written in any of them; then emoji, hashtags
//! and ratings become words, sentence by sentence, since an emoji or a "10/10" by itself says more
//! than one in the midst of a sentence.

mod characters;
mod elongation;
pub(crate) mod emoji;
mod hashtags;
mod marks;
mod markup;
mod mojibake;
mod offsets;
mod ratings;
pub(crate) mod vocabulary;

pub(crate) use offsets::Draft;
pub use offsets::OffsetMap;

use offsets::Edit;
use regex::Regex;
use std::ops::Range;

/// How often a text may have been encoded or escaped in vain before it came here.
const LAYERS: usize = 2;

/// A text whose characters have their plain forms.
pub(crate) fn with_plain_characters(stored: &str) -> Draft {
    let mut draft = Draft::new(stored);
    for undo in [mojibake::edits, markup::edits] {
        for _ in 0..LAYERS {
            let edits = undo(&draft.text);
            if edits.is_empty() {
                break;
            }
            draft.apply(&edits, &mut []);
        }
    }
    for pass in [characters::edits, marks::edits] {
        let edits = pass(&draft.text);
        draft.apply(&edits, &mut []);
    }
    draft
}

/// Turns emoji, hashtags and ratings into words. `sentences` are moved along.
pub(crate) fn write_words(draft: &mut Draft, sentences: &mut [Range<usize>]) {
    let mut all: Vec<Edit> = Vec::new();
    for range in &*sentences {
        let sentence = &draft.text[range.clone()];
        let ratings = ratings::edits(sentence);
        let mut edits = emoji::edits(sentence);
        edits.extend(hashtags::edits(sentence));
        edits.extend(
            elongation::edits(sentence)
                .into_iter()
                .filter(|(range, _)| !sentence[..range.start].ends_with('#')),
        );
        edits.retain(|(range, _)| !overlaps(&ratings, range));
        edits.extend(ratings);
        edits.sort_by_key(|(range, _)| range.start);
        all.extend(
            edits.into_iter().map(|(at, new)| (range.start + at.start..range.start + at.end, new)),
        );
    }
    draft.apply(&all, sentences);
}

/// Whether a range shares a character with one of some ordered edits.
fn overlaps(edits: &[Edit], range: &Range<usize>) -> bool {
    let next = edits.partition_point(|(edit, _)| edit.end <= range.start);
    edits.get(next).is_some_and(|(edit, _)| edit.start < range.end)
}

/// Whether a text holds anything that a reader sees: not only white space, characters without
/// width, control characters and stray combining marks.
pub fn has_anything_to_read(text: &str) -> bool {
    use unicode_normalization::char::is_combining_mark;
    text.chars().any(|c| {
        !(c.is_whitespace()
            || c.is_control()
            || characters::is_invisible(c)
            || is_combining_mark(c))
    })
}

/// A pattern that is written in this crate.
#[expect(clippy::expect_used, reason = "a pattern of this crate that is wrong fails every test")]
fn pattern(written: &str) -> Regex {
    Regex::new(written).expect("a pattern of this crate is valid")
}
