//! Characters that were written as UTF-8 and read as something else.

use super::offsets::Edit;

/// What Windows-1252 has in place of the control characters U+0080 to U+009F; 0 where it has
/// nothing.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152,
    0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161,
    0x203a, 0x153, 0, 0x17e, 0x178,
];

/// UTF-8 of common punctuation read as Mac Roman.
const MAC_ROMAN: [(&str, &str); 8] = [
    ("‚Äô", "’"),
    ("‚Äò", "‘"),
    ("‚Äú", "“"),
    ("‚Äù", "”"),
    ("‚Äî", "—"),
    ("‚Äì", "–"),
    ("‚Ä¶", "…"),
    ("√©", "é"),
];

/// Edits that put right what is surely UTF-8 that was read as Windows-1252, Latin-1 or Mac Roman.
///
/// Sure are: two bytes that begin with Ã or Â, three that begin with â or ï, four that begin
/// with ð. Those open Latin letters with marks, punctuation, symbols, full-width forms and emoji; no
/// language that is written in Latin letters has them before a symbol. Other first bytes
/// are left alone: a German may end a word in Ä before a quotation mark.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
        if at < from {
            continue;
        }
        let rest = &text[at..];
        let found = match c {
            'Ã' | 'Â' => decode(rest, 2),
            'â' | 'ï' => decode(rest, 3),
            'ð' => decode(rest, 4),
            '‚' | '√' => MAC_ROMAN
                .iter()
                .find(|(wrong, _)| rest.starts_with(wrong))
                .map(|(wrong, right)| (wrong.len(), (*right).to_owned())),
            _ => None,
        };
        if let Some((length, right)) = found {
            from = at + length;
            edits.push((at..from, right.into()));
        }
    }
    edits
}

/// The character whose `count` bytes of UTF-8 the next characters are, and their length in bytes.
fn decode(rest: &str, count: usize) -> Option<(usize, String)> {
    let mut bytes = [0; 4];
    let mut length = 0;
    let mut chars = rest.chars();
    for byte in &mut bytes[..count] {
        let c = chars.next()?;
        *byte = byte_of(c)?;
        length += c.len_utf8();
    }
    let right = std::str::from_utf8(&bytes[..count]).ok()?;
    (right.chars().count() == 1).then(|| (length, right.to_owned()))
}

/// The byte that is shown as `c`.
fn byte_of(c: char) -> Option<u8> {
    let code = u32::from(c);
    if (0x80..=0xff).contains(&code) {
        return u8::try_from(code).ok();
    }
    let index = WINDOWS_1252.iter().position(|&shown| shown != 0 && u32::from(shown) == code)?;
    u8::try_from(0x80 + index).ok()
}

/// What a control character of U+0080 to U+009F shows where Windows-1252 was declared as
/// Latin-1, as browsers read it.
pub(super) fn shown_control(c: char) -> Option<char> {
    let index = u32::from(c).checked_sub(0x80)?;
    let shown = *WINDOWS_1252.get(index as usize)?;
    char::from_u32(u32::from(shown)).filter(|_| shown != 0)
}
