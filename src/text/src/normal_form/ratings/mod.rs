//! Ratings in numbers, words and symbols, as words that say what they are.

mod context;

use super::offsets::Edit;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// What a rating is read as, from one star to five. Three stars take no side and stay as they were
/// written.
const PHRASES: [Option<&str>; 5] =
    [Some("terrible"), Some("bad"), None, Some("good"), Some("excellent")];

/// "8.5/10", "4 out of 5 stars", "ten out of ten", "95/100".
static FRACTION: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"\d{1,4}(?:[.,]\d{1,2})?|zero|one|two|three|four|five|six|seven|eight|nine|ten";
    let of = r"\s?/\s?|\s(?:out\s)?of\s";
    super::pattern(&format!(r"(?i)\b({number})({of})(5|10|100|five|ten)\b([\s-]stars?\b)?"))
});

/// "one star", "4.5 stars", "five-star", "three and a half stars", "4 stars out of 5".
static STARS: LazyLock<Regex> = LazyLock::new(|| {
    let number =
        r"zero|no|half\sa|a\shalf|half|one|two|three|four|five|10{0,3}|[0-9](?:\.\d{1,2})?";
    let half = r"\sand\sa\shalf|\s?1/2|\s?½";
    super::pattern(&format!(
        r"(?i)\b({number})({half})?[\s-]?stars?\b(?:\s(?:out\s)?of\s(5|five|10|ten)\b)?"
    ))
});

/// A row of stars: filled ones, then empty ones.
static GLYPHS: LazyLock<Regex> = LazyLock::new(|| {
    let (filled, empty) = ("[★⭐🌟✭✮⭑✪]", "[☆✩✰⚝]");
    let drawn = "[\u{fe0e}\u{fe0f}]? ?";
    super::pattern(&format!("({filled}{drawn})((?:{filled}{drawn})*)(½ ?)?((?:{empty}{drawn})*)"))
});

/// The best grade, with as many signs as the writer liked.
static GRADE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"(?:^|[\s(:])(A\+{1,9})"));

/// Things that have classes called A+.
static CLASSES: LazyLock<Regex> =
    LazyLock::new(|| super::pattern(r"(?i)class|energy|efficien|blood|type"));

/// A fraction that can be no rating: where it stands, a "4/10" is a date too.
static OTHER_FRACTION: LazyLock<Regex> =
    LazyLock::new(|| super::pattern(r"\b\d{1,2}/(?:[0-46-9]|1[1-9]|[23]\d)\b"));

