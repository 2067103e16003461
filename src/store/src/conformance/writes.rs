//! Each write happens once, and is there when its reply says so.

use super::{Fixture, create_all, open, review, runtime, scope};
use crate::{Created, Duplicate, IdempotencyKey, Replaced, StoreError};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::{Fingerprint, Review};
use jiff::{SignedDuration, Timestamp};

/// A review that was received at a time.
fn received(id: &str, at: Timestamp) -> Review {
    Review { received_at: at, ..review(id, "film", 0, 1) }
}

pub fn duplicates_at_the_same_time_are_stored_once<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let creates = (0..50).map(|_| store.create(review("one", "film", 0, 100_000), None));
    let outcomes = runtime.block_on(futures_util::future::join_all(creates));
    let new = outcomes.iter().filter(|o| matches!(o, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    let totals = runtime.block_on(store.totals(&scope("film"), DateRange::default()));
    assert_eq!(totals.unwrap().unwrap().cell.reviews(), 1);
}

pub fn a_request_that_comes_again_makes_one_review<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let mut store = open(&fixture);
    let key = Some(IdempotencyKey([9; 16]));
    let now = Timestamp::now();
    let together = (0..20).map(|n| store.create(received(&format!("r{n}"), now), key));
    let outcomes = runtime.block_on(futures_util::future::join_all(together));
    let new = outcomes.iter().filter(|o| matches!(o, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    // It is remembered over a restart, with what it said, and another key is another request.
    drop(store);
    store = open(&fixture);
    let duplicate = runtime.block_on(store.duplicate(None, key.as_ref())).unwrap();
    let Some(Duplicate::SameKey(answered)) = duplicate else { panic!("{duplicate:?}") };
    assert_eq!(answered.fingerprint, Fingerprint([7; 16]));
    let other = store.create(received("other", now), Some(IdempotencyKey([8; 16])));
    assert!(matches!(runtime.block_on(other), Ok(Created::New(_))));
    // After a day it is forgotten, and leaves nothing behind.
    let later = now + SignedDuration::from_hours(25);
    let again = runtime.block_on(store.create(received("later", later), key)).unwrap();
    assert!(matches!(again, Created::New(_)));
}

pub fn what_waits_is_written_before_the_store_closes<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let creates = (0..20).map(|n| store.create(review(&format!("r{n}"), "film", n, 1), None));
    let (outcomes, closed) = runtime.block_on(async {
        futures_util::future::join(futures_util::future::join_all(creates), store.close()).await
    });
    closed.unwrap();
    let written = outcomes.iter().filter(|o| o.is_ok()).count() as u64;
    assert_eq!(written, 20);
    let late = runtime.block_on(store.delete(&"r0".parse().unwrap()));
    assert!(matches!(late, Err(StoreError::Closed)));
    drop(store);
    let store = open(&fixture);
    let totals = runtime.block_on(store.totals(&scope("film"), DateRange::default()));
    assert_eq!(totals.unwrap().unwrap().cell.reviews(), 20);
}

pub fn a_new_analysis_takes_the_place_of_the_old_unless_the_review_has_changed<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let some: Vec<_> = (0..3).map(|n| review(&format!("r{n}"), "film", n, 1)).collect();
    create_all(&runtime, &*store, &some);
    let id = "r1".parse().unwrap();
    let old = runtime.block_on(store.get(&id)).unwrap().unwrap();
    let mut analysis = old.analysis.clone();
    analysis.model = "test-2".into();
    let now = Timestamp::from_second(2_000_000_000).unwrap();
    let put = |expected| store.reanalyze(&id, expected, analysis.clone(), now);
    assert!(!runtime.block_on(put(now)).unwrap());
    assert!(runtime.block_on(put(old.updated_at)).unwrap());
    assert!(!runtime.block_on(put(old.updated_at)).unwrap(), "it has changed since");
    let new = runtime.block_on(store.get(&id)).unwrap().unwrap();
    assert_eq!((new.analysis.model.as_str(), new.updated_at), ("test-2", now));
    assert_eq!(new.received_at, old.received_at);
    drop(store);
    let found = fixture.maintenance().verify(&mut |_| {}).unwrap();
    assert_eq!(found.told, Vec::<String>::new());
}

/// The look-up before a write finds what was there: by key, else by id, and by neither nothing.
pub fn a_duplicate_is_found_by_key_and_by_id<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let (key, other) = (IdempotencyKey([1; 16]), IdempotencyKey([2; 16]));
    let one = received("one", Timestamp::from_microsecond(now_micros()).unwrap());
    runtime.block_on(store.create(one.clone(), Some(key))).unwrap();
    let find = |id: Option<&str>, key: Option<IdempotencyKey>| {
        let id = id.map(|id| id.parse().unwrap());
        runtime.block_on(store.duplicate(id.as_ref(), key.as_ref())).unwrap()
    };
    let by_id = Some(Duplicate::SameId(one.clone()));
    assert_eq!(find(Some("one"), None), by_id);
    assert_eq!(find(Some("one"), Some(other)), by_id);
    let by_key = find(Some("two"), Some(key));
    assert!(matches!(&by_key, Some(Duplicate::SameKey(answered)) if answered.review == one));
    assert_eq!(find(Some("two"), Some(other)), None);
    assert_eq!(find(None, None), None);
    let again = runtime.block_on(store.create(received("one", one.received_at), None)).unwrap();
    assert_eq!(again, Created::Duplicate(Duplicate::SameId(one.clone())));
    // The key goes with its review.
    assert!(runtime.block_on(store.delete(&one.id)).unwrap());
    assert_eq!(find(Some("one"), Some(key)), None);
}

fn now_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

/// A replacement keeps the time at which the first one was received, and moves between subjects.
pub fn a_replacement_takes_the_place_of_the_old<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let first = review("one", "film", 5, 1);
    let outcome = runtime.block_on(store.replace(first.clone())).unwrap();
    assert_eq!(outcome, Replaced::New(first.clone()));
    let second = review("one", "book", 7, -1);
    let expected = Review { received_at: first.received_at, ..second.clone() };
    let outcome = runtime.block_on(store.replace(second)).unwrap();
    assert_eq!(outcome, Replaced::Replaced(expected.clone()));
    assert_eq!(runtime.block_on(store.get(&first.id)).unwrap(), Some(expected));
    let all = DateRange::default();
    assert_eq!(runtime.block_on(store.totals(&scope("film"), all)).unwrap(), None);
    assert!(runtime.block_on(store.totals(&scope("book"), all)).unwrap().is_some());
}

/// What was written is there after a restart, and what was deleted is not.
pub fn writes_outlive_a_restart<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let (one, two) = (review("one", "film", 5, 1), review("two", "film", 6, 1));
    create_all(&runtime, &*store, &[one.clone(), two.clone()]);
    assert!(runtime.block_on(store.delete(&two.id)).unwrap());
    assert!(!runtime.block_on(store.delete(&two.id)).unwrap(), "it is gone");
    runtime.block_on(store.close()).unwrap();
    drop(store);
    let store = open(&fixture);
    assert_eq!(runtime.block_on(store.get(&one.id)).unwrap(), Some(one));
    assert_eq!(runtime.block_on(store.get(&two.id)).unwrap(), None);
}
