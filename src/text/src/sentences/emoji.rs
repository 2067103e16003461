//! Emoji at the end of a sentence and in the midst of one.

use super::marks::Mark;
use super::rules::Scan;

impl Scan<'_> {
    /// An emoji ends a sentence that has words when a stop is with it ("love it 😍. will buy again") or a capital
    /// letter follows. One in place of a verb does not: "I ❤ Paris".
    pub(super) fn read_emoji(&mut self) {
        let text = self.text;
        let end = self.skip_emoji(self.at);
        let next = self.skip_opening(text.skip_spaces(end));
        let is_upper = text.chars.get(next).is_some_and(|c| c.is_uppercase());
        let is_verb = ["i", "we", "you", "really", "still", "u", "to"]
            .contains(&self.word_before(self.at).as_str());
        let is_stop = |mark: &Mark| matches!(mark, Mark::Stop | Mark::FinalStop);
        let is_stopped = text.marks[self.at..end].iter().any(is_stop);
        if self.has_letter && (is_stopped || is_upper && !is_verb) {
            self.end_at(end);
        }
        self.at = end;
        self.begin_token(end);
    }

    /// Past a run of emoji, with the spaces between them and the stops after them.
    pub(super) fn skip_emoji(&self, mut at: usize) -> usize {
        let marks = &self.text.marks;
        loop {
            while matches!(marks.get(at), Some(Mark::Emoji | Mark::Stop)) {
                at += 1;
            }
            let next = self.text.skip_spaces(at);
            if next == at || marks.get(next) != Some(&Mark::Emoji) {
                return at;
            }
            at = next;
        }
    }
}
