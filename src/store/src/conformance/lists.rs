//! Lists of reviews, in every order and with every filter, compared with a plain search.

use super::{Fixture, any_reviews, check, create_all, open, open_scanning, review, runtime, scope};
use crate::{ReviewFilter, ReviewQuery, ReviewSort, Scope, Store, StoreError};
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::Review;
use jiff::Timestamp;
use proptest::prelude::*;
use tokio::runtime::Runtime;

const SORTS: [ReviewSort; 5] = [
    ReviewSort::Newest,
    ReviewSort::Oldest,
    ReviewSort::MostPositive,
    ReviewSort::MostNegative,
    ReviewSort::MostIntense,
];

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

/// Every page of a list, from the first to the last.
fn walk(runtime: &Runtime, store: &dyn Store, mut query: ReviewQuery) -> Vec<Review> {
    let mut found = Vec::new();
    loop {
        let page = runtime.block_on(store.reviews(&query)).unwrap();
        assert!(page.items.len() <= query.limit);
        found.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return found;
        }
    }
}

/// Whether a store has lists by label, emotion and source or not, a filter finds the same.
pub fn every_list_is_what_a_plain_search_finds<F: Fixture>() {
    let scans = prop_oneof![Just(3_usize), Just(2_000)];
    let cases = (any_reviews(), filters(), 1..9_usize, any::<bool>(), scans);
    check(&cases, |(all, filter, limit, of_subject, page_scan)| {
        let (runtime, fixture) = (runtime(), F::fresh());
        let store = open_scanning(&fixture, page_scan);
        create_all(&runtime, &*store, &all);
        for sort in SORTS {
            let scope = if of_subject { scope("s1") } else { Scope::All };
            let filter = filter.clone();
            let query = ReviewQuery { scope, filter, sort, limit, cursor: None };
            prop_assert_eq!(walk(&runtime, &*store, query.clone()), expected(&all, &query));
        }
        Ok(())
    });
}

pub fn pages_of_reviews_stay_right_while_others_come_and_go<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let all: Vec<Review> =
        (0..30).map(|n| review(&format!("r{n:02}"), "film", 1000 + n, n as i32 * 1000)).collect();
    create_all(&runtime, &*store, &all);
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

/// Pages may end early where few reviews pass; none of those that do is lost.
pub fn a_filter_that_few_reviews_pass_loses_none<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open_scanning(&fixture, 100);
    let mut all: Vec<Review> =
        (0..1_500).map(|n| review(&format!("r{n:04}"), "film", n, 300)).collect();
    let least = Fixed::from_micros(900_000);
    [0, 700, 1_499].iter().for_each(|n| all[*n].analysis.sentiment.score = least);
    create_all(&runtime, &*store, &all);
    let filter = ReviewFilter { min_score: Some(least), ..ReviewFilter::default() };
    let (sort, limit) = (ReviewSort::Newest, 50);
    let query = ReviewQuery { scope: scope("film"), filter, sort, limit, cursor: None };
    let found = walk(&runtime, &*store, query);
    let found: Vec<&str> = found.iter().map(|review| review.id.as_str()).collect();
    assert_eq!(found, ["r1499", "r0700", "r0000"]);
}

/// A cursor goes on after the store was closed and opened again.
pub fn a_cursor_outlives_a_restart<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let mut store = open(&fixture);
    let all: Vec<Review> = (0..5).map(|n| review(&format!("r{n}"), "film", n, 1)).collect();
    create_all(&runtime, &*store, &all);
    let filter = ReviewFilter::default();
    let sort = ReviewSort::Oldest;
    let mut query = ReviewQuery { scope: Scope::All, filter, sort, limit: 2, cursor: None };
    query.cursor = runtime.block_on(store.reviews(&query)).unwrap().next;
    runtime.block_on(store.close()).unwrap();
    drop(store);
    store = open(&fixture);
    assert_eq!(walk(&runtime, &*store, query), all[2..]);
}

/// All reviews by id, some hundred at a time, each once and in order.
pub fn all_reviews_are_there_by_id<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let all: Vec<Review> = (0..600).map(|n| review(&format!("r{n:03}"), "film", n, 1)).collect();
    create_all(&runtime, &*store, &all);
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = runtime.block_on(store.reviews_by_id(cursor.as_ref())).unwrap();
        found.extend(page.items.into_iter().map(Result::unwrap));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, all);
}
