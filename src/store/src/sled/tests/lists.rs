//! Lists, time lines and idempotency keys, tried against a plain list of reviews.

use super::{open, open_scanning, runtime, scope};
use crate::sled::group::tests::review;
use crate::sled::{SledStore, contents_of};
use crate::{
    Created, IdempotencyKey, ReviewFilter, ReviewQuery, ReviewSort, Scope, Store, StoreError,
};
use heartstrings_core::aggregate::{Cell, Contribution, DateRange, Interval, Summary, day_of};
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Fingerprint, Review};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

const SORTS: [ReviewSort; 5] = [
    ReviewSort::Newest,
    ReviewSort::Oldest,
    ReviewSort::MostPositive,
    ReviewSort::MostNegative,
    ReviewSort::MostIntense,
];

fn reviews() -> impl Strategy<Value = Vec<Review>> {
    let one = (0..3u8, -40..40i64, -20..20i32, any::<bool>()).prop_map(
        |(subject, day, score, sourced)| {
            let time = (1_706_659_200 + day * 40_000) * 1_000_000;
            let mut made = review("x", &format!("s{subject}"), time, score * 50_000);
            if !sourced {
                made.content.source = None;
            }
            made
        },
    );
    proptest::collection::vec(one, 0..30).prop_map(|mut all| {
        for (number, review) in all.iter_mut().enumerate() {
            review.id = format!("r{number}").parse().unwrap();
        }
        all
    })
}

fn filters() -> impl Strategy<Value = ReviewFilter> {
    let fixed = || (-20..=20i32).prop_map(|n| Fixed::from_micros(n * 50_000));
    let time = || {
        (-40..40i64).prop_map(|day| Timestamp::from_second(1_706_659_200 + day * 40_000).unwrap())
    };
    let label = prop_oneof![Just(Label::Positive), Just(Label::Negative)];
    use proptest::option::weighted as option;
    (
        (option(0.3, label), option(0.2, 0..28usize), option(0.2, Just("test".to_owned()))),
        (option(0.3, fixed()), option(0.3, fixed()), option(0.3, fixed()), option(0.3, fixed())),
        (option(0.3, time()), option(0.3, time())),
    )
        .prop_map(|((label, emotion, source), numbers, (from, to))| ReviewFilter {
            label,
            emotion,
            source,
            min_score: numbers.0,
            max_score: numbers.1,
            min_intensity: numbers.2,
            max_intensity: numbers.3,
            from,
            to,
        })
}

/// What a list should hold, found the plain way.
fn expected(all: &[Review], query: &ReviewQuery) -> Vec<Review> {
    let f = &query.filter;
    let passes = |r: &&Review| {
        let (score, intensity) = (r.analysis.sentiment.score, r.analysis.intensity);
        (query.scope == Scope::All || query.scope == scope(r.content.subject.as_str()))
            && f.label.is_none_or(|label| r.analysis.sentiment.label == label)
            && f.emotion.is_none_or(|emotion| r.analysis.emotions.is_present(emotion))
            && (f.source.is_none() || f.source == r.content.source)
            && f.min_score.is_none_or(|least| score >= least)
            && f.max_score.is_none_or(|most| score <= most)
            && f.min_intensity.is_none_or(|least| intensity >= least)
            && f.max_intensity.is_none_or(|most| intensity <= most)
            && f.from.is_none_or(|from| r.written_at >= from)
            && f.to.is_none_or(|to| r.written_at < to)
    };
    let mut found: Vec<Review> = all.iter().filter(passes).cloned().collect();
    found.sort_by_key(|r| {
        let rank = match query.sort {
            ReviewSort::Newest | ReviewSort::Oldest => r.written_at.as_microsecond(),
            ReviewSort::MostIntense => r.analysis.intensity.micros().into(),
            _ => r.analysis.sentiment.score.micros().into(),
        };
        (rank, r.id.to_string())
    });
    if !matches!(query.sort, ReviewSort::Oldest | ReviewSort::MostNegative) {
        found.reverse();
    }
    found
}

