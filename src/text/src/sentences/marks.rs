//! What each character of a text is, for the search for sentences.

use crate::normal_form::emoji;

/// Most characters from the first to the third dash of a list on one line.
const LIST: usize = 240;

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line break, which always ends a sentence.
    Break,
    /// Other white space.
    Space,
    /// A letter, or a mark that belongs to one.
    Letter,
    /// A digit.
    Digit,
    /// A full stop, a mark of exclamation or question, an ellipsis.
    Stop,
    /// A stop of a script that has no small letters: it ends a sentence whatever follows.
    FinalStop,
    /// A closing bracket or quotation mark.
    Close,
    /// An opening bracket or quotation mark, or another sign before a word.
    Open,
    /// A straight quotation mark, which opens and closes.
    Quote,
    /// A sign that opens an item of a list.
    Bullet,
    /// A part of an emoji, or of a face made of letters and marks.
    Emoji,
    /// Anything else.
    Other,
}

/// A text as characters, what each is, and where it stands.
pub(super) struct Marked {
    pub chars: Vec<char>,
    pub marks: Vec<Mark>,
    /// Bytes before each character, and the length of the text.
    pub bytes: Vec<usize>,
    /// Whether the writer does without capital letters.
    pub is_uncased: bool,
}

impl Marked {
    pub fn new(text: &str) -> Self {
        let mut chars = Vec::with_capacity(text.len());
        let mut marks = Vec::with_capacity(text.len());
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for (at, c) in text.char_indices() {
            chars.push(c);
            marks.push(mark(c));
            bytes.push(at);
        }
        bytes.push(text.len());
        let mut marked = Self { chars, marks, bytes, is_uncased: false };
        marked.mark_emoji(text);
        marked.mark_faces();
        marked.mark_items();
        marked.is_uncased = marked.is_without_capitals();
        marked
    }

    fn mark_emoji(&mut self, text: &str) {
        let mut index = 0;
        for range in emoji::places(text) {
            while self.bytes[index] < range.start {
                index += 1;
            }
            while self.bytes[index] < range.end {
                self.marks[index] = Mark::Emoji;
                index += 1;
            }
        }
    }

    /// Marks dashes that open items of a list on one line: three or more close together, each with
    /// a space before it. Two may enclose a remark.
    fn mark_items(&mut self) {
        let mut dashes: Vec<usize> = Vec::new();
        for index in 0..=self.chars.len() {
            let mark = self.marks.get(index).copied();
            if mark.is_none() || mark == Some(Mark::Break) {
                dashes.clear();
                continue;
            }
            let is_apart = index == 0 || matches!(self.marks[index - 1], Mark::Space | Mark::Break);
            let next = self.marks.get(index + 1);
            let opens = matches!(next, Some(Mark::Space | Mark::Letter));
            if !(matches!(self.chars[index], '-' | '–' | '*') && is_apart && opens) {
                continue;
            }
            dashes.push(index);
            if let [.., first, second, last] = dashes[..]
                && last - first < LIST
            {
                for dash in [first, second, last] {
                    self.marks[dash] = Mark::Bullet;
                }
            }
        }
    }

    /// Marks ":)", ":-(", ";D", "=)", "<3" that stand by themselves.
    fn mark_faces(&mut self) {
        let mut index = 0;
        while index < self.chars.len() {
            let length = self.face(index);
            self.marks[index..index + length].fill(Mark::Emoji);
            index += length.max(1);
        }
    }

    /// How many characters a face that begins here has; 0 for none.
    fn face(&self, start: usize) -> usize {
        let is_apart = |index: Option<usize>| {
            index.and_then(|i| self.chars.get(i)).is_none_or(|c| !c.is_alphanumeric())
        };
        let at = |offset: usize| self.chars.get(start + offset).copied().unwrap_or(' ');
        let length = match (at(0), at(1), at(2)) {
            ('<', '3', _) => 2,
            (
                ':' | ';' | '=',
                '-' | '\'' | 'o' | '^',
                ')' | '(' | 'D' | 'P' | 'p' | '/' | '|' | 'O' | '3',
            ) => 3,
            (':' | ';' | '=', ')' | '(' | 'D' | 'P' | 'p' | '|' | 'O' | '3', _) => 2,
            _ => return 0,
        };
        let begins = start == 0 || !self.chars[start - 1].is_ascii_digit() || at(0) == '<';
        // "(see below :)" closes a bracket, "3:30" and "a:b" are none of this.
        if begins && is_apart(Some(start + length)) { length } else { 0 }
    }

    /// Whether hardly any word begins with a capital letter.
    fn is_without_capitals(&self) -> bool {
        let (mut words, mut capitals) = (0_usize, 0_usize);
        for (index, c) in self.chars.iter().enumerate() {
            if c.is_alphabetic() && (index == 0 || !self.chars[index - 1].is_alphanumeric()) {
                words += 1;
                capitals += usize::from(c.is_uppercase());
            }
        }
        capitals * 50 < words
    }

    /// The first place from `from` on that is not a space, and no line break either.
    pub fn skip_spaces(&self, mut from: usize) -> usize {
        while self.marks.get(from) == Some(&Mark::Space) {
            from += 1;
        }
        from
    }

    /// Past the last character before `to` that is not a space.
    pub fn skip_spaces_back(&self, mut to: usize) -> usize {
        while to > 0 && self.marks[to - 1] == Mark::Space {
            to -= 1;
        }
        to
    }

    /// The word that begins at `from`, in small letters, at most `most` characters of it.
    pub fn word_from(&self, from: usize, most: usize) -> String {
        let word = self.chars[from..].iter().take(most);
        word.take_while(|c| c.is_alphanumeric() || **c == '\'')
            .flat_map(|c| c.to_lowercase())
            .collect()
    }
}

fn mark(c: char) -> Mark {
    match c {
        '\n' => Mark::Break,
        '.' | '!' | '?' | '…' | '‽' | '⁈' | '⁉' | '‼' | '⁇' => Mark::Stop,
        '。' | '｡' | '！' | '？' | '।' | '॥' | '؟' | '۔' | '։' | '።' | '།' | '။' | '។' => {
            Mark::FinalStop
        }
        '"' => Mark::Quote,
        ')' | ']' | '}' | '”' | '’' | '»' | '」' | '』' | '）' | '】' | '\'' => {
            Mark::Close
        }
        '(' | '[' | '{' | '“' | '‘' | '«' | '„' | '「' | '『' | '（' | '【' | '¿' | '¡' | '#'
        | '@' | '$' | '£' | '€' | '*' | '-' | '–' | '—' | '~' | '_' | '+' | '<' => {
            Mark::Open
        }
        '•' | '●' | '▪' | '►' | '‣' | '◦' | '■' => Mark::Bullet,
        _ if c.is_whitespace() => Mark::Space,
        _ if c.is_numeric() => Mark::Digit,
        _ if c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) => Mark::Letter,
        _ => Mark::Other,
    }
}
