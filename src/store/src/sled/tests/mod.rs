//! What the store promises, tried against a plain list of reviews.

mod care;
mod damaged;
mod facets;
mod groups;
mod lists;
mod long;
mod loss;

use super::group::tests::review;
use super::index::{self, Traits};
use super::{
    SledOptions, SledStore, cell_record, cells, checksums, contents_of, keys, parts, record,
};
use crate::{Created, Replaced, Scope, Store, StoreError, SubjectQuery, SubjectSort, Totals};
use heartstrings_core::aggregate::{Cell, Contribution, DateRange, Level, day_of};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn open(path: &Path) -> SledStore {
    SledStore::open(&SledOptions { free_disk_floor: 0, ..SledOptions::new(path) }).unwrap()
}

/// A store whose pages look at so many entries: more reviews have lists by label, emotion and source.
fn open_scanning(path: &Path, page_scan: usize) -> SledStore {
    SledStore::open(&scanning(path, page_scan)).unwrap()
}

fn scanning(path: &Path, page_scan: usize) -> SledOptions {
    SledOptions { free_disk_floor: 0, page_scan, ..SledOptions::new(path) }
}

fn with_text(mut review: Review, text: String) -> Review {
    review.content.text = text.parse().unwrap();
    review
}

fn scope(subject: &str) -> Scope {
    Scope::Subject(subject.parse().unwrap())
}

/// The sum of the checksums that the store should hold for these reviews.
fn sum_of(reviews: &BTreeMap<ReviewId, Review>) -> u64 {
    let records = reviews.values().map(|review| record::encode_review(review).unwrap());
    records.map(|record| u64::from(record::checksum(&record).unwrap())).sum()
}

/// Every key and value that the store should hold for these reviews, the database's own settings
/// apart: a recount.
fn recount(reviews: &BTreeMap<ReviewId, Review>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut expected = BTreeMap::new();
    let mut sums: BTreeMap<Vec<u8>, Cell> = BTreeMap::new();
    let mut times: BTreeMap<Vec<u8>, Vec<Timestamp>> = BTreeMap::new();
    for review in reviews.values() {
        let bytes = record::encode_review(review).unwrap();
        expected.extend(parts::split(&review.id, bytes).unwrap());
        let traits = Traits::of(review);
        for key in index::places_of(&review.content.subject, &review.id, &traits) {
            expected.insert(key, traits.encode().unwrap());
        }
        let contribution = Contribution::of(&review.analysis, review.content.rating);
        for key in cells::keys_of(review) {
            times.entry(key.clone()).or_default().push(review.written_at);
            sums.entry(key).or_default().add(&contribution);
        }
    }
    for review in reviews.values() {
        let subject = &review.content.subject;
        let of_subject = reviews.values().filter(|r| r.content.subject == *subject);
        let last = of_subject.map(|r| r.written_at).max();
        let total = keys::cell(&Scope::Subject(subject.clone()), Level::Total, Date::default());
        for key in cells::list_entries(subject, &sums[&total], last) {
            expected.insert(key, vec![]);
        }
    }
    for (key, cell) in sums {
        let span = (*times[&key].iter().min().unwrap(), *times[&key].iter().max().unwrap());
        expected.insert(key, cell_record::encode_cell(&cell, Some(span)).unwrap());
    }
    expected
}

