//! Places in a rewritten text and in the text that it was made of.

use std::borrow::Cow;
use std::ops::Range;

/// A stretch that was rewritten, in code points of both texts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rewrite {
    normal: Range<usize>,
    stored: Range<usize>,
}

/// Tells which code points of the stored text those of the normal form stand for, and back.
///
/// It holds an entry for each stretch that was rewritten; everything between is a copy. So it
/// is empty for a text that is its own normal form, and a look-up is a binary search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    rewrites: Vec<Rewrite>,
}

impl OffsetMap {
    /// The code points of the stored text that a span of the normal form stands for.
    ///
    /// A span that begins or ends inside a rewritten stretch gets the whole stretch; characters
    /// that were dropped at either end of the span are not part of it.
    pub fn stored_span(&self, normal: Range<usize>) -> Range<usize> {
        span(&self.rewrites, normal, |r| &r.normal, |r| &r.stored)
    }

    /// The code points of the normal form that a span of the stored text became. It is empty
    /// when all of the span was dropped.
    pub fn normal_span(&self, stored: Range<usize>) -> Range<usize> {
        span(&self.rewrites, stored, |r| &r.stored, |r| &r.normal)
    }

    /// The map after `edits` (code points of today's normal form, and how many replace them),
    /// which are sorted, not empty and do not overlap.
    fn after(&self, edits: &[(Range<usize>, usize)]) -> Self {
        let mut rewrites = Vec::with_capacity(self.rewrites.len() + edits.len());
        let (mut old, mut new) = (self.rewrites.iter().peekable(), edits.iter().peekable());
        // How far the stored text and the next normal form are ahead of today's normal form.
        let (mut stored_ahead, mut next_ahead) = (0_isize, 0_isize);
        loop {
            let starts = (old.peek().map(|r| r.normal.start), new.peek().map(|e| e.0.start));
            let start = match starts {
                (Some(one), Some(other)) => one.min(other),
                (Some(start), None) | (None, Some(start)) => start,
                (None, None) => break,
            };
            let (stored_start, next_start) = (start, start).shifted(stored_ahead, next_ahead);
            // Takes everything that overlaps, so that each stretch stands for one stretch.
            let mut end = start;
            let mut is_first = true;
            loop {
                let overlaps = |at: usize| at < end || (is_first && at == start);
                if let Some(r) = old.next_if(|r| overlaps(r.normal.start)) {
                    end = end.max(r.normal.end);
                    stored_ahead += r.stored.len() as isize - r.normal.len() as isize;
                } else if let Some((range, length)) = new.next_if(|e| overlaps(e.0.start)) {
                    end = end.max(range.end);
                    next_ahead += *length as isize - range.len() as isize;
                } else {
                    break;
                }
                is_first = false;
            }
            let (stored_end, next_end) = (end, end).shifted(stored_ahead, next_ahead);
            rewrites
                .push(Rewrite { normal: next_start..next_end, stored: stored_start..stored_end });
        }
        Self { rewrites }
    }
}

trait Shifted {
    fn shifted(self, one: isize, other: isize) -> Self;
}

impl Shifted for (usize, usize) {
    fn shifted(self, one: isize, other: isize) -> Self {
        (self.0.saturating_add_signed(one), self.1.saturating_add_signed(other))
    }
}

fn span(
    rewrites: &[Rewrite],
    range: Range<usize>,
    from: impl Fn(&Rewrite) -> &Range<usize>,
    to: impl Fn(&Rewrite) -> &Range<usize>,
) -> Range<usize> {
    let last = |count: usize| count.checked_sub(1).map(|index| &rewrites[index]);
    let beyond = |r: &Rewrite, place: usize| to(r).end + (place - from(r).end);
    let start = match last(rewrites.partition_point(|r| from(r).start <= range.start)) {
        None => range.start,
        Some(r) if range.start < from(r).end => to(r).start,
        Some(r) => beyond(r, range.start),
    };
    if range.is_empty() {
        return start..start;
    }
    let end = match last(rewrites.partition_point(|r| from(r).start < range.end)) {
        None => range.end,
        Some(r) if range.end <= from(r).end => to(r).end,
        Some(r) => beyond(r, range.end),
    };
    start..end.max(start)
}

