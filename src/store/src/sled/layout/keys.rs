//! The layout of keys in the one tree. Everything sorts by bytes.
//!
//! | key | value |
//! | --- | --- |
//! | `b` review id `0` number | a chunk of a record that is too long for one value |
//! | `c` scope `0` level date | cell of a scope and a day, month or all time |
//! | `f`, `g` | lists of reviews with the same label, emotion or source: [`super::filter_index`] |
//! | `i` scope `0` intensity review id | a review of a scope, by intensity |
//! | `k` digest | what came of a request with an `Idempotency-Key` |
//! | `m` name | settings of the database itself |
//! | `o` review id | a damaged review that a rebuild has left out of lists and cells |
//! | `p` scope `0` score review id | a review of a scope, by score |
//! | `r` review id | record of a review |
//! | `s` order rank subject | entry of a list of subjects |
//! | `t` scope `0` time review id | a review of a scope, by `written_at` |
//! | `x` time digest | the same requests, by the time they were taken |
//!
//! A scope is a subject, or nothing for all reviews; ids hold no zero byte, so a zero ends it.
//!
//! No key holds four bytes of 255 in a row: sled 0.34 walks backwards from a page to the one before
//! by a guess (its `possible_predecessor`) that misses such keys, and panics. Numbers and digests
//! therefore use seven bits of each byte.

use crate::{Scope, StoreError, SubjectSort};
use heartstrings_core::aggregate::Level;
use heartstrings_core::review::{ReviewId, Subject};
use jiff::civil::Date;

/// Version of the layout, and the key of the cursors' secret.
pub const FORMAT: &[u8] = b"mformat";
/// Random bytes that cursors are signed with.
pub const CURSOR_KEY: &[u8] = b"mcursor-key";

/// A key and the value under it.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Prefix of all records.
pub const RECORDS: &[u8] = b"r";

/// Key of a review's record.
pub fn record(id: &ReviewId) -> Vec<u8> {
    [RECORDS, id.as_str().as_bytes()].concat()
}

/// Prefix of the notes of damaged reviews that are in no list and no cell.
pub const LEFT_OUT: &[u8] = b"o";

/// Key of the note that a damaged review is in no list and no cell.
pub fn left_out(id: &ReviewId) -> Vec<u8> {
    [LEFT_OUT, id.as_str().as_bytes()].concat()
}

/// The review that the key of a record is of, or of a note that it was left out.
pub fn review_of(key: &[u8]) -> Result<ReviewId, StoreError> {
    let id = key.strip_prefix(RECORDS).or_else(|| key.strip_prefix(LEFT_OUT));
    let id = id.and_then(|id| std::str::from_utf8(id).ok());
    id.and_then(|id| id.parse().ok()).ok_or_else(|| StoreError::Damaged {
        what: format!("the record under {:?}", String::from_utf8_lossy(key)),
        why: "its key is not of a review".into(),
    })
}

/// Prefix of all chunks of records but the first ones.
pub const CHUNKS: &[u8] = b"b";
/// Chunks that a record may have beside the first, given the two digits of their number.
pub const MOST_CHUNKS: u16 = 1 << 14;

/// Prefix of the chunks of a review's record.
pub fn chunks(id: &ReviewId) -> Vec<u8> {
    [CHUNKS, id.as_str().as_bytes(), &[0]].concat()
}

/// Key of a chunk of a review's record; they count from 0 below [`MOST_CHUNKS`].
pub fn chunk(id: &ReviewId, number: u16) -> Vec<u8> {
    let mut key = chunks(id);
    key.extend([(number >> 7) as u8 & 0x7f, number as u8 & 0x7f]);
    key
}

/// Review and number in the key of a chunk; `None` when it is not one.
pub fn review_and_chunk(key: &[u8]) -> Option<(ReviewId, u16)> {
    let (rest, number) = key.strip_prefix(CHUNKS)?.split_last_chunk::<2>()?;
    let id = std::str::from_utf8(rest.strip_suffix(&[0])?).ok()?.parse().ok()?;
    Some((id, u16::from(number[0]) << 7 | u16::from(number[1])))
}

/// The first key after all that start with `prefix`. Prefixes end in a byte below 255.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}

/// A scope in a key.
pub fn scope_bytes(scope: &Scope) -> &[u8] {
    match scope {
        Scope::Subject(subject) => subject.as_str().as_bytes(),
        Scope::All => b"",
    }
}

