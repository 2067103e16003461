//! The reads that answer requests.

use crate::generator::{self, LARGE, STEADY, YEAR, hash};
use heartstrings_core::aggregate::{DateRange, Interval};
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_service::Service;
use heartstrings_store::{
    Cursor, ReviewFilter, ReviewQuery, ReviewSort, Scope, SubjectQuery, SubjectSort,
};
use jiff::Timestamp;
use std::future::Future;
use std::time::Instant;

/// How often each is done and timed, in each round.
pub const TIMES: u64 = 500;
/// Rounds over all of them. What another guest of the machine does in one of them is left out by taking
/// the middle.
pub const ROUNDS: usize = 5;
/// How often each is done before that. What was not read since the start comes from the file, and
/// says more of the disk than of the size.
const WARMING: u64 = 100;
/// Pages that a deep page is behind, at most.
const DEPTH: usize = 400;

/// What a read took, in milliseconds: the median and the 99th percentile of a round, each the middle one of
/// all rounds.
pub struct Read {
    pub name: &'static str,
    pub median: f64,
    pub most: f64,
}

async fn times<F: Future>(name: &'static str, one: impl Fn(u64) -> F) -> Read {
    let mut times = Vec::new();
    for number in TIMES..TIMES + WARMING {
        one(number).await;
    }
    for number in 0..TIMES {
        let started = Instant::now();
        one(number).await;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    Read { name, median: times[times.len() / 2], most: times[times.len() * 99 / 100] }
}

fn scope(subject: &str) -> Scope {
    Scope::Subject(subject.parse().expect("a good name"))
}

fn list(scope: Scope, sort: ReviewSort, cursor: Option<Cursor>) -> ReviewQuery {
    ReviewQuery { scope, filter: ReviewFilter::default(), sort, limit: 50, cursor }
}

/// Measures all of them in a database with so many reviews.
pub async fn measure(service: &Service, reviews: u64) -> Vec<Read> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(measure_once(service, reviews).await);
    }
    let middle = |place: usize, of: fn(&Read) -> f64| {
        let mut values: Vec<_> = rounds.iter().map(|round| of(&round[place])).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    let read = |(place, one): (usize, &Read)| Read {
        name: one.name,
        median: middle(place, |read| read.median),
        most: middle(place, |read| read.most),
    };
    rounds[0].iter().enumerate().map(read).collect()
}

