//! Characters that look like others, or like nothing.

use super::mojibake;
use super::offsets::Edit;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Edits that give every character its plain form: spaces, apostrophes, hyphens, letters of other
/// widths and styles; and that drop what cannot be seen.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        if !(c.is_ascii() && (c >= ' ' || c == '\n') && c != '`' && c != '\u{7f}')
            && let Some(plain) = plain(before, c, next)
        {
            edits.push((at..at + c.len_utf8(), plain));
        }
        if !is_dropped(before, c, next) {
            before = Some(c);
        }
    }
    edits
}

/// What stands for `c`, unless it stands for itself.
fn plain(before: Option<char>, c: char, next: Option<char>) -> Option<Cow<'static, str>> {
    if is_dropped(before, c, next) {
        return Some("".into());
    }
    let in_word =
        before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphabetic);
    Some(match c {
        '\t' | '\u{b}' => " ".into(),
        '\r' if next == Some('\n') => "".into(),
        '\r' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => "\n".into(),
        '\u{91}' | '\u{92}' | '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | 'ʹ' | '＇' | '\u{a78c}' => {
            "'".into()
        }
        // By themselves these are accents, minutes and quotation marks.
        '`' | '´' | '′' | 'ˈ' | 'ʽ' | '‵' | '\u{ff40}' | '‚' if in_word => "'".into(),
        // Letters whose encoding was lost: "don\u{fffd}t".
        '\u{fffd}' if in_word && "stdmrvl".contains(next?) => "'".into(),
        '‐' | '‑' | '‒' | '−' | '﹣' => "-".into(),
        '\u{80}'..='\u{9f}' => mojibake::shown_control(c)?.to_string().into(),
        _ if c.is_whitespace() && c != ' ' && c != '\n' => " ".into(),
        _ if is_styled(c) => {
            let plain: String = std::iter::once(c).nfkc().collect();
            (!plain.chars().eq([c])).then_some(plain)?.into()
        }
        _ => return None,
    })
}

/// Letters, digits and punctuation in another width or style, whose compatibility form is what a
/// reader reads: full width, mathematical, circled letters, ligatures. Fractions, trade marks and
/// powers are not among them: what they say is in their form.
fn is_styled(c: char) -> bool {
    matches!(c,
        '\u{ff01}'..='\u{ff5e}'
        | '\u{1d400}'..='\u{1d7ff}'
        | '\u{2100}'..='\u{2149}'
        | '\u{24b6}'..='\u{24e9}'
        | '\u{fb00}'..='\u{fb06}'
        | '\u{1f130}'..='\u{1f149}')
        && !matches!(
            c,
            '\u{2100}'
                | '\u{2101}'
                | '\u{2103}'
                | '\u{2105}'
                | '\u{2106}'
                | '\u{2109}'
                | '\u{2116}'
                | '\u{2117}'
                | '\u{211e}'..='\u{2123}' | '\u{213b}'
        )
}

/// Whether a character is left out of the normal form: it has no width, only directs how others
/// are drawn, or is a control character.
fn is_dropped(before: Option<char>, c: char, next: Option<char>) -> bool {
    match c {
        // Between letters of Arabic and Indic scripts these two decide how a word is spelt;
        // between symbols the second one makes one emoji of several.
        '\u{200c}' | '\u{200d}' => {
            let joins = |c: char| {
                matches!(c, '\u{600}'..='\u{1fff}')
                    || c == '\u{fe0f}'
                    || (c >= '\u{2190}' && !c.is_alphanumeric() && !is_invisible(c))
            };
            !(before.is_some_and(joins) && next.is_some_and(joins))
        }
        // Says that a symbol is drawn as a picture.
        '\u{fe0e}' | '\u{fe0f}' => {
            !before.is_some_and(|c| !c.is_alphabetic() && !c.is_whitespace() && !is_invisible(c))
        }
        // Letters of the flags of England, Scotland and Wales.
        '\u{e0020}'..='\u{e007f}' => {
            !before.is_some_and(|c| matches!(c, '🏴' | '\u{e0020}'..='\u{e007e}'))
        }
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' => false,
        '\u{80}'..='\u{9f}' => mojibake::shown_control(c).is_none(),
        _ => c.is_control() || is_invisible(c),
    }
}

/// Characters that are drawn as nothing, or as white space though they are no white space.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
