//! Dates in the forms that people and programs write them in.

use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Days, with what stands for a name or number of a month. The first that fits counts.
const DAYS: [&str; 14] = [
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%B %d %Y",
    "%b %d %Y",
    "%A %d %B %Y",
    "%A %B %d %Y",
    "%a %d %b %Y",
    "%a %b %d %Y",
];
/// Forms with a zone of their own.
const ZONED: [&str; 5] = [
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%Y-%m-%dT%H:%M:%S%z",
];
/// Times of day after a day; the last one is none.
const TIMES: [&str; 6] = [" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S%.f", ""];

/// How the dates of a column are read.
#[derive(Clone, Debug)]
pub struct DateReading {
    /// The one form that they have (`strftime` notation); `None` for any common one.
    pub format: Option<String>,
    /// Where those without a zone of their own were written.
    pub time_zone: TimeZone,
    /// Whether `01/02/2024` is the first of February; `None` when nobody said.
    pub day_first: Option<bool>,
}

impl DateReading {
    /// Any common form, in UTC.
    pub fn any() -> Self {
        Self { format: None, time_zone: TimeZone::UTC, day_first: None }
    }

    /// The moment that a cell names. A day without a time is its beginning.
    ///
    /// # Errors
    /// When it names none; the text says what would help.
    pub fn read(&self, cell: &str) -> Result<Timestamp, String> {
        let cell = cell.trim();
        let found = match &self.format {
            Some(format) => self.by_format(format, cell),
            None => self.by_any(&tidied(cell), cell)?,
        };
        found.ok_or_else(|| match &self.format {
            Some(format) => format!("{cell:?} is not a date of the form {format:?}"),
            None => format!(
                "{cell:?} is not a date that can be read; write it like 2013-02-01, or say how it \
                 is written with --date-format"
            ),
        })
    }

    fn by_any(&self, tidy: &str, cell: &str) -> Result<Option<Timestamp>, String> {
        if let Some(time) = exact(cell).or_else(|| counted(cell)) {
            return Ok(Some(time));
        }
        if let Some(time) = cell.parse::<DateTime>().ok().and_then(|time| self.at_home(time)) {
            return Ok(Some(time));
        }
        if let Some(time) = ZONED.iter().find_map(|format| self.by_format(format, tidy)) {
            return Ok(Some(time));
        }
        if let Some((first, second)) = two_numbers(tidy) {
            let day_first = match (self.day_first, first > 12, second > 12) {
                (_, true, false) => true,
                (_, false, true) => false,
                (Some(day_first), ..) => day_first,
                (None, ..) => {
                    return Err(format!(
                        "{cell:?} may begin with the day or with the month; say which with \
                         --date-format %d/%m/%Y or %m/%d/%Y"
                    ));
                }
            };
            let tidy = tidy.replace('-', "/");
            let days: [&str; 3] = match day_first {
                true => ["%d/%m/%Y", "%d/%m/%y", "%d %m %Y"],
                false => ["%m/%d/%Y", "%m/%d/%y", "%m %d %Y"],
            };
            return Ok(self.by_days(&days, &tidy));
        }
        Ok(self.by_days(&DAYS, tidy))
    }

    fn by_days(&self, days: &[&str], tidy: &str) -> Option<Timestamp> {
        let mut forms = days.iter().flat_map(|day| TIMES.map(|time| format!("{day}{time}")));
        // A year of two digits is no year of the first century.
        let is_likely = |time: &Timestamp| {
            *time > Timestamp::from_second(-30_000_000_000).unwrap_or(Timestamp::MIN)
        };
        forms.find_map(|form| self.by_format(&form, tidy).filter(is_likely))
    }

    fn by_format(&self, format: &str, cell: &str) -> Option<Timestamp> {
        let parts = strtime::parse(format, cell).ok()?;
        if parts.offset().is_some() || parts.timestamp().is_some() {
            return parts.to_timestamp().ok();
        }
        if let Ok(time) = parts.to_datetime() {
            return self.at_home(time);
        }
        let day = parts.to_date().ok()?;
        self.at_home(day.at(0, 0, 0, 0))
    }

    /// A time by the clock on the wall.
    fn at_home(&self, time: DateTime) -> Option<Timestamp> {
        let zoned: Zoned = time.to_zoned(self.time_zone.clone()).ok()?;
        Some(zoned.timestamp())
    }
}

/// Whether dates like `01/02/2024` begin with the day, by those of many whose parts exceed 12;
/// `None` when there is none such, or as many of one kind as of the other.
pub fn day_comes_first<'a>(cells: impl Iterator<Item = &'a str>) -> Option<bool> {
    let (mut day, mut month) = (0, 0);
    for (first, second) in cells.filter_map(|cell| two_numbers(&tidied(cell))) {
        day += usize::from(first > 12 && second <= 12);
        month += usize::from(second > 12 && first <= 12);
    }
    (day != month).then_some(day > month)
}

/// A time with a zone: RFC 3339 and RFC 2822.
fn exact(cell: &str) -> Option<Timestamp> {
    cell.parse().ok().or_else(|| {
        // Its comments may nest; a date has none.
        let parsed = (!cell.contains('(')).then(|| rfc2822::parse(cell))?;
        parsed.ok().map(|zoned| zoned.timestamp())
    })
}