async fn measure_once(service: &Service, reviews: u64) -> Vec<Read> {
    let [from, to] = YEAR.map(|day| day.parse().ok());
    let year = DateRange { from, to };
    let all = DateRange::default();
    let large = scope(LARGE);
    let steady = scope(STEADY);
    let some = |number: u64| hash(number + 7, reviews);
    let deep = deep_cursor(service, &large).await;
    vec![
        times("review", |number| async move {
            let id = generator::id(some(number)).parse().expect("a good id");
            service.get(&id).await.expect("it is there");
        })
        .await,
        times("summary of a small subject, another each time", |number| async move {
            let small = scope(&generator::small(number + 7, reviews));
            service.summary(&small, all).await.expect("it is there");
        })
        .await,
        times("summary of a small subject, of a hundred", |number| async move {
            // Those that the warming reads.
            let small = scope(&generator::small(TIMES + number % WARMING + 7, reviews));
            service.summary(&small, all).await.expect("it is there");
        })
        .await,
        times("summary of the large one, a year", |_| async {
            service.summary(&large, year).await.expect("it is there");
        })
        .await,
        times("summary of everything", |_| async {
            service.summary(&Scope::All, all).await.expect("it is there");
        })
        .await,
        times("time line of the large one, a year by days", |_| async {
            let points = service.timeline(&large, Interval::Day, year).await;
            assert!(!points.expect("it is there").is_empty());
        })
        .await,
        times("time line of one that is always the same, a year by days", |_| async {
            let points = service.timeline(&steady, Interval::Day, year).await;
            assert!(points.expect("it is there").len() > 350);
        })
        .await,
        times("time line of the large one, a year by months", |_| async {
            let points = service.timeline(&large, Interval::Month, year).await;
            assert_eq!(points.expect("it is there").len(), 12);
        })
        .await,
        times("highlights of the large one", |_| async {
            let subject = LARGE.parse().expect("a good name");
            for sort in
                [ReviewSort::MostPositive, ReviewSort::MostNegative, ReviewSort::MostIntense]
            {
                service.highlights(&subject, sort, 3).await.expect("it is there");
            }
        })
        .await,
        times("page of 50 reviews, the first", |_| async {
            let page = service.reviews(&list(large.clone(), ReviewSort::Newest, None)).await;
            assert_eq!(page.expect("a page").items.len(), 50);
        })
        .await,
        times("page of 50 reviews, a deep one", |_| async {
            let query = list(large.clone(), ReviewSort::Newest, deep.clone());
            assert_eq!(service.reviews(&query).await.expect("a page").items.len(), 50);
        })
        .await,
        times("page of 50 reviews, an emotion of 1 in 1,000", |number| {
            let emotion = Some(generator::RARE_EMOTION);
            let filter = ReviewFilter { emotion, to: late(number), ..ReviewFilter::default() };
            filtered(service, &large, filter, ReviewSort::Newest)
        })
        .await,
        times("page of 50 reviews, the same, the most positive", |_| {
            let emotion = Some(generator::RARE_EMOTION);
            let filter = ReviewFilter { emotion, ..ReviewFilter::default() };
            filtered(service, &large, filter, ReviewSort::MostPositive)
        })
        .await,
        times("page of 50 reviews, of all, a label and a source", |number| {
            let label = Some(Label::ALL[number as usize % Label::ALL.len()]);
            let source = Some(generator::SOURCE.into());
            let filter = ReviewFilter { label, source, ..ReviewFilter::default() };
            filtered(service, &Scope::All, filter, ReviewSort::MostNegative)
        })
        .await,
        times("page of 50 reviews, a source that none has", |number| {
            let source = Some("nowhere".into());
            let filter = ReviewFilter { source, to: late(number), ..ReviewFilter::default() };
            filtered(service, &large, filter, ReviewSort::Newest)
        })
        .await,
        times("page of 50 reviews, scores that none has", |number| {
            // No list is of this: 2,000 entries are looked at.
            let most = Some(Fixed::from_micros(-1_000_000));
            let filter =
                ReviewFilter { max_score: most, to: late(number), ..ReviewFilter::default() };
            filtered(service, &large, filter, ReviewSort::Newest)
        })
        .await,
        times("page of 50 subjects, by reviews", |_| async {
            let (prefix, sort) = (String::new(), SubjectSort::Reviews);
            let query = SubjectQuery { prefix, sort, limit: 50, cursor: None };
            assert_eq!(service.subjects(&query).await.expect("a page").items.len(), 50);
        })
        .await,
    ]
}

/// Anywhere in the second half of the time, so that there is enough to pass over.
fn late(number: u64) -> Option<Timestamp> {
    Some(generator::time(500_000 + hash(number + 9, 500_000)))
}

async fn filtered(service: &Service, scope: &Scope, filter: ReviewFilter, sort: ReviewSort) {
    let query = ReviewQuery { filter, ..list(scope.clone(), sort, None) };
    service.reviews(&query).await.expect("a page");
}

/// The cursor of a full page as deep as there is one, and at most of the four-hundredth.
async fn deep_cursor(service: &Service, scope: &Scope) -> Option<Cursor> {
    let (mut before, mut cursor) = (None, None);
    for _ in 0..DEPTH {
        let query = list(scope.clone(), ReviewSort::Newest, cursor.clone());
        match service.reviews(&query).await.expect("a page").next {
            Some(next) => before = cursor.replace(next),
            // This page is not full; the one before it is.
            None => return before,
        }
    }
    cursor
}
