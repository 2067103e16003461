//! Where sentences start and end, as people type them.
//!
//! A scan over the characters stops at every mark that may end a sentence, and rules look at the
//! words on either side of it. They do not ask for a capital letter, since most reviews on the web
//! are typed without; they ask whether the word before the stop is one that a stop belongs to.
//! docs/decisions/0032-text-before-the-tokenizer.md says why no library does this, with figures.

mod emoji;
mod lists;
mod marks;
mod rules;
mod words;

use marks::{Mark, Marked};
use rules::Scan;
use std::ops::Range;

/// Byte ranges of the sentences of `text`, in order, without white space at their ends. Every
/// character that is not white space is in exactly one of them.
///
/// A piece without a letter and without an emoji (a list's "1.", a row of dashes, a quotation mark)
/// is no sentence: it belongs to the one before it or, when it opens what follows, to the next.
/// Line breaks always end a sentence. The work is proportional to the length of the text.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let marked = Marked::new(text);
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in Scan::new(&marked).ends() {
        pieces.extend(piece(&marked, start..end));
        start = end;
    }
    pieces.extend(piece(&marked, start..marked.chars.len()));
    let sentences = join(pieces);
    sentences.into_iter().map(|range| marked.bytes[range.start]..marked.bytes[range.end]).collect()
}

/// A stretch between two boundaries, in characters, without white space at its ends.
struct Piece {
    range: Range<usize>,
    /// Whether it holds a letter or an emoji.
    is_sentence: bool,
    /// Whether what has no letter belongs to what follows it: "1.", "-", an opening quotation mark.
    is_opening: bool,
}

fn piece(marked: &Marked, mut range: Range<usize>) -> Option<Piece> {
    let is_white = |at: usize| matches!(marked.marks[at], Mark::Space | Mark::Break);
    while !range.is_empty() && is_white(range.start) {
        range.start += 1;
    }
    while !range.is_empty() && is_white(range.end - 1) {
        range.end -= 1;
    }
    if range.is_empty() {
        return None;
    }
    let marks = &marked.marks[range.clone()];
    let is_sentence = marks.iter().any(|mark| matches!(mark, Mark::Letter | Mark::Emoji))
        || marked.chars[range.clone()].iter().any(|c| "★☆".contains(*c));
    let last = marks[marks.len() - 1];
    let is_opening = matches!(last, Mark::Open | Mark::Bullet | Mark::Quote)
        || (marks.len() <= 4
            && marks[0] == Mark::Digit
            && matches!(last, Mark::Stop | Mark::Close));
    Some(Piece { range, is_sentence, is_opening })
}

/// Joins what is no sentence by itself to a neighbour.
fn join(pieces: Vec<Piece>) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    // What waits for the sentence that it opens.
    let mut opening: Option<Range<usize>> = None;
    for piece in pieces {
        let waited = opening.take();
        let start = waited.as_ref().map_or(piece.range.start, |waited| waited.start);
        let whole = start..piece.range.end;
        match sentences.last_mut() {
            _ if piece.is_sentence => sentences.push(whole),
            Some(last) if !piece.is_opening && waited.is_none() => last.end = whole.end,
            _ => opening = Some(whole),
        }
    }
    match (sentences.last_mut(), opening) {
        (Some(last), Some(rest)) => last.end = rest.end,
        (None, Some(rest)) => sentences.push(rest),
        (_, None) => {}
    }
    sentences
}

#[cfg(test)]
mod tests;
