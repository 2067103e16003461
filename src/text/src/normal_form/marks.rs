//! Letters and their combining marks: composed, and no more of them than a language needs.

use super::offsets::Edit;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Most combining marks of one letter. Vietnamese and Hebrew need three, Tibetan a few more; a
/// row of dozens is decoration.
const MOST: usize = 8;

/// Edits that compose letters and marks (NFC) and cut floods of marks.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut start = 0;
    let mut is_plain = true;
    for (at, c) in text.char_indices() {
        let quick = is_nfc_quick(std::iter::once(c));
        if quick == IsNormalized::Yes && canonical_combining_class(c) == 0 && !is_combining_mark(c)
        {
            compose(text, start..at, is_plain, &mut edits);
            start = at;
            is_plain = true;
        } else {
            is_plain = false;
        }
    }
    compose(text, start..text.len(), is_plain, &mut edits);
    edits
}

/// Composes a letter with what belongs to it.
fn compose(text: &str, range: std::ops::Range<usize>, is_plain: bool, edits: &mut Vec<Edit>) {
    if is_plain {
        return;
    }
    let mut marks = 0;
    let composed: String = text[range.clone()]
        .chars()
        .filter(|c| {
            marks = if is_combining_mark(*c) { marks + 1 } else { 0 };
            marks <= MOST
        })
        .nfc()
        .collect();
    // A letter in front that nothing was composed with is not part of the change.
    let same =
        composed.chars().zip(text[range.clone()].chars()).take_while(|(new, old)| new == old);
    let kept: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let changed = range.start + kept..range.end;
    if !changed.is_empty() && composed[kept..] != text[changed.clone()] {
        edits.push((changed, composed[kept..].to_owned().into()));
    }
}
