//! Which cells a review belongs to, and how lists of subjects rank them.

use super::keys;
use crate::{Scope, SubjectSort};
use heartstrings_core::aggregate::{Cell, DateRange, Interval, Level, day_of, month_of};
use heartstrings_core::review::{Review, Subject};
use jiff::Timestamp;
use jiff::civil::Date;

/// Keys of the six cells that a review adds to: all time, its month and its day, of its subject
/// and of everything.
pub fn keys_of(review: &Review) -> [Vec<u8>; 6] {
    let day = day_of(review.written_at);
    let subject = Scope::Subject(review.content.subject.clone());
    let of = |scope: &Scope, level| match level {
        Level::Month => keys::cell(scope, level, month_of(day)),
        _ => keys::cell(scope, level, day),
    };
    [
        of(&subject, Level::Total),
        of(&subject, Level::Month),
        of(&subject, Level::Day),
        of(&Scope::All, Level::Total),
        of(&Scope::All, Level::Month),
        of(&Scope::All, Level::Day),
    ]
}

/// The entries of a subject in the five lists; none for a subject without reviews.
pub fn list_entries(subject: &Subject, cell: &Cell, last: Option<Timestamp>) -> Vec<Vec<u8>> {
    let (false, Some(last)) = (cell.is_empty(), last) else { return Vec::new() };
    // A subject without aggregated reviews has no mean; it comes last.
    let ranks = [
        (SubjectSort::Name, 0),
        (SubjectSort::Reviews, cell.reviews() as i64),
        (SubjectSort::Sentiment, cell.mean_score_micros().unwrap_or(i64::MIN)),
        (SubjectSort::Intensity, cell.mean_intensity_micros().unwrap_or(i64::MIN)),
        (SubjectSort::Recent, last.as_microsecond()),
    ];
    ranks.into_iter().map(|(sort, rank)| keys::subject(sort, rank, subject)).collect()
}

/// The days that a cell is about.
pub fn days_of(level: Level, date: Date) -> DateRange {
    match level {
        Level::Total => DateRange::default(),
        Level::Month => Interval::Month.days(date),
        Level::Day => Interval::Day.days(date),
    }
}
