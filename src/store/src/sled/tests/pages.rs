//! Pages that end early, and what is left in the database of requests and subjects that are gone.

use super::{open, runtime, scope};
use crate::conformance::review;
use crate::sled::{SledStore, contents_of};
use crate::{Created, Duplicate, IdempotencyKey, ReviewFilter, ReviewQuery, ReviewSort, Store};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Fingerprint, Review};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;

fn fill(runtime: &Runtime, store: &SledStore, all: &[Review]) {
    let creates = all.iter().map(|review| store.create(review.clone(), None));
    for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
        outcome.unwrap();
    }
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
    let duplicate = runtime.block_on(store.duplicate(None, key.as_ref())).unwrap();
    let Some(Duplicate::SameKey(answered)) = duplicate else { panic!("{duplicate:?}") };
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