fn fill(runtime: &Runtime, store: &SledStore, all: &[Review]) {
    let creates = all.iter().map(|review| store.create(review.clone(), None));
    for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
        outcome.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_list_is_what_a_plain_search_finds(
        all in reviews(), filter in filters(), limit in 1..9usize, of_subject in any::<bool>(),
        // With lists by label, emotion and source and without.
        page_scan in prop_oneof![Just(3), Just(2_000)],
    ) {
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let store = open_scanning(folder.path(), page_scan);
        fill(&runtime, &store, &all);
        for sort in SORTS {
            let scope = if of_subject { scope("s1") } else { Scope::All };
            let filter = filter.clone();
            let mut query = ReviewQuery { scope, filter, sort, limit, cursor: None };
            let mut found = Vec::new();
            loop {
                let page = runtime.block_on(store.reviews(&query)).unwrap();
                prop_assert!(page.items.len() <= limit);
                found.extend(page.items);
                query.cursor = page.next;
                if query.cursor.is_none() {
                    break;
                }
            }
            prop_assert_eq!(found, expected(&all, &query));
        }
    }

    #[test]
    fn every_time_line_adds_up(all in reviews(), cut in any::<bool>()) {
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let store = open(folder.path());
        fill(&runtime, &store, &all);
        let day = |text: &str| cut.then(|| text.parse().unwrap());
        let range = DateRange { from: day("2024-01-20"), to: day("2024-02-10") };
        for interval in [Interval::Day, Interval::Week, Interval::Month, Interval::Year] {
            let mut sums: BTreeMap<_, (Cell, Vec<Timestamp>)> = BTreeMap::new();
            for review in &all {
                let day = day_of(review.written_at);
                if range.from.is_some_and(|from| day < from) || range.to.is_some_and(|to| day >= to)
                {
                    continue;
                }
                let (cell, times) = sums.entry(interval.start(day)).or_default();
                cell.add(&Contribution::of(&review.analysis, review.content.rating));
                times.push(review.written_at);
            }
            let line = runtime.block_on(store.timeline(&Scope::All, interval, range)).unwrap();
            let line = line.unwrap();
            prop_assert_eq!(line.len(), sums.len());
            for ((start, summary), (expected, (cell, times))) in line.into_iter().zip(sums) {
                prop_assert_eq!(start, expected);
                let span = times.iter().min().copied().zip(times.iter().max().copied());
                prop_assert_eq!(summary, Summary::of(&cell, span));
            }
        }
    }
}

#[test]
fn pages_of_reviews_stay_right_while_others_come_and_go() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let all: Vec<Review> =
        (0..30).map(|n| review(&format!("r{n:02}"), "film", 1000 + n, n as i32 * 1000)).collect();
    fill(&runtime, &store, &all);
    for sort in SORTS {
        let filter = ReviewFilter { source: Some("test".into()), ..ReviewFilter::default() };
        let mut query = ReviewQuery { scope: scope("film"), filter, sort, limit: 7, cursor: None };
        let mut seen = Vec::new();
        let mut round = 0;
        loop {
            let page = runtime.block_on(store.reviews(&query)).unwrap();
            seen.extend(page.items.into_iter().map(|review| review.id.to_string()));
            // One comes at each end of every order, and the one of the last round goes.
            for (end, score) in [(0, -1_000_000), (1_000_000, 1_000_000)] {
                let mut extra = review(&format!("x{round}-{end}"), "film", end, score);
                extra.content.source = None;
                runtime.block_on(store.create(extra, None)).unwrap();
                if round > 0 {
                    let id = format!("x{}-{end}", round - 1).parse().unwrap();
                    runtime.block_on(store.delete(&id)).unwrap();
                }
            }
            round += 1;
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        for end in [0, 1_000_000] {
            let id = format!("x{}-{end}", round - 1).parse().unwrap();
            runtime.block_on(store.delete(&id)).unwrap();
        }
        seen.sort();
        let expected: Vec<String> = (0..30).map(|n| format!("r{n:02}")).collect();
        assert_eq!(seen, expected, "{sort:?}");
    }
    let mut query = ReviewQuery {
        scope: scope("film"),
        filter: ReviewFilter::default(),
        sort: ReviewSort::Newest,
        limit: 1,
        cursor: None,
    };
    query.cursor = runtime.block_on(store.reviews(&query)).unwrap().next;
    query.sort = ReviewSort::Oldest;
    assert!(matches!(runtime.block_on(store.reviews(&query)), Err(StoreError::BadCursor)));
}

