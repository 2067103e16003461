//! Sentence boundaries.
//!
//! The rules of Unicode (UAX #29) find them. In English prose these rules also split after abbreviations and
//! initials; such pieces are joined again. A line break always ends a sentence.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Abbreviations whose full stop rarely ends a sentence, in lower case, without the full stop.
///
/// "No." is not among them: in reviews it is far more often an answer than short for "number".
const ABBREVIATIONS: [&str; 27] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "eg", "e.g", "ie", "i.e", "vol", "ep",
    "approx", "dept", "est", "fig", "gen", "gov", "hon", "rev", "sgt", "mt", "lt", "capt",
];

/// Byte ranges of the sentences of `text`, in order, without white space at either end. Every other character
/// is in exactly one of them.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    let shortened = Shortened::new(text);
    for (offset, piece) in shortened.text.split_sentence_bound_indices() {
        let end = shortened.original(offset + piece.len());
        if is_open(&text[start..end]) {
            continue;
        }
        push_trimmed(text, start..end, &mut sentences);
        start = end;
    }
    push_trimmed(text, start..text.len(), &mut sentences);
    sentences
}

/// A text whose runs of spaces and marks are shortened to [`RUN`].
///
/// After a full stop UAX #29 looks ahead from every space and mark (rule SB8), so a full stop and n
/// spaces cost n² steps: minutes for one review. Characters beyond [`RUN`] in such a run do not
/// affect the boundaries, and belong to the sentence before.
struct Shortened {
    text: String,
    /// Offsets from which the text follows the original again: in this text, and in the original.
    resumed: Vec<(usize, usize)>,
}

/// Most spaces and marks in a row, and most code points of one character with its marks.
const RUN: usize = 16;

impl Shortened {
    fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut resumed = vec![(0, 0)];
        let (mut run, mut copied) = (0, 0);
        for (offset, grapheme) in original.grapheme_indices(true) {
            let ends_run =
                |c: char| c.is_alphanumeric() || "\r\n\u{85}\u{2028}\u{2029}".contains(c);
            run = if grapheme.starts_with(ends_run) { 0 } else { run + 1 };
            if run > RUN {
                continue;
            }
            if copied < offset {
                resumed.push((text.len(), offset));
            }
            let length = grapheme.char_indices().nth(RUN).map_or(grapheme.len(), |(end, _)| end);
            text.push_str(&grapheme[..length]);
            copied = offset + length;
        }
        resumed.push((text.len(), original.len()));
        Self { text, resumed }
    }

    /// The offset in the original for an offset in the shortened text.
    fn original(&self, offset: usize) -> usize {
        let next = self.resumed.partition_point(|(shortened, _)| *shortened <= offset);
        let (shortened, original) = self.resumed[next - 1];
        original + (offset - shortened)
    }
}

fn push_trimmed(text: &str, range: Range<usize>, sentences: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = range.start + (piece.len() - piece.trim_start().len());
        sentences.push(start..start + trimmed.len());
    }
}

/// Whether a piece ends in an abbreviation or an initial, so that its sentence continues.
fn is_open(piece: &str) -> bool {
    let Some(body) = piece.trim_end_matches(' ').strip_suffix('.') else { return false };
    let word = body.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(body);
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_initial = {
        let mut chars = word.chars();
        // "I." can end a sentence: "That is who I am, said I."
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
    fn continues_after_abbreviations_initials_and_decimals() {
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
    fn long_runs_of_spaces_and_marks_take_linear_time() {
        for unit in [" ", ")", "\u{301}", "\u{93e}", "\u{200d}", "\u{a0}\u{300}"] {
            // Without the limit each of these takes more than 10^9 steps.
            let run = unit.repeat(100_000 / unit.chars().count());
            let text = format!("It was good.{run} Was it? {run}Yes.\n{run}\nNo");
            let sentences = split(&text);
            assert_eq!(&text[sentences.last().unwrap().clone()], "No", "{unit:?}");
            assert!(text[sentences[0].clone()].starts_with("It was good."), "{unit:?}");
        }
        let gap = format!("Good.{0}Bad{0}ly. (So.{0}{1}) End.", " ".repeat(99), ")".repeat(99));
        let ends = ["Good.", "Bad", "ly.", "(So.", "End."].map(|end| gap.find(end).unwrap());
        let starts: Vec<_> = split(&gap).iter().map(|range| range.start).collect();
        assert_eq!(starts, [ends[0], ends[1], ends[3], ends[4]]);
    }

    #[test]
    fn other_scripts_have_sentences_too() {
        assert_eq!(pieces("정말 슬펐어요. 많이 울었습니다.").len(), 2);
        assert_eq!(pieces("感動した。また見たい。").len(), 2);
    }

    proptest! {
        #[test]
        fn fuzz_sentences(
            pieces in proptest::collection::vec(
                prop_oneof![any::<String>(), "[.!?)\" \n\r\u{85}\u{2029}aJ1(]{0,9}", "(Mr|e\\.g|J)\\. "],
                0..20,
            )
        ) {
            let text = pieces.concat();
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
            let sentences = split(&text);
            prop_assert!(sentences.is_sorted_by(|one, next| one.end <= next.start));
            let covered: usize = sentences.iter().map(|range| letters(&text[range.clone()])).sum();
            prop_assert_eq!(covered, letters(&text));
        }

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

    #[test]
    fn fuzz_time_of_sentences() {
        let units = "([.!?)(\"' \n\r\u{85}\u{a0}\u{301}\u{200d}aJ1]|\\PC|(Mr|e\\.g|J)\\. ?){1,6}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(split(text))
        });
    }
}
