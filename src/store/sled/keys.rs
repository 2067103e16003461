//! The layout of keys in the one tree. Everything sorts by bytes.
//!
//! | key | value |
//! | --- | --- |
//! | `c` scope `0` level date | cell of a scope and a day, month or all time |
//! | `m` name | settings of the database itself |
//! | `r` review id | record of a review |
//! | `s` order rank subject | entry of a list of subjects |
//! | `t` scope `0` time review id | a review of a scope, by `written_at` |
//!
//! A scope is a subject, or nothing for all reviews; ids hold no zero byte, so a zero ends it.

use crate::aggregate::Level;
use crate::review::{ReviewId, Subject};
use crate::store::{Scope, SubjectSort};
use jiff::Timestamp;
use jiff::civil::Date;

/// Version of the layout, and the key of the cursors' secret.
pub const FORMAT: &[u8] = b"mformat";
/// Random bytes that cursors are signed with.
pub const CURSOR_KEY: &[u8] = b"mcursor-key";

/// Key of a review's record.
pub fn record(id: &ReviewId) -> Vec<u8> {
    [b"r", id.as_str().as_bytes()].concat()
}

fn scope_bytes(scope: &Scope) -> &[u8] {
    match scope {
        Scope::Subject(subject) => subject.as_str().as_bytes(),
        Scope::All => b"",
    }
}

/// Prefix of all cells of a scope and level.
pub fn cells(scope: &Scope, level: Level) -> Vec<u8> {
    let level = match level {
        Level::Total => b'0',
        Level::Month => b'm',
        Level::Day => b'd',
    };
    [b"c", scope_bytes(scope), &[0, level]].concat()
}

/// Key of one cell. The date is the day, the first of the month, or ignored for all time.
pub fn cell(scope: &Scope, level: Level, date: Date) -> Vec<u8> {
    let mut key = cells(scope, level);
    if level != Level::Total {
        key.extend(date_bytes(date));
    }
    key
}

/// A date so that later ones sort later: year (offset to be positive), month, day.
pub fn date_bytes(date: Date) -> [u8; 4] {
    let year = (i32::from(date.year()) + 0x8000) as u16;
    let [high, low] = year.to_be_bytes();
    [high, low, date.month() as u8, date.day() as u8]
}

/// Prefix of all times of a scope.
pub fn times(scope: &Scope) -> Vec<u8> {
    [b"t", scope_bytes(scope), &[0]].concat()
}

/// Key of a review in the order of `written_at`.
pub fn time(scope: &Scope, written_at: Timestamp, id: &ReviewId) -> Vec<u8> {
    let mut key = times(scope);
    key.extend(moment(written_at));
    key.extend(id.as_str().as_bytes());
    key
}

/// A time so that later ones sort later.
pub fn moment(time: Timestamp) -> [u8; 8] {
    ((time.as_microsecond() as u64) ^ SIGN).to_be_bytes()
}

/// The time in a key under `prefix` (made by [`times`]); `None` when it is not such a key.
pub fn time_in(prefix: &[u8], key: &[u8]) -> Option<Timestamp> {
    let bytes = key.strip_prefix(prefix)?.get(..8)?;
    let raw = u64::from_be_bytes(bytes.try_into().ok()?);
    Timestamp::from_microsecond((raw ^ SIGN) as i64).ok()
}

const SIGN: u64 = 1 << 63;

/// A signed number so that larger ones sort first.
fn descending(value: i64) -> [u8; 8] {
    (!((value as u64) ^ SIGN)).to_be_bytes()
}

/// Prefix of a list of subjects in an order.
pub fn subjects(sort: SubjectSort) -> Vec<u8> {
    let order = match sort {
        SubjectSort::Name => b'n',
        SubjectSort::Reviews => b'c',
        SubjectSort::Sentiment => b's',
        SubjectSort::Intensity => b'i',
        SubjectSort::Recent => b'r',
    };
    vec![b's', order]
}

/// Bytes of the rank in entries of an order.
pub fn rank_length(sort: SubjectSort) -> usize {
    if sort == SubjectSort::Name { 0 } else { 8 }
}

/// Key of a subject in an order. `rank` is what it is ordered by, largest first; names need none.
pub fn subject(sort: SubjectSort, rank: i64, subject: &Subject) -> Vec<u8> {
    let mut key = subjects(sort);
    if sort != SubjectSort::Name {
        key.extend(descending(rank));
    }
    key.extend(subject.as_str().as_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_sort_and_read_back(a in -10_000_000_000_000i64..10_000_000_000_000, b in any::<i32>()) {
            let (a, b) = (a, i64::from(b));
            let at = |us| Timestamp::from_microsecond(us).unwrap();
            let id: ReviewId = "x".parse().unwrap();
            let (first, second) = (time(&Scope::All, at(a), &id), time(&Scope::All, at(b), &id));
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            prop_assert_eq!(time_in(&times(&Scope::All), &first), Some(at(a)));
            let film: Subject = "film".parse().unwrap();
            let rank = |value| subject(SubjectSort::Recent, value, &film);
            prop_assert_eq!(rank(a).cmp(&rank(b)), b.cmp(&a));
        }
    }

    #[test]
    fn one_scope_never_runs_into_another() {
        let scope = |name: &str| Scope::Subject(name.parse().unwrap());
        for (one, other) in [("a", "ab"), ("a", "a."), ("a-b", "a")] {
            assert!(!times(&scope(other)).starts_with(&times(&scope(one))));
            let (one, other) = (scope(one), scope(other));
            assert!(!cells(&other, Level::Day).starts_with(&cells(&one, Level::Day)));
        }
        assert!(!times(&scope("a")).starts_with(&times(&Scope::All)));
    }

    #[test]
    fn dates_sort() {
        let day = |y, m, d| date_bytes(Date::new(y, m, d).unwrap());
        assert!(day(1, 12, 31) < day(1999, 1, 1));
        assert!(day(2024, 1, 31) < day(2024, 2, 1));
        assert!(day(2024, 12, 31) < day(9999, 1, 1));
    }
}