#[derive(Clone, Debug)]
enum Step {
    Create(Review),
    Replace(Review),
    Delete(ReviewId),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Few ids and subjects, so that they meet often; days around a month's end.
    // Now and then a text that takes several values.
    let length = prop_oneof![4 => Just(1), 1 => 1..20_000usize];
    let one = (0..8u8, 0..3u8, -40..40i64, -1_000_000..1_000_000i32, length).prop_map(
        |(id, subject, day, score, length)| {
            let time = (1_706_659_200 + day * 40_000) * 1_000_000;
            let made = review(&format!("r{id}"), &format!("s{subject}"), time, score);
            with_text(made, "x".repeat(length))
        },
    );
    let step = (one, 0..20u8).prop_map(|(review, kind)| match kind {
        0..9 => Step::Create(review),
        9..13 => Step::Replace(review),
        13..19 => Step::Delete(review.id),
        _ => Step::Reopen,
    });
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// After any history, with restarts in it, the database is byte for byte what a recount of
    /// the reviews makes; and when all are deleted, nothing is left.
    #[test]
    fn any_history_equals_a_recount(steps in steps(), together in any::<bool>()) {
        let runtime = runtime();
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut model: BTreeMap<ReviewId, Review> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Create(review) => {
                    let created = runtime.block_on(store.create(review.clone(), None)).unwrap();
                    match model.get(&review.id) {
                        Some(old) => prop_assert_eq!(created, Created::Existing(old.clone())),
                        None => {
                            prop_assert_eq!(created, Created::New(review.clone()));
                            model.insert(review.id.clone(), review);
                        }
                    }
                }
                Step::Replace(mut review) => {
                    let replaced = runtime.block_on(store.replace(review.clone())).unwrap();
                    let old = model.get(&review.id).cloned();
                    if let Some(old) = &old {
                        review.received_at = old.received_at;
                    }
                    let expected = match old {
                        Some(_) => Replaced::Replaced(review.clone()),
                        None => Replaced::New(review.clone()),
                    };
                    prop_assert_eq!(replaced, expected);
                    model.insert(review.id.clone(), review);
                }
                Step::Delete(id) => {
                    let found = runtime.block_on(store.delete(&id)).unwrap();
                    prop_assert_eq!(found, model.remove(&id).is_some());
                }
                Step::Reopen => {
                    drop(store);
                    store = open(folder.path());
                }
            }
        }
        prop_assert_eq!(contents_of(&store), recount(&model));
        prop_assert_eq!(checksums::stored(&store.reader.tree).unwrap(), Some(sum_of(&model)));
        check_totals(&runtime, &store, &model)?;
        let deletes = model.keys().map(|id| store.delete(id));
        if together {
            // One group of the writer.
            runtime.block_on(futures_util::future::join_all(deletes));
        } else {
            for delete in deletes {
                runtime.block_on(delete).unwrap();
            }
        }
        prop_assert_eq!(contents_of(&store), BTreeMap::new());
        prop_assert_eq!(checksums::stored(&store.reader.tree).unwrap(), Some(0));
    }
}

fn check_totals(
    runtime: &Runtime,
    store: &SledStore,
    model: &BTreeMap<ReviewId, Review>,
) -> Result<(), TestCaseError> {
    let date = |text: &str| Some(text.parse::<Date>().unwrap());
    let ranges = [
        DateRange::default(),
        DateRange { from: date("2024-01-20"), to: date("2024-02-10") },
        DateRange { from: date("2024-02-01"), to: None },
        DateRange { from: None, to: date("2024-01-31") },
        DateRange { from: date("2024-02-01"), to: date("2024-01-01") },
    ];
    for subject in ["s0", "s1", "s2"] {
        let known: Vec<&Review> =
            model.values().filter(|r| r.content.subject.as_str() == subject).collect();
        for range in ranges {
            let totals = runtime.block_on(store.totals(&scope(subject), range)).unwrap();
            let within: Vec<&&Review> = known
                .iter()
                .filter(|r| range.from.is_none_or(|from| day_of(r.written_at) >= from))
                .filter(|r| range.to.is_none_or(|to| day_of(r.written_at) < to))
                .collect();
            let mut cell = Cell::default();
            within.iter().for_each(|r| cell.add(&Contribution::of(&r.analysis, r.content.rating)));
            let first = within.iter().map(|r| r.written_at).min();
            let last = within.iter().map(|r| r.written_at).max();
            let expected = (!known.is_empty()).then(|| Totals { cell, span: first.zip(last) });
            prop_assert_eq!(totals, expected);
        }
    }
    Ok(())
}