/// Edits that replace the ratings of a sentence by words. What may as well be a date, a size, a
/// share or three of five is left as it is.
pub(super) fn edits(sentence: &str) -> Vec<Edit> {
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    let mut add = |range: Range<usize>, stars: Option<f64>| {
        found.extend(stars.and_then(phrase).map(|phrase| (range, phrase)));
    };
    if sentence.contains(|c: char| c.is_ascii_digit()) || sentence.contains("of") {
        let has_dates = OTHER_FRACTION.is_match(sentence);
        for captures in FRACTION.captures_iter(sentence) {
            add(captures.get_match().range(), of_fraction(sentence, &captures, has_dates));
        }
    }
    for captures in STARS.captures_iter(sentence) {
        add(captures.get_match().range(), of_stars(sentence, &captures));
    }
    // Once for all rows: a sentence may have thousands.
    let has_words = sentence.contains(char::is_alphanumeric);
    for captures in GLYPHS.captures_iter(sentence) {
        let row = captures.get_match();
        let length = row.as_str().trim_end().len();
        add(row.start()..row.start() + length, of_glyphs(has_words, &captures));
    }
    if sentence.contains("A+") && !CLASSES.is_match(sentence) {
        for grade in GRADE.captures_iter(sentence).filter_map(|captures| captures.get(1)) {
            add(grade.range(), Some(5.0));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    let mut from = 0;
    found.retain(|(range, _)| {
        let is_first = range.start >= from;
        if is_first {
            from = range.end;
        }
        is_first
    });
    let apart = |c: Option<char>| if c.is_some_and(char::is_alphanumeric) { " " } else { "" };
    found
        .into_iter()
        .map(|(range, phrase)| {
            let before = apart(sentence[..range.start].chars().next_back());
            let after = apart(sentence[range.end..].chars().next());
            (range, format!("{before}{phrase}{after}").into())
        })
        .collect()
}

/// The words for a number of stars of five.
fn phrase(stars: f64) -> Option<&'static str> {
    PHRASES[match stars {
        s if s <= 1.25 => 0,
        s if s < 2.5 => 1,
        s if s <= 3.25 => 2,
        s if s < 4.25 => 3,
        _ => 4,
    }]
}

/// A number in digits or as a word.
fn number(written: &str) -> Option<f64> {
    const WORDS: [&str; 11] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let lower = written.to_ascii_lowercase();
    match lower.as_str() {
        "no" => Some(0.0),
        half if half.contains("half") => Some(0.5),
        word => WORDS
            .iter()
            .position(|known| *known == word)
            .map(|number| number as f64)
            .or_else(|| word.replace(',', ".").parse().ok()),
    }
}

/// Stars of five of a "N/M" or "N out of M" that is a rating.
fn of_fraction(sentence: &str, captures: &Captures<'_>, has_dates: bool) -> Option<f64> {
    let all = captures.get_match();
    let (value, most) = (number(&captures[1])?, number(&captures[3])?);
    let (before, after) = (&sentence[..all.start()], &sentence[all.end()..]);
    let is_part = before.ends_with(['/', '.', '-', '$', '£', '€', ':', '\''])
        || after.starts_with(['/', '%', ':'])
        || after
            .strip_prefix(['.', '-', ','])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let has_stars = captures.get(4).is_some();
    let is_slash = captures[2].contains('/');
    // "11/10 would recommend" opens a sentence; elsewhere it may be the tenth of November.
    let is_beyond = value > most;
    if is_part || (is_beyond && !(before.trim_end().is_empty() && is_slash)) {
        return None;
    }
    let is_surely_rating = has_stars || captures[1].contains(['.', ',']);
    let is_other = if is_slash {
        has_dates || context::is_date_or_share(before, after)
    } else {
        !captures[2].contains("out") || context::is_share(after)
    };
    (is_surely_rating || !is_other).then(|| (value / most * 5.0).min(5.0))
}

/// Stars of a "N stars" that is a verdict.
fn of_stars(sentence: &str, captures: &Captures<'_>) -> Option<f64> {
    let all = captures.get_match();
    let half = if captures.get(2).is_some() { 0.5 } else { 0.0 };
    let most = captures.get(3).and_then(|most| number(most.as_str())).unwrap_or(5.0);
    let value = ((number(&captures[1])? + half) / most * 5.0).min(5.0);
    let (before, after) = (&sentence[..all.start()], &sentence[all.end()..]);
    let is_range = before.trim_end().ends_with(['/', '-', '–', '.', ','])
        && before
            .trim_end_matches([' ', '/', '-', '–', '.', ','])
            .ends_with(|c: char| c.is_ascii_digit());
    let is_bound = context::ends_in(before, "than") && (1.25..4.75).contains(&value);
    let is_verdict = !is_range && !is_bound && !context::is_no_verdict(before, after);
    is_verdict.then_some(value)
}

/// Stars of five of a row of stars. One filled star alone decorates, unless it is all there is.
fn of_glyphs(has_words: bool, captures: &Captures<'_>) -> Option<f64> {
    let count = |group: usize| {
        let is_star = |c: &char| !matches!(c, ' ' | '\u{fe0e}' | '\u{fe0f}');
        captures.get(group).map_or(0, |row| row.as_str().chars().filter(is_star).count())
    };
    let (filled, empty) = (1 + count(2), count(4));
    let half = if captures.get(3).is_some() { 0.5 } else { 0.0 };
    match filled + empty {
        1 if has_words => None,
        total if empty > 0 && !(3..=10).contains(&total) => None,
        total if empty > 0 => Some((filled as f64 + half) / total as f64 * 5.0),
        _ => Some((filled as f64 + half).min(5.0)),
    }
}

#[cfg(test)]
mod tests;
