//! Where sentences start and end.
//!
//! Unicode's rules (UAX #29) find the boundaries; what they get wrong in English prose, full
//! stops after abbreviations and initials, is joined again. Line breaks always end a sentence.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Words whose full stop rarely ends a sentence, in lower case, without the full stop.
///
/// "No." is not among them: in reviews it is an answer far more often than a number.
const ABBREVIATIONS: [&str; 27] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "eg", "e.g", "ie", "i.e", "vol", "ep",
    "approx", "dept", "est", "fig", "gen", "gov", "hon", "rev", "sgt", "mt", "lt", "capt",
];

/// Byte ranges of the sentences of `text`, in order, trimmed of white space. Every character
/// that is not white space is in exactly one of them.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for (offset, piece) in text.split_sentence_bound_indices() {
        let end = offset + piece.len();
        if is_open(&text[start..end]) {
            continue;
        }
        push_trimmed(text, start..end, &mut sentences);
        start = end;
    }
    push_trimmed(text, start..text.len(), &mut sentences);
    sentences
}

fn push_trimmed(text: &str, range: Range<usize>, sentences: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = range.start + (piece.len() - piece.trim_start().len());
        sentences.push(start..start + trimmed.len());
    }
}

/// Whether a piece ends in an abbreviation or an initial, so that its sentence goes on.
fn is_open(piece: &str) -> bool {
    let Some(body) = piece.trim_end_matches(' ').strip_suffix('.') else { return false };
    let word = body.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(body);
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_initial = {
        let mut chars = word.chars();
        // "I." does end sentences: "That is who I am, said I."
        matches!((chars.next(), chars.next()), (Some(c), None) if c.is_uppercase() && c != 'I')
    };
    is_initial || ABBREVIATIONS.iter().any(|a| word.eq_ignore_ascii_case(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn ends_at_stops_and_line_breaks() {
        assert_eq!(
            pieces("Great! Loved it.\nWould buy again"),
            ["Great!", "Loved it.", "Would buy again"]
        );
        assert_eq!(pieces("Was it good? No. It was not."), ["Was it good?", "No.", "It was not."]);
    }

    #[test]
    fn goes_on_after_abbreviations_initials_and_decimals() {
        for whole in [
            "Mr. Smith met Dr. Jones.",
            "J. R. R. Tolkien wrote it.",
            "It cost 3.50 at St. Mary's.",
            "Bring snacks, e.g. Pringles.",
        ] {
            assert_eq!(pieces(whole), [whole]);
        }
    }

    #[test]
    fn other_scripts_have_sentences_too() {
        assert_eq!(pieces("정말 슬펐어요. 많이 울었습니다.").len(), 2);
        assert_eq!(pieces("感動した。また見たい。").len(), 2);
    }

    proptest! {
        #[test]
        fn every_letter_is_in_exactly_one_sentence(text in "\\PC{0,80}(\\.|!|\n| |Mr\\. )\\PC{0,80}") {
            let mut covered = String::new();
            let mut end = 0;
            for range in split(&text) {
                prop_assert!(range.start >= end);
                prop_assert!(text[end..range.start].trim().is_empty());
                covered.push_str(&text[range.clone()]);
                end = range.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
