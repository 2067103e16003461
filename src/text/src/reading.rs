//! A text as the tokenizer is given it.

use crate::normal_form::{self, OffsetMap};
use crate::sentences;
use std::ops::Range;

/// The normal form of a text, cut into sentences, with the place of each in the stored text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    text: String,
    map: OffsetMap,
    /// Byte ranges of `text`, in order.
    sentences: Vec<Range<usize>>,
    /// Code points of the stored text.
    spans: Vec<Range<usize>>,
}

impl Reading {
    /// Reads a stored text. The work is proportional to its length, which the caller bounds.
    pub fn of(stored: &str) -> Self {
        let mut draft = normal_form::with_plain_characters(stored);
        let mut sentences = sentences::split(&draft.text);
        normal_form::write_words(&mut draft, &mut sentences);
        let mut spans = Vec::with_capacity(sentences.len());
        let (mut byte, mut chars) = (0, 0);
        for range in &mut sentences {
            let trimmed = draft.text[range.clone()].trim_start();
            range.start = range.end - trimmed.len();
            range.end = range.start + trimmed.trim_end().len();
            let before = chars + draft.text[byte..range.start].chars().count();
            byte = range.end;
            chars = before + draft.text[range.clone()].chars().count();
            let span = draft.map.stored_span(before..chars);
            // Two sentences of one rewritten stretch: the first has it.
            let free = spans.last().map_or(0, |last: &Range<usize>| last.end);
            spans.push(span.start.max(free)..span.end.max(free));
        }
        Self { text: draft.text, map: draft.map, sentences, spans }
    }

    /// The normal form: what the tokenizer is given, and training too.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which code points of the stored text those of the normal form stand for.
    pub fn map(&self) -> &OffsetMap {
        &self.map
    }

    /// The sentences in order: the words of each in the normal form, and its code points in the
    /// stored text. Every visible character of the stored text is in one of them.
    pub fn sentences(&self) -> impl ExactSizeIterator<Item = (&str, Range<usize>)> {
        self.sentences
            .iter()
            .zip(&self.spans)
            .map(|(range, span)| (&self.text[range.clone()], span.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The normal form of a text.
    fn read(stored: &str) -> String {
        Reading::of(stored).text().to_owned()
    }

    #[test]
    fn what_readers_see_is_what_the_tokenizer_sees() {
        for (stored, plain) in [
            ("I donʼt", "I don't"),
            ("I don＇t", "I don't"),
            ("I don´t", "I don't"),
            ("I don`t", "I don't"),
            ("I don’t", "I don't"),
            ("I don‘t", "I don't"),
            ("I don′t", "I don't"),
            ("I donâ€™t", "I don't"),
            ("I donÃ¢â‚¬â„¢t", "I don't"),
            ("I don‚Äôt", "I don't"),
            ("I don\u{92}t", "I don't"),
            ("I don\u{fffd}t", "I don't"),
            ("I don&#39;t", "I don't"),
            ("I don&rsquo;t", "I don't"),
            ("I don&amp;#39;t", "I don't"),
            ("cafÃ© & bar", "café & bar"),
            ("cafe\u{301}", "café"),
            ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
            ("R&B; AT&T", "R&B; AT&T"),
            ("wa\u{ad}ste of mo\u{200b}ney", "waste of money"),
            ("\u{feff}Not good", "Not good"),
            ("not\u{a0}good\u{2003}at\u{3000}all", "not good at all"),
            ("ＡＷＦＵＬ！", "AWFUL!"),
            ("𝓐𝔀𝓯𝓾𝓵 ﬁlm", "Awful film"),
            ("½ price, Acme™, x², 20 ℃", "½ price, Acme™, x², 20 ℃"),
            ("well‑made", "well-made"),
            ("bad\u{0}\u{7} sound", "bad sound"),
            ("5′ tall, `code`", "5′ tall, `code`"),
            ("Good.<br /><br />Bad.", "Good.\n\nBad."),
            ("a < b <b>bold</b>", "a < b <b>bold</b>"),
            ("love it😍😍", "love it lovely "),
            ("sooo baaaad", "so bad"),
            ("Late. #awfulservice", "Late. awful service"),
            ("I give it 2/10", "I give it terrible"),
            ("می‌خواهم", "می‌خواهم"),
        ] {
            assert_eq!(read(stored), plain, "{stored}");
        }
        let flood = format!("a{} good", "\u{301}\u{316}".repeat(500));
        assert!(read(&flood).chars().count() < 20);
    }

    #[test]
    fn offsets_count_the_stored_text() {
        let stored = "   \u{feff}It donʼt work &amp; broke.  Two 😡😡 hours!";
        let reading = Reading::of(stored);
        let chars: Vec<char> = stored.chars().collect();
        let spans: Vec<String> =
            reading.sentences().map(|(_, span)| chars[span].iter().collect()).collect();
        assert_eq!(spans, ["It donʼt work &amp; broke.", "Two 😡😡 hours!"]);
        let words: Vec<&str> = reading.sentences().map(|(words, _)| words).collect();
        assert_eq!(words, ["It don't work & broke.", "Two  angry  hours!"]);
    }

    proptest! {
        #[test]
        fn fuzz_readings(
            pieces in proptest::collection::vec(
                prop_oneof![
                    any::<String>(),
                    "&(amp|#39|#x1f62d|nbsp|bogus);|<br>|â€™|Ã©|[’ʼ´]|\u{ad}|\u{200b}|\u{fe0f}|\u{200d}",
                    "[★☆⭐]{1,5}|[0-9]{1,2}/(5|10)|#[a-zA-Z]{1,9}|[a-c]{1,9}",
                    "[😭❤👍🏽🇰🇷]{1,4}|e\u{301}|[.!? \n]{1,3}",
                ],
                0..20,
            )
        ) {
            let stored = pieces.concat();
            let reading = Reading::of(&stored);
            let chars: Vec<char> = stored.chars().collect();
            let mut before = 0;
            for (_, span) in reading.sentences() {
                prop_assert!(before <= span.start && span.start <= span.end);
                let skipped: String = chars[before..span.start].iter().collect();
                prop_assert!(reading.map().normal_span(before..span.start).is_empty()
                    || !crate::has_anything_to_read(&skipped) || skipped.contains("<br>")
                    || skipped.contains(';'), "{skipped:?} is in no sentence");
                prop_assert!(span.end <= chars.len());
                before = span.end;
            }
        }
    }

    #[test]
    fn fuzz_time_of_readings() {
        let units = "(&#?x?[0-9a-z]{0,3};?|<br|â€™?|[a-c]{1,3}|#[a-zA-Z]?|[0-9./]|[★☆⭐]|[’ʼ´.!? \n\"(]|\u{ad}|\u{301}|\u{200d}|\u{fe0f}|😭|\\PC|10/10|five stars?){1,6}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(Reading::of(text))
        });
    }
}
