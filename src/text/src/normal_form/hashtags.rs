//! Hashtags as the words that they are made of.

use super::offsets::Edit;
use super::vocabulary::{self, LONGEST};

/// Longest hashtag that is cut, in bytes; a longer one is no phrase.
const MOST: usize = 60;
/// What each further word costs, so that a word is not cut into others of its letters.
const CUT: u32 = 25;

/// Edits that replace hashtags by their words: "#NotWorthIt" by "Not Worth It", "#awfulservice" by
/// "awful service". Capital letters say where words start; where there are none, words are found
/// that are the likeliest together. A hashtag that is not made of English words loses only its
/// sign. Numbers ("#1") and signs inside words ("C#") are not hashtags.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (at, _) in text.match_indices('#') {
        if text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "#&/_".contains(c))
        {
            continue;
        }
        let tag = &text[at + 1..];
        let tag =
            &tag[..tag.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tag.len())];
        if tag.starts_with(|c: char| c.is_alphabetic()) {
            edits.push((at..at + 1 + tag.len(), words(tag).into()));
        }
    }
    edits
}

/// The words of a hashtag, without its sign.
fn words(tag: &str) -> String {
    if tag.len() > MOST {
        return tag.to_owned();
    }
    let pieces: Vec<String> = camel_case(tag).into_iter().map(cut).collect();
    pieces.join(" ")
}

/// Pieces between capital letters, digits and low lines: "NoRefund2024" is three.
fn camel_case(tag: &str) -> Vec<&str> {
    #[derive(PartialEq, Clone, Copy)]
    enum Kind {
        Upper,
        Lower,
        Digit,
        Other,
    }
    let kind = |c: char| match c {
        '_' => Kind::Other,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_uppercase() => Kind::Upper,
        _ => Kind::Lower,
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    let chars: Vec<(usize, char)> = tag.char_indices().collect();
    for pair in chars.windows(2).enumerate() {
        let (index, [(_, one), (at, other)]) = pair else { continue };
        let next = chars.get(index + 2).map(|(_, c)| kind(*c));
        let starts = match (kind(*one), kind(*other)) {
            // The last capital of "NOTGood" starts a word; "iPhone" is one.
            (Kind::Upper, Kind::Upper) => next == Some(Kind::Lower),
            (Kind::Lower, Kind::Upper) => index > 0,
            (Kind::Upper, Kind::Lower) => false,
            (one, other) => one != other,
        };
        if starts {
            pieces.push(&tag[start..*at]);
            start = *at;
        }
    }
    pieces.push(&tag[start..]);
    pieces.retain(|piece| !piece.chars().all(|c| c == '_'));
    pieces
}

/// The likeliest words whose letters a piece has, or the piece itself.
fn cut(piece: &str) -> String {
    let lower = piece.to_lowercase();
    if !lower.bytes().all(|b| b.is_ascii_lowercase()) || lower.len() != piece.len() {
        return piece.to_owned();
    }
    // For every length of the beginning: the least cost, and where its last word starts.
    let mut best: Vec<Option<(u32, usize)>> = vec![None; lower.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=lower.len() {
        for start in end.saturating_sub(LONGEST)..end {
            if let (Some((before, _)), Some(cost)) =
                (best[start], vocabulary::cost(&lower[start..end]))
            {
                let total = before + cost + CUT;
                if best[end].is_none_or(|(least, _)| total < least) {
                    best[end] = Some((total, start));
                }
            }
        }
    }
    let mut words = Vec::new();
    let mut end = lower.len();
    while end > 0 {
        let Some((_, start)) = best[end] else { return piece.to_owned() };
        words.push(&piece[start..end]);
        end = start;
    }
    words.reverse();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_words() {
        for (tag, read) in [
            ("awfulservice", "awful service"),
            ("worstfilmever", "worst film ever"),
            ("NotWorthIt", "Not Worth It"),
            ("fail", "fail"),
            ("FAIL", "FAIL"),
            ("epicfail", "epic fail"),
            ("neveragain", "never again"),
            ("dontbuy", "dont buy"),
            ("wasteofmoney", "waste of money"),
            ("WasteOfMoney", "Waste Of Money"),
            ("bestdayever", "best day ever"),
            ("love_it", "love it"),
            ("customerservicefail", "customer service fail"),
            ("highlyrecommended", "highly recommended"),
            ("disappointed", "disappointed"),
            ("overpriced", "overpriced"),
            ("iPhone", "iPhone"),
            ("iphone", "iphone"),
            ("NoRefund2024", "No Refund 2024"),
            ("NOTGood", "NOT Good"),
            ("ripoff", "ripoff"),
            ("scam", "scam"),
            ("moneywellspent", "money well spent"),
            ("lovethisplace", "love this place"),
            ("hotelfromhell", "hotel from hell"),
            ("xqzt", "xqzt"),
            ("Überraschung", "Überraschung"),
            ("notimpressed", "not impressed"),
            ("therapist", "therapist"),
            ("nowhere", "nowhere"),
            ("donotbuy", "do not buy"),
            ("falseadvertising", "false advertising"),
        ] {
            assert_eq!(words(tag), read, "#{tag}");
        }
    }

    #[test]
    fn signs_that_open_no_phrase_stay() {
        for text in ["#1 choice", "C# 12", "Item #4711", "##", "# note", "a#b"] {
            assert!(edits(text).is_empty(), "{text}");
        }
        assert_eq!(edits("Late. #awfulservice #fail").len(), 2);
    }
}
