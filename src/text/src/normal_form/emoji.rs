//! Emoji as words.

use super::offsets::Edit;
use emojis::{Emoji, Group, SkinTone};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// Emoji of one meaning, and the word for them: mild words, since strong ones make more of an
/// emoji than its writers mean. docs/decisions/0032-text-before-the-tokenizer.md has the figures.
const MEANINGS: [(&str, &str); 9] = [
    ("😍🥰😻❤♥💕💖💗💙💚💛🧡💜💞💘😘😚💝💓🩷🩵🤍🤎💟❣🫶🤩😗😙", "lovely"),
    ("😀😃😄😁😊🙂☺😺😌😇🥳🎉😎🤗😂🤣😆😹😸😅🎊🤠😏😛😜😝🤪😋", ":)"),
    ("😭😢😿🥺🥹😥😪🥲", "tears"),
    ("😡😠🤬👿😤😾🖕💢", "angry"),
    ("👍👌💯👏🙌💪🤝🫡🤟", "good"),
    ("👎", "bad"),
    ("🤮🤢💩🤧", "gross"),
    ("😞😔😟🙁☹😕😒🙄😣😖😩😫😑😓🤦🙅🙍🫤🥱😦😧", "ugh"),
    ("💔", "heartbroken"),
];

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let words = MEANINGS.into_iter().flat_map(|(row, word)| {
        row.graphemes(true).map(move |emoji| (emoji.trim_end_matches('\u{fe0f}'), word))
    });
    words.collect()
});

/// Edits that replace emoji by words with a space on either side. Emoji side by side that say
/// the same are one word: a row of hearts is one "lovely".
///
/// Emoji whose meaning readers agree on have a word of their own; all others have the name that
/// Unicode's CLDR gives them in English, without shades of skin.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut edits: Vec<Edit> = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true) {
        let end = at + grapheme.len();
        let Some(words) = words_of(grapheme) else { continue };
        let words: Cow<'static, str> = format!(" {words} ").into();
        if let Some((range, last)) = edits.last_mut()
            && *last == words
            && text[range.end..at].bytes().all(|b| b == b' ')
        {
            range.end = end;
            continue;
        }
        edits.push((at..end, words));
    }
    edits
}

/// Byte ranges of the emoji of a text, in order.
pub(crate) fn places(text: &str) -> Vec<Range<usize>> {
    if text.is_ascii() {
        return Vec::new();
    }
    let graphemes = text.grapheme_indices(true);
    let emoji = graphemes.filter(|(_, grapheme)| find(grapheme).is_some());
    emoji.map(|(at, grapheme)| at..at + grapheme.len()).collect()
}

fn words_of(grapheme: &str) -> Option<Cow<'static, str>> {
    if grapheme.is_ascii() {
        return None;
    }
    let emoji = find(grapheme)?;
    let base = emoji.with_skin_tone(SkinTone::Default).unwrap_or(emoji);
    if let Some(word) = WORDS.get(base.as_str().trim_end_matches('\u{fe0f}')) {
        return Some((*word).into());
    }
    let first = base.as_str().chars().next().and_then(|c| {
        // Couples, families and gestures of men and women: what the first sign says.
        let mut buffer = [0; 4];
        WORDS.get(&*c.encode_utf8(&mut buffer)).copied()
    });
    if let (Some(word), true) = (first, base.as_str().contains('\u{200d}')) {
        return Some(word.into());
    }
    Some(name(base))
}

/// The name in CLDR, as words.
fn name(emoji: &'static Emoji) -> Cow<'static, str> {
    let name = emoji.name();
    if let Some(key) = name.strip_prefix("keycap: ") {
        return key.into();
    }
    if emoji.group() == Group::Flags {
        return name.replace(": ", " ").into();
    }
    name.replace([':', ','], "").into()
}

/// The emoji that a grapheme cluster shows. A cluster that Unicode does not list, such as a
/// heart with a second variation selector, shows its first character.
fn find(grapheme: &str) -> Option<&'static Emoji> {
    let first = grapheme.chars().next()?;
    if first.is_ascii() && !grapheme.ends_with('\u{20e3}')
        || first < '\u{1f000}' && first.is_alphanumeric() && !first.is_ascii_digit()
    {
        return None;
    }
    emojis::get(grapheme)
        .filter(|_| !is_text_by_default(first) || grapheme.len() > first.len_utf8())
        .or_else(|| {
            if is_text_by_default(first) {
                return None;
            }
            emojis::get(&grapheme[..first.len_utf8()])
        })
}

/// Signs that are emoji only when a variation selector says so: they are text in prose.
fn is_text_by_default(c: char) -> bool {
    matches!(
        c,
        '©' | '®' | '™' | 'ℹ' | '‼' | '⁉' | '↔'
            ..='↪' | '▪' | '▫' | '▶' | '◀' | 'Ⓜ' | '㊗' | '㊙' | '〰' | '〽'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut draft = super::super::offsets::Draft::new(text);
        draft.apply(&edits(text), &mut []);
        draft.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn emoji_are_words() {
        for (text, read) in [
            ("Two hours on hold 😡😡", "Two hours on hold angry"),
            ("The end😭 😭\u{fe0f}", "The end tears"),
            ("👍🏽", "good"),
            ("👍👌🏿 ok", "good ok"),
            ("❤️ 💔", "lovely heartbroken"),
            ("🍕🇰🇷 1️⃣", "pizza flag South Korea 1"),
            ("🤦🏽‍♀️", "ugh"),
            ("🔥🔥🔥 deal", "fire deal"),
            ("Acme™ © 2020 ½ €5 #1 *", "Acme™ © 2020 ½ €5 #1 *"),
            ("👩‍🚀", "woman astronaut"),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "flag England"),
        ] {
            assert_eq!(words(text), read, "{text}");
        }
    }

    #[test]
    fn every_emoji_has_words() {
        // Signs of prose are words only where a variation selector makes them pictures.
        let is_prose = |e: &Emoji| e.as_str().starts_with(is_text_by_default);
        for emoji in emojis::iter().filter(|e| !is_prose(e)) {
            let shown = words(emoji.as_str());
            assert!(!shown.is_empty() && shown != emoji.as_str(), "{emoji}: {shown}");
            assert!(places(&shown).is_empty(), "{emoji}: {shown}");
        }
    }
}
