//! Prepares a text for the network: language, normal form, sentences, tokens, windows.

use super::tokenizer::{Tokenizer, Tokens};
use super::{language, windows};
use heartstrings_inference::Document;
use heartstrings_text::Reading;

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

/// Start and end of a sentence in code points of the stored text.
type Span = (u32, u32);

/// Sentences as character offsets in the stored text, and the tokens of their normal forms. A sentence without
/// tokens (control characters only) is joined to the one before it, and so is one that shares a rewritten
/// stretch of the stored text with it.
fn tokenize(text: &str, tokenizer: &Tokenizer) -> Result<(Vec<Span>, Vec<Tokens>), String> {
    let reading = Reading::of(text);
    let mut spans: Vec<Span> = Vec::new();
    let mut all: Vec<Tokens> = Vec::new();
    let mut orphan_start = None;
    for (words, span) in reading.sentences() {
        let tokens = tokenizer.encode(words)?;
        let (start, end) = (span.start as u32, span.end as u32);
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
        spans.push((0, text.chars().count() as u32));
    }
    Ok((spans, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::LazyLock;

    static OURS: LazyLock<Tokenizer> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        Tokenizer::read(&folder).unwrap()
    });

    fn of(text: &str) -> Document {
        prepare(text, None, &["en".to_owned()], &OURS, 256).unwrap()
    }

    fn pieces(text: &str) -> Vec<String> {
        let cut = |&(start, end): &Span| {
            text.chars().skip(start as usize).take((end - start) as usize).collect()
        };
        of(text).sentences.iter().map(cut).collect()
    }

    #[test]
    fn offsets_count_code_points_of_the_stored_text() {
        let text = "it donʼt work &amp; broke. two 😡😡 hours!\n“\n#awfulservice";
        assert_eq!(
            pieces(text),
            ["it donʼt work &amp; broke.", "two 😡😡 hours!\n“", "#awfulservice"]
        );
    }

    #[test]
    fn spellings_of_the_same_words_have_the_same_tokens() {
        for (written, plain) in [
            ("I donʼt like it", "I don't like it"),
            ("I don&rsquo;t like it", "I don't like it"),
            ("wa\u{ad}ste of mo\u{200b}ney", "waste of money"),
            ("ＡＷＦＵＬ！", "AWFUL!"),
            ("#awfulservice", "awful service"),
        ] {
            assert_eq!(of(written).windows, of(plain).windows, "{written}");
        }
    }

    #[test]
    fn nothing_to_read_is_one_sentence_without_tokens() {
        let nothing = of("\u{200b}\u{7}");
        assert_eq!((nothing.sentences, nothing.windows.len()), (vec![(0, 2)], 1));
    }

    #[test]
    fn fuzz_time_of_preparation() {
        let units = "( |\\.|\n|😡|#|#a|&amp;|&|\u{301}|[0-9]/|[0-9]|â€™|Ã|aa?|★|\"|\\(|\\PC|\u{200d}|- ?){1,4}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(of(text))
        });
    }
}
