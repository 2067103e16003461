//! The rules that decide where a sentence ends.

use super::lists;
use super::marks::{Mark, Marked};
use crate::normal_form::vocabulary;

/// Most characters of a neighbouring word that are looked at.
pub(super) const LOOK: usize = 24;

/// A scan for the ends of sentences.
pub(super) struct Scan<'a> {
    pub(super) text: &'a Marked,
    ends: Vec<usize>,
    /// The character that is looked at.
    pub(super) at: usize,
    /// Where the present sentence starts, white space before it included.
    start: usize,
    /// Where the present run of characters without white space starts.
    pub(super) token: usize,
    /// Whether that run is an address on the web or of a mailbox.
    is_address: bool,
    /// Whether a straight quotation mark is open on this line.
    is_quoting: bool,
    /// Whether the present sentence has a letter yet.
    pub(super) has_letter: bool,
    /// The last number of a list on this line.
    last_item: Option<u32>,
}

/// A stop, or several in a row, and what is around them; places of characters.
struct Stop {
    /// The first stop.
    start: usize,
    /// Past the closing brackets, quotation marks and emoji that follow.
    end: usize,
    /// The next letter, digit or other sign, past spaces and opening brackets.
    next: usize,
    is_ellipsis: bool,
    /// Whether a mark of exclamation or question is among the stops.
    is_marked: bool,
    /// The last closing bracket or quotation mark.
    closed: Option<char>,
    /// Whether a space or an emoji follows.
    is_apart: bool,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a Marked) -> Self {
        Self {
            text,
            ends: Vec::new(),
            at: 0,
            start: 0,
            token: 0,
            is_address: false,
            is_quoting: false,
            has_letter: false,
            last_item: None,
        }
    }

    /// Places of characters that sentences end before, in order.
    pub fn ends(mut self) -> Vec<usize> {
        while let Some(mark) = self.text.marks.get(self.at) {
            match mark {
                Mark::Break => {
                    self.end_at(self.at + 1);
                    (self.is_quoting, self.last_item) = (false, None);
                    self.begin_token(self.at + 1);
                }
                Mark::Space => self.begin_token(self.at + 1),
                Mark::Bullet if self.has_letter && !self.is_announced() => self.end_at(self.at),
                Mark::Stop | Mark::FinalStop => {
                    self.read_stop();
                    continue;
                }
                Mark::Emoji => {
                    self.read_emoji();
                    continue;
                }
                Mark::Quote => self.is_quoting = !self.is_quoting,
                Mark::Letter => self.has_letter = true,
                _ => self.is_address |= self.is_address_sign(),
            }
            self.at += 1;
        }
        self.ends
    }

    pub(super) fn end_at(&mut self, end: usize) {
        self.ends.push(end);
        self.start = end;
        self.token = self.token.max(end);
        self.has_letter = false;
    }

    /// Whether a colon stands before this place: "Pros:" belongs to the first item.
    fn is_announced(&self) -> bool {
        let before = self.text.skip_spaces_back(self.at);
        before > 0 && self.text.chars[before - 1] == ':'
    }

    pub(super) fn begin_token(&mut self, at: usize) {
        self.token = at;
        self.is_address = false;
    }

    fn is_address_sign(&self) -> bool {
        let chars = &self.text.chars;
        match chars[self.at] {
            '@' => self.at > self.token,
            ':' => chars[self.at + 1..].starts_with(&['/', '/']),
            _ => false,
        }
    }

    pub(super) fn skip_opening(&self, mut at: usize) -> usize {
        while matches!(self.text.marks.get(at), Some(Mark::Open | Mark::Quote | Mark::Close)) {
            // A dash before an item of a list has a space of its own.
            let is_dash = "-–—*".contains(self.text.chars[at]);
            at += 1;
            if is_dash {
                at = self.text.skip_spaces(at);
            }
        }
        at
    }

    fn read_stop(&mut self) {
        let stop = self.find_stop();
        if let Some(next) = self.text.marks.get(stop.next)
            && *next != Mark::Break
            && self.is_end(&stop)
        {
            self.end_at(stop.end);
        }
        self.at = stop.end;
        if stop.is_apart {
            self.begin_token(self.text.skip_spaces(stop.end));
        }
    }

    fn find_stop(&mut self) -> Stop {
        let (chars, marks) = (&self.text.chars, &self.text.marks);
        let start = self.at;
        let (mut dots, mut is_marked) = (0, false);
        let mut end = start;
        while let Some(Mark::Stop | Mark::FinalStop) = marks.get(end) {
            match chars[end] {
                '.' => dots += 1,
                '…' => dots += 3,
                _ => is_marked = true,
            }
            end += 1;
            // ". . ." is an ellipsis too.
            let next = self.text.skip_spaces(end);
            if !is_marked && chars.get(next) == Some(&'.') {
                end = next;
            }
        }
        let mut closed = None;
        loop {
            match marks.get(end) {
                Some(Mark::Close) => {}
                Some(Mark::Quote) if self.is_quoting => self.is_quoting = false,
                _ => break,
            }
            closed = Some(chars[end]);
            end += 1;
        }
        let mut is_apart = marks.get(end) == Some(&Mark::Space);
        let follows = self.text.skip_spaces(end);
        if marks.get(follows) == Some(&Mark::Emoji) {
            end = self.skip_emoji(follows);
            is_apart = true;
        }
        let next = self.skip_opening(self.text.skip_spaces(end));
        Stop { start, end, next, is_ellipsis: dots > 1 && !is_marked, is_marked, closed, is_apart }
    }

    fn is_end(&mut self, stop: &Stop) -> bool {
        let text = self.text;
        let c = text.chars[stop.next];
        if text.marks[stop.start] == Mark::FinalStop {
            return true;
        }
        // "(!)" and "[?]" comment on a word.
        if stop.closed.is_some_and(|c| ")]".contains(c))
            && stop.start > 0
            && "([".contains(text.chars[stop.start - 1])
        {
            return false;
        }
        if !stop.is_apart {
            return self.is_end_without_space(stop);
        }
        match text.marks[stop.next] {
            Mark::Letter | Mark::Digit => {}
            Mark::Bullet | Mark::Emoji => return true,
            _ => return false,
        }
        let is_small = c.is_lowercase();
        match stop.closed {
            // What was said goes on: "Never again!" she said.
            Some('"' | '”' | '»' | '\'') if is_small => {
                return text.is_uncased && !stop.is_marked && self.is_clause(stop);
            }
            Some(_) if is_small && (stop.is_marked || stop.is_ellipsis) => return false,
            _ => {}
        }
        if stop.is_marked {
            let is_name = lists::EXCLAIMED.contains(&self.word_before(stop.start).as_str());
            return !(is_small && is_name);
        }
        if stop.is_ellipsis {
            return match is_small {
                true => self.is_clause(stop) && !self.is_hesitation(stop),
                false => !self.is_hesitation(stop),
            };
        }
        self.is_end_at_full_stop(stop)
    }

    /// "Well... I think", "I have to say... I loved it": what is said so far announces the rest.
    fn is_hesitation(&self, stop: &Stop) -> bool {
        let said = &self.text.marks[self.start..stop.start];
        let announces = ["say", "mean", "admit", "is", "so", "and", "but", "or"];
        let next = self.text.word_from(stop.next, LOOK);
        let goes_on =
            self.text.chars[stop.next].is_lowercase() || next.split('\'').next() == Some("i");
        (said.len() < 20 && goes_on) || announces.contains(&self.word_before(stop.start).as_str())
    }

    /// Whether a clause of its own follows in small letters.
    fn is_clause(&self, stop: &Stop) -> bool {
        let next = self.text.word_from(stop.next, LOOK);
        let subject = next.split('\'').next().unwrap_or_default();
        subject != "but"
            && (lists::SUBJECTS.contains(&subject)
                || ["you", "if", "no", "never", "there", "therefore"].contains(&subject))
    }

    /// Whether a full stop that a space follows ends a sentence.
    fn is_end_at_full_stop(&mut self, stop: &Stop) -> bool {
        let text = self.text;
        let first = text.chars[stop.next];
        let next = text.word_from(stop.next, LOOK);
        let opens =
            lists::OPENERS.contains(&next.as_str()) && (text.is_uncased || first.is_uppercase());
        let written = self.token_before(stop.start);
        let word = written.to_lowercase();
        let word = word.as_str();
        if word.is_empty() || word.chars().count() >= LOOK {
            return true;
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            return !self.is_item(word);
        }
        let before = self.word_before_token(stop.start);
        if word.chars().count() == 1 {
            let opens_item = self.opens_item();
            return word == "i"
                || (!opens_item && (opens || lists::LETTERED.contains(&before.as_str())));
        }
        if lists::NEVER.contains(&word) {
            return false;
        }
        if lists::SOMETIMES.contains(&word) {
            return match first.is_lowercase() {
                true => text.is_uncased && lists::SUBJECTS.contains(&next.as_str()),
                false => !lists::AFTER_TIME.contains(&next.as_str()),
            };
        }
        let is_counted = before.ends_with(|c: char| c.is_numeric())
            || word.starts_with(|c: char| c.is_ascii_digit());
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        if is_counted && lists::UNITS.contains(&unit) {
            return !first.is_lowercase() || (text.is_uncased && opens);
        }
        if first.is_numeric() && lists::NUMBERED.contains(&word) {
            // "I said no. 2 stars."
            let after = text.skip_spaces(stop.next + next.chars().count());
            let counted = text.word_from(after.min(text.chars.len()), LOOK);
            return word == "no"
                && (counted.starts_with("star") || text.chars.get(after) == Some(&'/'));
        }
        let is_title = lists::TITLES.contains(&word)
            && (written.starts_with(char::is_uppercase) || text.is_uncased);
        let is_initials =
            word.contains('.') && word.split('.').all(|part| part.chars().count() < 3);
        if is_title || is_initials || lists::RARELY.contains(&word) {
            return opens;
        }
        true
    }

    /// Whether a number with a full stop numbers an item of a list: it opens the sentence, follows
    /// a comma or a colon, or is the next after the last one.
    fn is_item(&mut self, digits: &str) -> bool {
        let Ok(number) = digits.parse::<u32>() else { return false };
        let follows = self.last_item.is_some_and(|last| number == last + 1);
        let is_item = digits.len() < 3 && (follows || self.opens_item());
        if is_item {
            self.last_item = Some(number);
        }
        is_item
    }

    /// Whether the present token opens a sentence, or a part of one.
    fn opens_item(&self) -> bool {
        let mut at = self.token;
        while at > self.start && self.text.marks[at - 1] == Mark::Space {
            at -= 1;
        }
        at <= self.start || ",;:(-–—".contains(self.text.chars[at - 1])
    }

    /// Whether a stop with a letter, a digit or an opening bracket right behind it ends a sentence.
    fn is_end_without_space(&self, stop: &Stop) -> bool {
        let text = self.text;
        let c = text.chars[stop.next];
        let left = self.word_before(stop.start);
        let token = self.token_before(stop.start);
        let is_www = text.chars[self.token..].starts_with(&['w', 'w', 'w', '.']);
        if self.is_address || is_www || left.chars().count() < 2 {
            return false;
        }
        let is_abbreviation = [lists::TITLES, lists::NEVER, lists::NUMBERED]
            .iter()
            .any(|list| list.contains(&left.as_str()));
        let is_bracketed = stop.next > stop.end;
        match text.marks[stop.next] {
            Mark::Letter => {}
            Mark::Digit => {
                return !is_abbreviation
                    && left.chars().count() > 2
                    && (stop.is_marked || vocabulary::cost(&left).is_some());
            }
            _ => return false,
        }
        let right = text.word_from(stop.next, LOOK);
        let after = text.chars.get(stop.next + right.chars().count());
        let is_known =
            |word: &str| vocabulary::cost(word.split('\'').next().unwrap_or(word)).is_some();
        if stop.is_ellipsis {
            return !self.is_hesitation(stop) && (c.is_uppercase() || self.is_clause(stop));
        }
        if !stop.is_marked {
            let is_address = lists::DOMAINS.contains(&right.as_str()) || after == Some(&'/');
            let is_initials = token.contains('.') && left.chars().count() < 3;
            if is_abbreviation || is_initials || (is_address && !is_bracketed) {
                return false;
            }
        }
        if is_bracketed {
            return left.chars().count() > 2;
        }
        if c.is_uppercase() {
            let second = text.chars.get(stop.next + 1);
            let is_shouted = token.chars().all(|c| !c.is_lowercase());
            return second.is_none_or(|c| !c.is_uppercase()) || is_shouted || stop.is_marked;
        }
        if !c.is_lowercase() {
            // A script without capital letters.
            return stop.is_marked || !c.is_ascii();
        }
        left.chars().count() > 2 && is_known(&left) && is_known(&right) && after != Some(&'.')
    }
}