/// Prefix of all cells.
pub const CELLS: &[u8] = b"c";
/// Prefix of all lists of subjects.
pub const SUBJECT_LISTS: &[u8] = b"s";
/// How many commits there were, 64 bits, little endian.
pub const COMMITS: &[u8] = b"mcommits";
/// The sum of the checksums of all records, 64 bits, little endian.
pub const CHECKSUMS: &[u8] = b"mchecksums";
/// There while a rebuild is under way.
pub const REBUILDING: &[u8] = b"mrebuilding";

/// Prefix of all cells of a scope and level.
pub fn cells(scope: &Scope, level: Level) -> Vec<u8> {
    let level = match level {
        Level::Total => b'0',
        Level::Month => b'm',
        Level::Day => b'd',
    };
    [CELLS, scope_bytes(scope), &[0, level]].concat()
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

/// The date in a key under `prefix` (made by [`cells`]); `None` when it is not such a key.
pub fn date_in(prefix: &[u8], key: &[u8]) -> Option<Date> {
    let &[high, low, month, day] = key.strip_prefix(prefix)?.first_chunk::<4>()?;
    let year = i32::from(u16::from_be_bytes([high, low])) - 0x8000;
    Date::new(year.try_into().ok()?, month as i8, day as i8).ok()
}

/// What the reviews of a scope are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `written_at`.
    Time,
    /// Score.
    Score,
    /// Intensity.
    Intensity,
}

impl Order {
    /// All of them.
    pub const ALL: [Order; 3] = [Order::Time, Order::Score, Order::Intensity];
}

/// Prefix of all places in an order.
pub fn order_byte(order: Order) -> &'static [u8; 1] {
    match order {
        Order::Time => b"t",
        Order::Score => b"p",
        Order::Intensity => b"i",
    }
}

/// Prefix of all reviews of a scope in an order.
pub fn ordered(scope: &Scope, order: Order) -> Vec<u8> {
    [order_byte(order), scope_bytes(scope), &[0]].concat()
}

/// Scope, rank and id in the key of a place; `None` when it is not one.
pub fn scope_and_place(key: &[u8]) -> Option<(Scope, i64, ReviewId)> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let scope = scope_in(key.get(1..end)?)?;
    let (rank, id) = place_of(&key[..=end], key)?;
    Some((scope, rank, id))
}

/// Scope, level and date in the key of a cell; `None` when it is not one.
pub fn scope_and_date(key: &[u8]) -> Option<(Scope, Level, Date)> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let scope = scope_in(key.get(1..end)?)?;
    let (prefix, rest) = key.split_at_checked(end + 2)?;
    match prefix.last()? {
        b'0' if rest.is_empty() => Some((scope, Level::Total, Date::default())),
        b'm' => Some((scope, Level::Month, date_in(prefix, key)?)),
        b'd' => Some((scope, Level::Day, date_in(prefix, key)?)),
        _ => None,
    }
}

/// The scope that these bytes of a key are; `None` when they are none.
pub fn scope_in(bytes: &[u8]) -> Option<Scope> {
    match bytes {
        [] => Some(Scope::All),
        name => Some(Scope::Subject(std::str::from_utf8(name).ok()?.parse().ok()?)),
    }
}

/// The place in a list, given by its prefix, before all reviews of this rank.
pub fn at_rank(prefix: &[u8], rank: i64) -> Vec<u8> {
    [prefix, &ascending(rank)].concat()
}

/// Key of a review in an order.
pub fn place(scope: &Scope, order: Order, rank: i64, id: &ReviewId) -> Vec<u8> {
    [ordered(scope, order), rank_and_id(rank, id)].concat()
}

/// What follows the prefix of a list in the key of a review.
pub fn rank_and_id(rank: i64, id: &ReviewId) -> Vec<u8> {
    [&ascending(rank), id.as_str().as_bytes()].concat()
}

/// Rank and id in a key under `prefix` (made by [`ordered`]); `None` when it is not such a key.
pub fn place_of(prefix: &[u8], key: &[u8]) -> Option<(i64, ReviewId)> {
    let (rank, id) = key.strip_prefix(prefix)?.split_first_chunk::<RANK>()?;
    let rank = rank.iter().fold(0, |rank, digit| rank << 7 | u64::from(*digit));
    Some(((rank ^ SIGN) as i64, std::str::from_utf8(id).ok()?.parse().ok()?))
}

const SIGN: u64 = 1 << 63;