/// A count of seconds, or of smaller units, since 1970.
fn counted(cell: &str) -> Option<Timestamp> {
    let digits = cell.strip_suffix(".0").unwrap_or(cell);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        15 | 16 => Timestamp::from_microsecond(number).ok(),
        18 | 19 => Timestamp::from_nanosecond(i128::from(number)).ok(),
        _ => None,
    }
}

/// One space between words, no commas, no letters after the number of a day.
fn tidied(cell: &str) -> String {
    let spaced = cell.replace(',', " ");
    let words = spaced.split_whitespace().map(|word| {
        let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = &word[number.len()..];
        let is_day = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|e| ending.eq_ignore_ascii_case(e));
        if is_day && is_ordinal { number } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The first two numbers of `1/2/2024`, `1-2-24` or `1 2 2024`.
fn two_numbers(tidy: &str) -> Option<(u32, u32)> {
    let day = match tidy.split_once(['/', '-', ' ']) {
        Some((first, _)) if first.len() <= 2 => tidy,
        _ => return None,
    };
    let mut parts = day.splitn(3, ['/', '-', ' ']);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let year: String = year.chars().take_while(char::is_ascii_digit).collect();
    let is_date = second.len() <= 2 && (year.len() == 2 || year.len() == 4);
    is_date.then_some(())?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reading: &DateReading, cell: &str) -> Option<String> {
        reading.read(cell).ok().map(|time| time.to_string())
    }

    #[test]
    fn common_forms_are_read() {
        let day = "2013-02-01T00:00:00Z";
        let noon = "2013-02-01T12:30:05Z";
        for (cell, expected) in [
            ("2013-02-01", day),
            (" 2013-02-01T12:30:05Z ", noon),
            ("2013-02-01T14:30:05+02:00", noon),
            ("2013-02-01 12:30:05", noon),
            ("2013-02-01 14:30:05 +0200", noon),
            ("2013-02-01T12:30:05", noon),
            ("20130201", day),
            ("2013/02/01", day),
            ("2013/2/1", day),
            ("01.02.2013", day),
            ("1.2.2013", day),
            ("1.2.13", day),
            ("01.02.2013 12:30:05", noon),
            ("February 1, 2013", day),
            ("Feb 1, 2013", day),
            ("february 1st 2013", day),
            ("1 February 2013", day),
            ("1st Feb, 2013", day),
            ("01-Feb-2013", day),
            ("01-Feb-13", day),
            ("Friday, February 1, 2013", day),
            ("Fri, 1 Feb 2013 12:30:05 +0000", noon),
            ("Fri Feb 01 14:30:05 +0200 2013", noon),
            ("Feb 1, 2013 12:30:05 PM", noon),
            ("Feb 1, 2013 12:00 AM", day),
            ("1359721805", noon),
            ("1359721805.0", noon),
            ("1359721805000", noon),
            ("1359721805000000000", noon),
        ] {
            assert_eq!(read(&DateReading::any(), cell).as_deref(), Some(expected), "{cell}");
        }
        for cell in
            ["", "yesterday", "2013", "2013-02-30", "31.02.2013", "99/99/2013", "5", "2013-13-01"]
        {
            assert_eq!(read(&DateReading::any(), cell), None, "{cell}");
        }
    }

    #[test]
    fn a_day_or_month_first() {
        let first = |day_first| DateReading { day_first, ..DateReading::any() };
        assert!(first(None).read("01/02/2013").unwrap_err().contains("--date-format"));
        let february = "2013-02-01T00:00:00Z";
        assert_eq!(read(&first(Some(true)), "01/02/2013").as_deref(), Some(february));
        assert_eq!(read(&first(Some(false)), "2/1/2013").as_deref(), Some(february));
        assert_eq!(read(&first(Some(false)), "02-01-2013 00:00").as_deref(), Some(february));
        assert_eq!(read(&first(Some(false)), "02 1, 2013").as_deref(), Some(february));
        // What can be but one of them is that.
        assert_eq!(read(&first(Some(true)), "12/31/2013").as_deref(), Some("2013-12-31T00:00:00Z"));
        assert_eq!(day_comes_first(["1/2/2013", "13/2/2013"].into_iter()), Some(true));
        assert_eq!(day_comes_first(["1/2/2013", "12/31/13", "x"].into_iter()), Some(false));
        assert_eq!(day_comes_first(["1/2/2013", "2013-31-01"].into_iter()), None);
    }

    #[test]
    fn a_format_and_a_zone_that_are_given() {
        let reading = DateReading {
            format: Some("%d %m %Y, %H.%M".into()),
            time_zone: TimeZone::get("Asia/Seoul").unwrap(),
            day_first: None,
        };
        assert_eq!(read(&reading, "01 02 2013, 09.00").as_deref(), Some("2013-02-01T00:00:00Z"));
        assert_eq!(read(&reading, "2013-02-01"), None);
        let seoul = DateReading { format: None, ..reading };
        assert_eq!(read(&seoul, "2013-02-01").as_deref(), Some("2013-01-31T15:00:00Z"));
        assert_eq!(read(&seoul, "2013-02-01T00:00:00Z").as_deref(), Some("2013-02-01T00:00:00Z"));
    }
}