/// A filter that few pass and that has no list of its own gives a page up after some entries, and the
/// next one goes on there.
#[test]
fn a_page_that_few_reviews_pass_ends_early_and_loses_nothing() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let mut all: Vec<Review> =
        (0..4_500).map(|n| review(&format!("r{n:04}"), "film", n, 300)).collect();
    let rare = [0, 1_000, 4_499];
    let least = Fixed::from_micros(900_000);
    rare.iter().for_each(|n| all[*n].analysis.sentiment.score = least);
    // Fewer at once than may wait to be written.
    all.chunks(500).for_each(|some| fill(&runtime, &store, some));
    let filter = ReviewFilter { min_score: Some(least), ..ReviewFilter::default() };
    let (sort, limit) = (ReviewSort::Newest, 50);
    let mut query = ReviewQuery { scope: scope("film"), filter, sort, limit, cursor: None };
    let mut pages = Vec::new();
    loop {
        let page = runtime.block_on(store.reviews(&query)).unwrap();
        pages.push(page.items.iter().map(|review| review.id.to_string()).collect::<Vec<_>>());
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["r4499"], vec!["r1000"], vec!["r0000"]]);
}

/// A review that was received at a time.
fn received(id: &str, at: Timestamp) -> Review {
    Review { received_at: at, ..review(id, "film", 0, 1) }
}

#[test]
fn a_request_that_comes_again_makes_one_review() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let mut store = open(folder.path());
    let key = Some(IdempotencyKey([9; 16]));
    let now = Timestamp::now();
    let together = (0..20).map(|n| store.create(received(&format!("r{n}"), now), key));
    let outcomes = runtime.block_on(futures_util::future::join_all(together));
    let new = outcomes.iter().filter(|o| matches!(o, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    // It is remembered over a restart, with what it said, and another key is another request.
    drop(store);
    store = open(folder.path());
    let answered = runtime.block_on(store.answered(&IdempotencyKey([9; 16]))).unwrap().unwrap();
    assert_eq!(answered.fingerprint, Fingerprint([7; 16]));
    let other = store.create(received("other", now), Some(IdempotencyKey([8; 16])));
    assert!(matches!(runtime.block_on(other), Ok(Created::New(_))));
    // After a day it is forgotten, and leaves nothing behind.
    let later = now + SignedDuration::from_hours(25);
    let again = runtime.block_on(store.create(received("later", later), key)).unwrap();
    assert!(matches!(again, Created::New(_)));
    let requests = contents_of(&store).into_keys().filter(|key| matches!(key[0], b'k' | b'x'));
    assert_eq!(requests.count(), 2, "the first key's second use, and nothing else");
}

#[test]
fn a_subject_goes_with_everything_it_had() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let of = |subject: &str, n: i64| review(&format!("{subject}-{n}"), subject, n, 1);
    let all: Vec<Review> = (0..600).map(|n| of("film", n)).chain([of("book", 1)]).collect();
    fill(&runtime, &store, &all);
    let subject = "film".parse().unwrap();
    let mut removed = 0;
    loop {
        let step = runtime.block_on(store.delete_some(&subject)).unwrap();
        removed += step.reviews;
        if !step.more {
            break;
        }
    }
    assert_eq!(removed, 600);
    let alone = tempfile::tempdir().unwrap();
    let expected = open(alone.path());
    fill(&runtime, &expected, &[of("book", 1)]);
    assert_eq!(contents_of(&store), contents_of(&expected));
}