/// Bytes of a number in a key.
const RANK: usize = 10;

/// A signed number so that larger ones sort later.
fn ascending(value: i64) -> [u8; RANK] {
    digits((value as u64) ^ SIGN)
}

/// A signed number so that larger ones sort first.
fn descending(value: i64) -> [u8; RANK] {
    digits(!((value as u64) ^ SIGN))
}

/// A number in base 128, highest digit first.
fn digits(number: u64) -> [u8; RANK] {
    std::array::from_fn(|place| (number >> (7 * (RANK - 1 - place)) & 0x7f) as u8)
}

/// Prefix of what came of requests that carried an `Idempotency-Key`.
pub const REQUESTS: &[u8] = b"k";

/// Key of what came of such a request, by the key's digest.
pub fn request(digest: &[u8; 16]) -> Vec<u8> {
    [REQUESTS, &plain(digest)].concat()
}

/// The 112 bits of a digest that a key keeps; plain once is plain for good.
fn plain(digest: &[u8; 16]) -> [u8; 16] {
    digest.map(|byte| byte & 0x7f)
}

/// Prefix of the requests by the time at which they were taken.
pub const REQUESTS_BY_TIME: &[u8] = b"x";

/// Key of a request by its time (microseconds since 1970).
pub fn request_time(micros: i64, digest: &[u8; 16]) -> Vec<u8> {
    [REQUESTS_BY_TIME, &ascending(micros), &plain(digest)].concat()
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
    [SUBJECT_LISTS, &[order]].concat()
}

/// Bytes of the rank in entries of an order.
pub fn rank_length(sort: SubjectSort) -> usize {
    if sort == SubjectSort::Name { 0 } else { RANK }
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
        fn places_sort_and_read_back(a in -10_000_000_000_000i64..10_000_000_000_000, b in any::<i32>()) {
            let (a, b) = (a, i64::from(b));
            let id: ReviewId = "x".parse().unwrap();
            let at = |rank| place(&Scope::All, Order::Time, rank, &id);
            prop_assert_eq!(at(a).cmp(&at(b)), a.cmp(&b));
            let read = place_of(&ordered(&Scope::All, Order::Time), &at(a));
            prop_assert_eq!(read, Some((a, id)));
            let film: Subject = "film".parse().unwrap();
            let rank = |value| subject(SubjectSort::Recent, value, &film);
            prop_assert_eq!(rank(a).cmp(&rank(b)), b.cmp(&a));
        }
    }

    proptest! {
        /// The rule at the top of this file, for whatever a client sends.
        #[test]
        fn no_key_has_a_run_of_255(rank in any::<i64>(), digest in any::<[u8; 16]>(), year in -9_999..=9_999_i16) {
            let id: ReviewId = "~~~~".parse().unwrap();
            let film: Subject = "~~~~".parse().unwrap();
            let scope = Scope::Subject(film.clone());
            let keys = [
                place(&scope, Order::Time, rank, &id),
                place(&Scope::All, Order::Score, -1, &id),
                subject(SubjectSort::Reviews, rank, &film),
                cell(&scope, Level::Day, Date::new(year, 12, 31).unwrap()),
                request(&digest),
                request(&[0xff; 16]),
                request_time(rank, &digest),
                chunk(&id, MOST_CHUNKS - 1),
            ];
            for key in keys {
                prop_assert!(!key.windows(4).any(|bytes| bytes == [0xff; 4]), "{key:?}");
            }
        }
    }

    #[test]
    fn one_scope_never_runs_into_another() {
        let scope = |name: &str| Scope::Subject(name.parse().unwrap());
        for (one, other) in [("a", "ab"), ("a", "a."), ("a-b", "a")] {
            let times = |name| ordered(&scope(name), Order::Time);
            assert!(!times(other).starts_with(&times(one)));
            let (one, other) = (scope(one), scope(other));
            assert!(!cells(&other, Level::Day).starts_with(&cells(&one, Level::Day)));
        }
        let all = ordered(&Scope::All, Order::Time);
        assert!(!ordered(&scope("a"), Order::Time).starts_with(&all));
    }

    #[test]
    fn dates_sort() {
        let day = |y, m, d| date_bytes(Date::new(y, m, d).unwrap());
        assert!(day(1, 12, 31) < day(1999, 1, 1));
        assert!(day(2024, 1, 31) < day(2024, 2, 1));
        assert!(day(2024, 12, 31) < day(9999, 1, 1));
    }
}
