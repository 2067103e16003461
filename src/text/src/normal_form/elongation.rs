//! Words drawn out by repeated letters.

use super::offsets::Edit;
use super::vocabulary;

/// Most letters of a word that is looked at.
const MOST: usize = 40;
/// Most drawn-out letters of a word; each may stand for one or for two.
const RUNS: usize = 4;

/// Edits that write a common word in place of its drawn-out form: "baaaad" as "bad", "sooo" as
/// "so". A letter counts as drawn out from three in a row on, which English words do not have. What
/// is no common word in any length ("aaargh", "hmmm", "www") stays.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut start = 0;
    while let Some(offset) = text[start..].find(|c: char| c.is_ascii_alphabetic()) {
        start += offset;
        let rest = &text[start..];
        let end = start + rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = &text[start..end];
        if word.len() <= MOST
            && let Some(plain) = plain(word)
        {
            edits.push((start..end, plain.into()));
        }
        start = end;
    }
    edits
}

/// The commonest word that is written like `word` with each drawn-out letter once or twice.
fn plain(word: &str) -> Option<String> {
    if !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut letters: Vec<(char, usize)> = Vec::new();
    for c in word.chars() {
        match letters.last_mut() {
            Some((last, count)) if last.eq_ignore_ascii_case(&c) => *count += 1,
            _ => letters.push((c, 1)),
        }
    }
    let runs = letters.iter().filter(|(_, count)| *count > 2).count();
    if runs == 0 || runs > RUNS {
        return None;
    }
    let written = |choice: usize| -> String {
        let mut run = 0;
        let mut word = String::new();
        for &(c, count) in &letters {
            let kept = if count > 2 {
                run += 1;
                1 + (choice >> (run - 1) & 1)
            } else {
                count
            };
            word.extend(std::iter::repeat_n(c, kept));
        }
        word
    };
    (0..1 << runs)
        .map(written)
        .filter(|word| word.len() > 1)
        .filter_map(|word| Some((vocabulary::cost(&word.to_lowercase())?, word)))
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_out_words_are_words() {
        for (written, read) in [
            ("baaaad", "bad"),
            ("sooooo", "so"),
            ("goooood", "good"),
            ("LOOOVE", "LOVE"),
            ("sweeeet", "sweet"),
            ("booooring", "boring"),
            ("wayyyy", "way"),
            ("pleeeease", "please"),
            ("awwwwfulllll", "awful"),
        ] {
            assert_eq!(plain(written).as_deref(), Some(read), "{written}");
        }
        for kept in ["www", "hmmm", "good", "too", "aaargh", "III", "book", "x"] {
            assert_eq!(plain(kept), None, "{kept}");
        }
    }
}