#[test]
fn duplicates_at_the_same_time_are_stored_once() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let creates = (0..50).map(|_| store.create(review("one", "film", 0, 100_000), None));
    let outcomes = runtime.block_on(futures_util::future::join_all(creates));
    let new = outcomes.iter().filter(|o| matches!(o, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    let totals = runtime.block_on(store.totals(&scope("film"), DateRange::default()));
    assert_eq!(totals.unwrap().unwrap().cell.reviews(), 1);
}

#[test]
fn pages_hold_every_subject_once_while_others_come_and_go() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let add = |id: String, subject: String| {
        let made = review(&id, &subject, 0, 1);
        runtime.block_on(store.create(made, None)).unwrap();
    };
    (0..25).for_each(|n| add(format!("r{n}"), format!("s{n:02}")));
    for sort in [SubjectSort::Name, SubjectSort::Reviews, SubjectSort::Recent] {
        let mut query = SubjectQuery { prefix: "s".into(), sort, limit: 7, cursor: None };
        let mut seen = Vec::new();
        loop {
            let page = runtime.block_on(store.subjects(&query)).unwrap();
            seen.extend(page.items.into_iter().map(|item| item.subject.to_string()));
            // Something new before the cursor, and something gone after it.
            add(format!("extra{}-{sort:?}", seen.len()), "a-new-one".into());
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        let expected: Vec<String> = (0..25).map(|n| format!("s{n:02}")).collect();
        assert_eq!(seen, expected, "{sort:?}");
    }
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    for name in ["a", "b"] {
        runtime.block_on(store.create(review(name, name, 0, 1), None)).unwrap();
    }
    let mut query =
        SubjectQuery { prefix: String::new(), sort: SubjectSort::Name, limit: 1, cursor: None };
    query.cursor = runtime.block_on(store.subjects(&query)).unwrap().next;
    assert!(query.cursor.is_some());
    query.sort = SubjectSort::Reviews;
    let refused = runtime.block_on(store.subjects(&query));
    assert!(matches!(refused, Err(StoreError::BadCursor)));
}

#[test]
fn a_second_process_gets_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path());
    let Err(StoreError::Open(message)) = SledStore::open(&SledOptions::new(folder.path())) else {
        panic!("a database was opened twice");
    };
    assert!(message.contains("open in another process"), "{message}");
}

#[test]
fn a_damaged_database_gets_a_sentence_and_is_left_alone() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    runtime.block_on(store.create(review("r", "film", 0, 1), None)).unwrap();
    drop(store);
    let log = folder.path().join("db");
    let nonsense = vec![7; std::fs::metadata(&log).unwrap().len() as usize];
    std::fs::write(&log, &nonsense).unwrap();
    let Err(StoreError::Open(message)) = SledStore::open(&SledOptions::new(folder.path())) else {
        panic!("a damaged database was opened");
    };
    for next in ["Nothing was deleted", "heartstrings restore", "backup", "verify"] {
        assert!(message.contains(next), "{message}");
    }
    let left = std::fs::read(&log).unwrap();
    assert!(left == nonsense, "the damaged log was written to");
}

#[test]
fn a_full_disk_refuses_reviews_and_takes_deletes() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    runtime.block_on(store.create(review("r", "film", 0, 1), None)).unwrap();
    drop(store);
    let full = SledOptions { free_disk_floor: u64::MAX, ..SledOptions::new(folder.path()) };
    let store = SledStore::open(&full).unwrap();
    let refused = runtime.block_on(store.create(review("s", "film", 0, 1), None));
    assert!(matches!(refused, Err(StoreError::DiskFull(_))));
    let id = "r".parse().unwrap();
    assert!(runtime.block_on(store.get(&id)).unwrap().is_some());
    assert!(runtime.block_on(store.delete(&id)).unwrap());
}

#[test]
fn what_waits_is_written_before_the_store_closes() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
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
    let store = open(folder.path());
    let totals = runtime.block_on(store.totals(&scope("film"), DateRange::default()));
    assert_eq!(totals.unwrap().unwrap().cell.reviews(), 20);
}
