//! From a page, or a piece of one, to the text that a reader sees.
//!
//! Only the tokenizer of HTML runs, no tree is built: there is no depth to bound, and the time
//! grows with the length. Attributes are passed over one by one, so that a tag with a hundred
//! thousand of them costs no more than its characters.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use std::convert::Infallible;

/// Elements that stand on lines of their own.
const BLOCKS: [&[u8]; 42] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"br",
    b"caption",
    b"center",
    b"dd",
    b"details",
    b"dialog",
    b"dir",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"legend",
    b"li",
    b"main",
    b"menu",
    b"nav",
    b"ol",
    b"option",
    b"p",
    b"pre",
    b"section",
    b"summary",
    b"table",
    b"tr",
    b"ul",
];
/// Elements with something between them and their neighbours, on the same line.
const CELLS: [&[u8]; 2] = [b"td", b"th"];
/// Elements whose contents are not shown. The tokenizer takes what is in them for one string, up
/// to their end tag.
const HIDDEN: [&[u8]; 7] =
    [b"iframe", b"noembed", b"noframes", b"script", b"style", b"title", b"xmp"];

/// What a reader of the page sees, without white space at its ends. Blocks and `<br>` become line
/// breaks, which end sentences; other white space is one space, as in a browser, except in
/// `<pre>`. Any string is a page: what makes no sense as HTML is read as browsers read it.
pub fn to_text(page: &str) -> String {
    let mut text = Lines::default();
    let mut is_hidden = false;
    let mut preformatted = 0_usize;
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                is_hidden = HIDDEN.contains(&name);
                preformatted += usize::from(name == b"pre");
                text.space_around(name);
            }
            CallbackEvent::EndTag { name } => {
                is_hidden = false;
                preformatted = preformatted.saturating_sub(usize::from(name == b"pre"));
                text.space_around(name);
            }
            CallbackEvent::String { value } if !is_hidden => {
                text.add(&String::from_utf8_lossy(value), preformatted > 0);
            }
            _ => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    for outcome in Tokenizer::new_with_emitter(page, emitter) {
        let Ok::<(), Infallible>(()) = outcome;
    }
    text.done
}

/// Text in the making: white space waits until it is known what follows.
#[derive(Default)]
struct Lines {
    done: String,
    /// A space or a line break, owed before the next word.
    owed: Option<char>,
}

impl Lines {
    fn space_around(&mut self, element: &[u8]) {
        if BLOCKS.contains(&element) {
            self.owed = Some('\n');
        } else if CELLS.contains(&element) {
            self.owed = self.owed.or(Some(' '));
        }
    }

    fn add(&mut self, piece: &str, preformatted: bool) {
        for c in piece.chars() {
            // What HTML calls white space; a no-break space is a character.
            if !matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c') {
                if let Some(space) = self.owed.take().filter(|_| !self.done.is_empty()) {
                    self.done.push(space);
                }
                self.done.push(c);
            } else if preformatted && c == '\n' {
                self.owed = Some('\n');
            } else {
                self.owed = self.owed.or(Some(' '));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reader_sees_the_text() {
        for (page, text) in [
            ("Plain &amp; simple.", "Plain & simple."),
            ("<p>I  loved\n it.</p><p>Really!</p>", "I loved it.\nReally!"),
            ("One<br>two<br/><br>three", "One\ntwo\nthree"),
            ("<b>Bold</b>ly <i>gone</i>", "Boldly gone"),
            ("<ul><li>Good<li>Bad</ul>", "Good\nBad"),
            ("<table><tr><td>5</td><td>stars</td></tr></table>", "5 stars"),
            ("a<script>if (a < b) alert('<p>no</p>')</script>b", "ab"),
            ("<STYLE>p {}</STYLE>seen", "seen"),
            ("<title>Shop</title><h1>Great</h1>Buy", "Great\nBuy"),
            ("<!-- hidden --><!doctype html>seen", "seen"),
            ("caf&eacute; &#x1F62D; &#128557; &nosuch;", "café 😭 😭 &nosuch;"),
            ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
            ("<a title='1 > 0' href=x>link</a>", "link"),
            ("<pre>one\ntwo</pre>\nthree\nfour", "one\ntwo\nthree four"),
            ("an open <b tag", "an open"),
            ("<p>\n</p>", ""),
            ("&#0;&#xD800;&#x110000;", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(to_text(page), text, "{page}");
        }
    }

    #[test]
    fn depth_and_attributes_cost_nothing_more() {
        let deep = "<div>".repeat(50_000) + "in" + &"</div>".repeat(50_000);
        assert_eq!(to_text(&deep), "in");
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
        assert_eq!(to_text(&format!("<b{attributes}>bold")), "bold");
    }

    proptest! {
        #[test]
        fn fuzz_pages(
            pieces in proptest::collection::vec(
                prop_oneof![
                    "\\PC{0,8}",
                    "</?(p|br|pre|script|style|title|td|xmp|plaintext|!--|!\\[CDATA\\[)[ />]{0,2}",
                    "&#?x?[0-9a-z]{0,9};?",
                    "[<>&;'\"=/! \n\r\t\0-]{0,6}",
                ],
                0..40,
            )
        ) {
            let page = pieces.concat();
            let text = to_text(&page);
            // One entity of HTML makes at most two characters of six bytes out of at least four.
            prop_assert!(text.len() <= 3 * page.len());
            prop_assert!(!text.starts_with([' ', '\n']) && !text.ends_with([' ', '\n']));
            prop_assert!(!text.contains("  ") && !text.contains("\n\n"));
        }
    }

    #[test]
    fn fuzz_time_of_pages() {
        let units = "([<>&;/!='\" a]|<[!/]?--|</?(p|pre|script|title)>|<!\\[CDATA\\[|&(#x?)?[0-9a-z]{0,3}){1,6}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(to_text(text))
        });
    }
}
