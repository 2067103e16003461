//! Prepares a text for the network: language, normal form, sentences, tokens, windows.

use super::tokenizer::{Tokenizer, Tokens};
use super::{language, windows};
use heartstrings_inference::Document;
use heartstrings_text::Reading;
use std::collections::HashMap;

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
    let reading = Reading::of(text);
    let language = language::of(reading.text(), stated, supported);
    let (sentences, tokens) = tokenize(&reading, tokenizer)?;
    let (first_alike, distinct) = distinct(&tokens);
    let read = distinct.iter().map(|sentence| &tokens[*sentence]);
    let mut windows = windows::plan(read, window_tokens, tokenizer.cls, tokenizer.sep);
    for segment in windows.iter_mut().flat_map(|window| &mut window.segments) {
        segment.sentence = distinct[segment.sentence];
    }
    let all: usize = tokens.iter().map(|tokens| tokens.ids.len()).sum();
    let read: usize = distinct.iter().map(|sentence| tokens[*sentence].ids.len()).sum();
    // A text without any token has one sentence.
    let first_alike = if tokens.is_empty() { vec![0] } else { first_alike };
    Ok(Document { windows, sentences, first_alike, repeated_tokens: all - read, language })
}

/// For each sentence the index of the first one with the same tokens, and the indices of those first ones.
fn distinct(sentences: &[Tokens]) -> (Vec<usize>, Vec<usize>) {
    let mut known = HashMap::with_capacity(sentences.len());
    let mut firsts = Vec::new();
    let first_alike = sentences.iter().enumerate().map(|(index, tokens)| {
        *known.entry(tokens.ids.as_slice()).or_insert_with(|| {
            firsts.push(index);
            index
        })
    });
    (first_alike.collect(), firsts)
}

/// Start and end of a sentence in code points of the stored text.
type Span = (u32, u32);

/// The places of the sentences in the stored text, and the tokens of their normal forms. A sentence without tokens
/// (characters that the tokenizer drops) is joined to the one before it, and so is one that shares a rewritten
/// stretch of the stored text with it.
fn tokenize(reading: &Reading, tokenizer: &Tokenizer) -> Result<(Vec<Span>, Vec<Tokens>), String> {
    let mut spans: Vec<Span> = Vec::new();
    let mut all: Vec<Tokens> = Vec::new();
    let mut orphan_start = None;
    let mut last_end = 0;
    for (words, place) in reading.sentences() {
        let tokens = tokenizer.encode(words)?;
        let (start, end) = (place.start as u32, place.end as u32);
        last_end = end;
        match (spans.last_mut(), all.last_mut()) {
            (Some(last), Some(before)) if tokens.ids.is_empty() || start == end => {
                last.1 = last.1.max(end);
                before.extend(tokens);
            }
            _ if tokens.ids.is_empty() => {
                orphan_start.get_or_insert(start);
            }
            _ => {
                spans.push((orphan_start.take().unwrap_or(start), end));
                all.push(tokens);
            }
        }
    }
    if spans.is_empty() {
        spans.push((orphan_start.unwrap_or(0), last_end));
    }
    Ok((spans, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The stored text of each sentence.
    fn sentences(text: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let tokenizer = Tokenizer::read(&folder).unwrap();
        let document = prepare(text, None, &["en".to_owned()], &tokenizer, 256).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let of = |(start, end): &(u32, u32)| chars[*start as usize..*end as usize].iter().collect();
        document.sentences.iter().map(of).collect()
    }

    #[test]
    fn places_are_those_of_the_stored_text() {
        let text = "  I donʼt like it &amp; neither do you😭. bad.Truly #awfulservice!";
        let found = sentences(text);
        assert_eq!(found[0], "I donʼt like it &amp; neither do you😭.");
        assert_eq!(found[1..], ["bad.", "Truly #awfulservice!"]);
    }

    #[test]
    fn a_repeated_sentence_is_read_once() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let tokenizer = Tokenizer::read(&folder).unwrap();
        let text = "It is red. It is small. IT IS RED. It is small. ".repeat(50);
        let document = prepare(&text, None, &["en".to_owned()], &tokenizer, 256).unwrap();
        assert_eq!(document.sentences.len(), 200);
        assert_eq!(document.first_alike[..5], [0, 1, 0, 1, 0]);
        assert_eq!(document.windows.len(), 1);
        let read: Vec<usize> = document.windows[0].segments.iter().map(|s| s.sentence).collect();
        assert_eq!(read, [0, 1]);
        assert_eq!((document.tokens(), document.repeated_tokens), (8, 792));
    }

    #[test]
    fn spellings_of_the_same_words_have_the_same_tokens() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let tokenizer = Tokenizer::read(&folder).unwrap();
        let of = |text| prepare(text, None, &["en".to_owned()], &tokenizer, 256).unwrap().windows;
        for (written, plain) in [
            ("I donʼt like it", "I don't like it"),
            ("I don&rsquo;t like it", "I don't like it"),
            ("wa\u{ad}ste of mo\u{200b}ney", "waste of money"),
            ("ＡＷＦＵＬ！", "AWFUL!"),
            ("#awfulservice", "awful service"),
        ] {
            assert_eq!(of(written), of(plain), "{written}");
        }
    }

    #[test]
    fn fuzz_time_of_preparation() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        let tokenizer = Tokenizer::read(&folder).unwrap();
        let units = "( |\\.|\n|😡|#|#a|&amp;|&|\u{301}|[0-9]/|[0-9]|â€™|Ã|aa?|★|\"|\\(|\\PC|\u{200d}|- ?){1,4}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(prepare(text, None, &["en".to_owned()], &tokenizer, 256).unwrap());
        });
    }

    #[test]
    fn a_text_of_nothing_has_one_empty_sentence() {
        assert_eq!(sentences("\u{200b}"), [""]);
        assert_eq!(sentences(""), [""]);
    }
}
