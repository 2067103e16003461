//! The words on either side of a place.

use super::marks::Mark;
use super::rules::{LOOK, Scan};

impl Scan<'_> {
    /// The letters and digits right before a place, in small letters.
    pub(super) fn word_before(&self, place: usize) -> String {
        let text = self.text;
        let mut from = place;
        while from > 0 && text.marks[from - 1] == Mark::Space && place - from < LOOK {
            from -= 1;
        }
        let end = from;
        while from > 0 && end - from < LOOK && is_word(text.chars[from - 1]) {
            from -= 1;
        }
        text.chars[from..end].iter().flat_map(|c| c.to_lowercase()).collect()
    }

    /// The word before the one that ends at a place.
    pub(super) fn word_before_token(&self, place: usize) -> String {
        let mut from = place;
        while from > self.token && place - from < LOOK {
            from -= 1;
        }
        self.word_before(from)
    }

    /// What stands between white space, brackets or hyphens and a place, at most [`LOOK`] characters.
    pub(super) fn token_before(&self, place: usize) -> String {
        let mut from = place;
        while from > self.token
            && place - from < LOOK
            && (is_word(self.text.chars[from - 1]) || self.text.chars[from - 1] == '.')
        {
            from -= 1;
        }
        let token: String = self.text.chars[from..place].iter().collect();
        token.trim_start_matches(['.', '\'']).to_owned()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '\''
}
