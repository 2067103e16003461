//! Groups the sentences of a text into windows that fit the encoder.

use super::tokenizer::Tokens;
use heartstrings_inference::{FRAME, Segment, Window};

/// A sentence, or a part of one, that fits into a window.
struct Piece<'a> {
    sentence: usize,
    ids: &'a [u32],
}

/// Fills windows of at most `window_tokens` tokens with the sentences of a document.
///
/// The number of windows is the least that whole sentences allow. Among those plans, the longest window is as short
/// as possible: a last window of three words would lack context. Every token is in exactly one
/// window. A document without tokens is one empty window.
///
/// The segments count the sentences in the order in which they are given.
pub fn plan<'a>(
    sentences: impl IntoIterator<Item = &'a Tokens>,
    window_tokens: usize,
    cls: u32,
    sep: u32,
) -> Vec<Window> {
    let most = window_tokens - FRAME;
    let pieces: Vec<Piece> = sentences
        .into_iter()
        .enumerate()
        .flat_map(|(sentence, tokens)| cut(sentence, tokens, most))
        .collect();
    let capacity = even_capacity(&pieces, most);
    let mut windows = Vec::new();
    let mut window = open(cls);
    for piece in &pieces {
        if window.ids.len() > 1 && window.ids.len() - 1 + piece.ids.len() > capacity {
            windows.push(close(window, sep));
            window = open(cls);
        }
        let start = window.ids.len();
        window.ids.extend_from_slice(piece.ids);
        let end = window.ids.len();
        window.segments.push(Segment { sentence: piece.sentence, start, end });
    }
    windows.push(close(window, sep));
    windows
}

fn open(cls: u32) -> Window {
    Window { ids: vec![cls], segments: Vec::new() }
}

fn close(mut window: Window, sep: u32) -> Window {
    window.ids.push(sep);
    window
}

/// Cuts a sentence that is too long into equal parts, between words if possible.
fn cut(sentence: usize, tokens: &Tokens, most: usize) -> Vec<Piece<'_>> {
    let mut rest = 0..tokens.ids.len();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let parts = rest.len().div_ceil(most);
        let mut length = rest.len().div_ceil(parts);
        if parts > 1 {
            // To keep a word whole, a cut may be up to an eighth earlier.
            let earliest = length - length / 8;
            length = (earliest..=length)
                .rev()
                .find(|n| tokens.starts_word[rest.start + n])
                .unwrap_or(length);
        }
        let end = rest.start + length;
        pieces.push(Piece { sentence, ids: &tokens.ids[rest.start..end] });
        rest.start = end;
    }
    pieces
}

/// The smallest capacity with which the number of windows is still the least.
fn even_capacity(pieces: &[Piece], most: usize) -> usize {
    let needed = count_windows(pieces, most);
    let longest = pieces.iter().map(|p| p.ids.len()).max().unwrap_or(0);
    let (mut low, mut high) = (longest, most);
    while low < high {
        let middle = (low + high) / 2;
        if count_windows(pieces, middle) <= needed {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    high
}

fn count_windows(pieces: &[Piece], capacity: usize) -> usize {
    let mut windows = 1;
    let mut filled = 0;
    for piece in pieces {
        if filled > 0 && filled + piece.ids.len() > capacity {
            windows += 1;
            filled = 0;
        }
        filled += piece.ids.len();
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLS: u32 = 101;
    const SEP: u32 = 102;

    fn sentence(ids: impl IntoIterator<Item = u32>) -> Tokens {
        let ids: Vec<u32> = ids.into_iter().collect();
        let starts_word = ids.iter().map(|id| id % 3 != 0).collect();
        Tokens { ids, starts_word }
    }

    #[test]
    fn a_short_text_is_one_window() {
        let windows = plan(&[sentence([1, 2]), sentence([4])], 256, CLS, SEP);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].ids, [CLS, 1, 2, 4, SEP]);
        assert_eq!(windows[0].segments[1], Segment { sentence: 1, start: 3, end: 4 });
        assert_eq!(windows[0].content_tokens(), 3);
    }

    #[test]
    fn windows_are_even() {
        let sentences: Vec<Tokens> = (0..27).map(|_| sentence(1..11)).collect();
        let lengths: Vec<usize> =
            plan(&sentences, 256, CLS, SEP).iter().map(Window::content_tokens).collect();
        assert_eq!(lengths, [140, 130]);
    }

    #[test]
    fn nothing_is_one_empty_window() {
        let windows = plan(&[], 256, CLS, SEP);
        assert_eq!(windows, [Window { ids: vec![CLS, SEP], segments: vec![] }]);
    }

    proptest! {
        #[test]
        fn every_token_is_in_exactly_one_window(
            lengths in proptest::collection::vec(1usize..700, 0..20),
            window_tokens in 8usize..300,
        ) {
            let mut next = 1000;
            let sentences: Vec<Tokens> = lengths
                .iter()
                .map(|n| { next += *n as u32; sentence(next - *n as u32..next) })
                .collect();
            let windows = plan(&sentences, window_tokens, CLS, SEP);
            let mut seen = Vec::new();
            for window in &windows {
                prop_assert!(window.ids.len() <= window_tokens);
                prop_assert_eq!(window.ids[0], CLS);
                prop_assert_eq!(*window.ids.last().unwrap(), SEP);
                let mut at = 1;
                for segment in &window.segments {
                    prop_assert_eq!(segment.start, at);
                    prop_assert!(segment.end > segment.start);
                    let ids = &window.ids[segment.start..segment.end];
                    prop_assert!(ids.iter().all(|id| sentences[segment.sentence].ids.contains(id)));
                    at = segment.end;
                }
                prop_assert_eq!(at, window.ids.len() - 1);
                seen.extend_from_slice(&window.ids[1..at]);
            }
            let all: Vec<u32> = sentences.iter().flat_map(|s| s.ids.clone()).collect();
            prop_assert_eq!(seen, all);
        }
    }
}