/// A replacement: bytes of the present text, and what stands there instead.
pub(crate) type Edit = (Range<usize>, Cow<'static, str>);

/// A text that is being rewritten, and where its code points came from.
pub(crate) struct Draft {
    pub text: String,
    pub map: OffsetMap,
}

impl Draft {
    pub fn new(stored: &str) -> Self {
        Self { text: stored.to_owned(), map: OffsetMap::default() }
    }

    /// Carries out edits, which are sorted, not empty and do not overlap. `ranges` are byte
    /// ranges of the text that no edit crosses the edge of; they are moved along.
    pub fn apply(&mut self, edits: &[Edit], ranges: &mut [Range<usize>]) {
        if edits.is_empty() {
            return;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut counted = Vec::with_capacity(edits.len());
        let (mut byte, mut chars) = (0, 0);
        for (range, replacement) in edits {
            let kept = &self.text[byte..range.start];
            text.push_str(kept);
            chars += kept.chars().count();
            let replaced = self.text[range.clone()].chars().count();
            counted.push((chars..chars + replaced, replacement.chars().count()));
            text.push_str(replacement);
            chars += replaced;
            byte = range.end;
        }
        text.push_str(&self.text[byte..]);
        shift(edits, ranges);
        self.map = self.map.after(&counted);
        self.text = text;
    }
}

/// Moves ordered byte ranges along with edits.
fn shift(edits: &[Edit], ranges: &mut [Range<usize>]) {
    let mut edits = edits.iter().peekable();
    let mut ahead = 0_isize;
    for range in ranges {
        let mut moved = |place: usize| {
            while let Some((edit, new)) = edits.next_if(|(edit, _)| edit.end <= place) {
                ahead += new.len() as isize - edit.len() as isize;
            }
            place.saturating_add_signed(ahead)
        };
        let start = moved(range.start);
        *range = start..moved(range.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft(stored: &str, passes: &[&[(&str, &'static str)]]) -> Draft {
        let mut draft = Draft::new(stored);
        for pass in passes {
            let mut edits: Vec<Edit> = Vec::new();
            for (old, new) in *pass {
                for (at, found) in draft.text.match_indices(old) {
                    edits.push((at..at + found.len(), (*new).into()));
                }
            }
            edits.sort_by_key(|(range, _)| range.start);
            draft.apply(&edits, &mut []);
        }
        draft
    }

    #[test]
    fn spans_are_those_of_the_stored_text() {
        let draft = draft(
            "\u{feff}a&amp;b😭c",
            &[&[("\u{feff}", ""), ("&amp;", "&")], &[("😭", " tears ")]],
        );
        assert_eq!(draft.text, "a&b tears c");
        assert_eq!(draft.map.stored_span(0..1), 1..2);
        assert_eq!(draft.map.stored_span(1..2), 2..7);
        assert_eq!(draft.map.stored_span(4..9), 8..9);
        assert_eq!(draft.map.stored_span(0..11), 1..10);
        assert_eq!(draft.map.normal_span(0..1), 0..0);
        assert_eq!(draft.map.normal_span(8..9), 3..10);
        assert_eq!(draft.map.normal_span(3..4), 1..2);
    }

    #[test]
    fn rewrites_of_rewrites_are_one() {
        let draft = draft("x&#39;y", &[&[("&#39;", "'")], &[("'", " is")], &[("s", "")]]);
        assert_eq!(draft.text, "x iy");
        assert_eq!(draft.map.stored_span(2..3), 1..6);
        assert_eq!(draft.map.stored_span(3..4), 6..7);
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_nothing_is_lost(
            stored in "[abc]{0,40}",
            passes in proptest::collection::vec(proptest::collection::vec(
                (0_usize..40, 1_usize..4, "[abcd]{0,3}"), 0..6), 0..4),
        ) {
            let mut draft = Draft::new(&stored);
            for pass in passes {
                let mut edits: Vec<Edit> = Vec::new();
                let mut from = 0;
                for (skip, length, new) in pass {
                    let start = from + skip % 5;
                    if start + length > draft.text.len() { break; }
                    edits.push((start..start + length, new.into()));
                    from = start + length;
                }
                draft.apply(&edits, &mut []);
            }
            let (normal, stored) = (draft.text.len(), stored.len());
            let mut before = 0..0;
            for place in 0..normal {
                let span = draft.map.stored_span(place..place + 1);
                prop_assert!(span.start >= before.start && span.end >= before.end);
                prop_assert!(span.end <= stored);
                // Dropped characters apart, the next span begins where this one ends.
                if span.start > before.end {
                    prop_assert!(draft.map.normal_span(before.end..span.start).is_empty());
                }
                let back = draft.map.normal_span(span.clone());
                prop_assert!(span.is_empty() || (back.start <= place && place < back.end));
                before = span;
            }
            prop_assert!(draft.map.normal_span(before.end..stored).is_empty());
            if normal > 0 {
                let all = draft.map.stored_span(0..normal);
                prop_assert_eq!(all.end, before.end);
            }
        }
    }
}
