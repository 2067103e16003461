//! Days, months and ranges of them, in UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A range of days: `from` inclusive, `to` exclusive; open where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// Day after the last.
    pub to: Option<Date>,
}

/// How much time a stored cell covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// All time.
    Total,
    /// A calendar month, named by its first day.
    Month,
    /// A day.
    Day,
}

/// A step of a time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interval {
    /// A UTC day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Interval {
    /// The first day of the interval that a day lies in.
    pub fn start(self, day: Date) -> Date {
        match self {
            Interval::Day => day,
            // The first week of the calendar starts before the calendar does.
            Interval::Week => day
                .checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
                .unwrap_or(Date::MIN),
            Interval::Month => day.first_of_month(),
            Interval::Year => day.first_of_year(),
        }
    }

    /// The days of the interval that starts on a day.
    pub fn days(self, start: Date) -> DateRange {
        let step = match self {
            Interval::Day => 1.day(),
            Interval::Week => 1.week(),
            Interval::Month => 1.month(),
            Interval::Year => 1.year(),
        };
        // The last interval of the calendar has no end.
        DateRange { from: Some(start), to: start.checked_add(step).ok() }
    }

    /// Whether every interval is made of whole months.
    pub fn is_of_months(self) -> bool {
        matches!(self, Interval::Month | Interval::Year)
    }
}

/// A run of stored cells of one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which cells.
    pub level: Level,
    /// First cell; `None` from the beginning.
    pub first: Option<Date>,
    /// Past the last cell; `None` to the end.
    pub past: Option<Date>,
}

/// The UTC day of a time.
pub fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The first day of a day's month.
pub fn month_of(day: Date) -> Date {
    day.first_of_month()
}

impl DateRange {
    /// The days that lie in both ranges.
    pub fn within(self, other: DateRange) -> DateRange {
        let earliest = |a: Option<Date>, b: Option<Date>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        // `None` is smaller than any day, which is what an open beginning means.
        DateRange { from: self.from.max(other.from), to: earliest(self.to, other.to) }
    }

    /// The fewest runs of stored cells that add up to this range: the total when it is open on
    /// both sides, else whole months, and single days at the ends. Empty for an empty range.
    pub fn pieces(self) -> Vec<Piece> {
        if self == DateRange::default() {
            return vec![Piece { level: Level::Total, first: None, past: None }];
        }
        if matches!((self.from, self.to), (Some(from), Some(to)) if from >= to) {
            return Vec::new();
        }
        let day = |first, past| Piece { level: Level::Day, first: Some(first), past: Some(past) };
        // The months lie between the first one that starts in the range and the one it ends in.
        let first_month = self.from.map(start_of_next_month_unless_first);
        let past_month = self.to.map(month_of);
        let mut pieces = Vec::new();
        if let (Some(from), Some(to), Some(first), Some(past)) =
            (self.from, self.to, first_month, past_month)
            && first >= past
        {
            // No whole month lies within.
            return vec![day(from, to)];
        }
        if let (Some(from), Some(first)) = (self.from, first_month)
            && from < first
        {
            pieces.push(day(from, first));
        }
        pieces.push(Piece { level: Level::Month, first: first_month, past: past_month });
        if let (Some(past), Some(to)) = (past_month, self.to)
            && past < to
        {
            pieces.push(day(past, to));
        }
        pieces
    }
}

fn start_of_next_month_unless_first(day: Date) -> Date {
    let first = month_of(day);
    if first == day { day } else { first.checked_add(1.month()).unwrap_or(Date::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn days() -> impl Strategy<Value = Date> {
        (0..1500i64).prop_map(|n| date(2020, 1, 1).checked_add(n.days()).unwrap())
    }

    /// The days of a piece between 2019 and 2026, months taken apart.
    fn days_of(piece: Piece) -> Vec<Date> {
        let (mut at, end) =
            (piece.first.unwrap_or(date(2019, 1, 1)), piece.past.unwrap_or(date(2026, 1, 1)));
        let mut found = Vec::new();
        while at < end {
            found.push(at);
            at = at.tomorrow().unwrap();
        }
        found
    }

    proptest! {
        #[test]
        fn pieces_cover_each_day_once_and_months_are_whole(
            from in proptest::option::of(days()), to in proptest::option::of(days()),
        ) {
            let range = DateRange { from, to };
            let mut covered = Vec::new();
            for piece in range.pieces() {
                if piece.level == Level::Month {
                    prop_assert!(piece.first.is_none_or(|d| d.day() == 1));
                    prop_assert!(piece.past.is_none_or(|d| d.day() == 1));
                }
                covered.extend(days_of(piece));
            }
            let wanted = days_of(Piece { level: Level::Day, first: from, past: to });
            prop_assert_eq!(covered, wanted);
        }
    }

    #[test]
    fn long_ranges_read_few_cells() {
        let range = DateRange { from: Some(date(2020, 1, 31)), to: Some(date(2024, 2, 2)) };
        let levels: Vec<Level> = range.pieces().iter().map(|piece| piece.level).collect();
        assert_eq!(levels, [Level::Day, Level::Month, Level::Day]);
        assert_eq!(DateRange::default().pieces()[0].level, Level::Total);
    }

    #[test]
    fn intervals_start_where_the_calendar_says() {
        let day = date(2024, 12, 31);
        assert_eq!(Interval::Day.start(day), day);
        // A Tuesday; its ISO week is the first of 2025.
        assert_eq!(Interval::Week.start(day), date(2024, 12, 30));
        assert_eq!(Interval::Week.start(date(2025, 1, 5)), date(2024, 12, 30));
        assert_eq!(Interval::Week.start(date(2025, 1, 6)), date(2025, 1, 6));
        assert_eq!(Interval::Month.start(day), date(2024, 12, 1));
        assert_eq!(Interval::Year.start(day), date(2024, 1, 1));
    }

    #[test]
    fn days_are_utc() {
        assert_eq!(day_of("2024-02-01T01:00:00+02:00".parse().unwrap()), date(2024, 1, 31));
    }
}
