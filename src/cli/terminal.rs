//! Texts of other people in a terminal.

/// A text whose characters cannot command a terminal, nor turn a line around: control characters
/// are shown by their pictures, invisible ones that set the direction of writing by their numbers.
/// Line breaks stay.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push(c),
            '\t' => shown.push(' '),
            '\r' => {}
            '\0'..='\x1f' => {
                shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'))
            }
            '\x7f' => shown.push('\u{2421}'),
            c if c.is_control() || is_invisible(c) => {
                shown.push_str(&format!("<U+{:04X}>", u32::from(c)))
            }
            c => shown.push(c),
        }
    }
    shown
}

/// A text on one line, cut to so many characters.
pub fn one_line(text: &str, most: usize) -> String {
    let line = harmless(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Marks of direction, line separators and the byte-order mark. The joiners of emoji are none.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A bar of so many characters for a share from 0 to 1.
pub fn bar(share: f64, characters: usize) -> String {
    let filled = (share.clamp(0.0, 1.0) * characters as f64).round() as usize;
    "█".repeat(filled) + &"░".repeat(characters - filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_command_a_terminal() {
        let text = "\x1b[31mred\x1b]0;title\x07 \u{202e}evil\u{9b}2J\x08\x7f\r\nnext";
        let shown = harmless(text);
        assert_eq!(shown, "␛[31mred␛]0;title␇ <U+202E>evil<U+009B>2J␈␡\nnext");
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        assert_eq!(harmless("👩‍👩‍👧 café"), "👩‍👩‍👧 café");
    }

    #[test]
    fn lines_are_cut_and_bars_filled() {
        assert_eq!(one_line(" a\n b  c ", 3), "a b…");
        assert_eq!(one_line("abc", 3), "abc");
        assert_eq!(
            (bar(0.5, 4), bar(2.0, 2), bar(-1.0, 2)),
            ("██░░".into(), "██".into(), "░░".into())
        );
    }
}
