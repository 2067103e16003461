//! The WordPiece tokenizer of the model, which `tokenizer.json` defines. It is given normal forms, in which emoji are
//! words already; the table of emoji in it is for texts that come to it without.

use crate::error::ModelError;
use std::path::Path;
use tokenizers::Tokenizer as HfTokenizer;

/// Turns text into token ids.
pub struct Tokenizer {
    inner: HfTokenizer,
    /// Id of the first token of every window.
    pub cls: u32,
    /// Id of the last token of every window.
    pub sep: u32,
}

/// Token ids of a sentence and, for each, whether a word starts with it.
pub struct Tokens {
    /// Ids without framing tokens.
    pub ids: Vec<u32>,
    /// True for the first token of a word: a cut before it splits no word.
    pub starts_word: Vec<bool>,
}

impl Tokens {
    /// Appends the tokens of a sentence that is joined to this one.
    pub fn extend(&mut self, next: Tokens) {
        self.ids.extend(next.ids);
        self.starts_word.extend(next.starts_word);
    }
}

impl Tokenizer {
    /// Reads `tokenizer.json` in `folder`.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path)
            .map_err(|e| ModelError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let invalid = |why: String| ModelError::Invalid { path: path.clone(), why };
        let mut inner = HfTokenizer::from_bytes(&bytes).map_err(|e| invalid(e.to_string()))?;
        // A published tokenizer may truncate or pad. Here the windows limit the length, and no text may be
        // cut silently.
        inner.with_truncation(None).map_err(|e| invalid(e.to_string()))?;
        inner.with_padding(None);
        let special = |token: &str| {
            inner.token_to_id(token).ok_or_else(|| invalid(format!("it has no {token} token")))
        };
        Ok(Self { cls: special("[CLS]")?, sep: special("[SEP]")?, inner })
    }

    /// Tokens of one sentence. A sentence of characters that the tokenizer drops (control characters, for
    /// example) has none.
    ///
    /// # Errors
    /// The tokenizer's own message.
    pub fn encode(&self, sentence: &str) -> Result<Tokens, String> {
        let encoding = self.inner.encode_fast(sentence, false).map_err(|e| e.to_string())?;
        let words = encoding.get_word_ids();
        let starts_word = (0..words.len()).map(|i| i == 0 || words[i] != words[i - 1]).collect();
        Ok(Tokens { ids: encoding.get_ids().to_vec(), starts_word })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static OURS: LazyLock<Tokenizer> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heartstrings-en");
        Tokenizer::read(&folder).unwrap()
    });

    proptest! {
        #[test]
        fn fuzz_tokens(text in prop_oneof![any::<String>(), "([a-z#\\[\\]]{0,12}|\\PC)( |\t|\\PC|\u{301}){0,40}"]) {
            let tokens = OURS.encode(&text).unwrap();
            prop_assert_eq!(tokens.ids.len(), tokens.starts_word.len());
            prop_assert_eq!(tokens.starts_word.first(), (!tokens.ids.is_empty()).then_some(&true));
            // Each token stands for at least one character, except that one character may decompose into four.
            prop_assert!(tokens.ids.len() <= 4 * text.chars().count());
        }
    }

    #[test]
    fn emoji_with_a_sentiment_become_words() {
        let ids = |text| OURS.encode(text).unwrap().ids;
        assert_eq!(ids("Two hours on hold 😡😡"), ids("Two hours on hold angry"));
        assert_eq!(ids("The end😭 😭\u{fe0f}"), ids("The end tears tears"));
        assert_eq!(ids("👍🏽"), ids("good"));
        assert_ne!(ids("❤️"), ids("💔"));
    }

    #[test]
    fn fuzz_time_of_tokens() {
        let units = "([a-z#\\[\\] \t\u{301}\u{1f62d}]|\\PC|\\[MASK\\]){1,6}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(OURS.encode(text).unwrap())
        });
    }
}
