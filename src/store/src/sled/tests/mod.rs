//! What is in the database itself, and what becomes of it when it is damaged. What every store
//! promises is in [`crate::conformance`].

mod conformance;
mod damaged;
mod filter_index;
mod groups;
mod long;
mod loss;
mod maintenance;
mod pages;

use super::layout::entry::IndexedFields;
use super::layout::{
    cell, cell_keys, checksums, chunks, keys, review as review_record, sort_index,
};
use super::maintain::SledMaintenance;
use super::{SledOptions, SledStore, contents_of};
use crate::conformance::Fixture;
use crate::conformance::history::{Step, steps};
use crate::conformance::review;
use crate::conformance::totals::check_totals;
use crate::{
    Created, Duplicate, Findings, Maintenance, OpenError, Rebuilt, Replaced, Scope, Store,
    StoreError, StoreSettings, StoreUrl,
};
use heartstrings_core::aggregate::{Cell, Contribution, Level};
use heartstrings_core::review::{Review, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use tokio::runtime::Runtime;

/// A folder for a database.
struct Folder(tempfile::TempDir);

impl Fixture for Folder {
    fn fresh() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn settings(&self) -> StoreSettings {
        let url = StoreUrl::Sled(self.0.path().join("data"));
        StoreSettings { free_disk_floor: 0, ..StoreSettings::new(url) }
    }
}

fn verify_at(options: &SledOptions) -> Result<Findings, StoreError> {
    SledMaintenance::new(options.clone()).verify(&mut |_| {})
}

fn rebuild_at(options: &SledOptions) -> Result<Rebuilt, StoreError> {
    SledMaintenance::new(options.clone()).rebuild(&mut |_| {})
}

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

fn scope(subject: &str) -> Scope {
    Scope::Subject(subject.parse().unwrap())
}

/// The sum of the checksums that the store should hold for these reviews.
fn sum_of(reviews: &BTreeMap<ReviewId, Review>) -> u64 {
    let records = reviews.values().map(|review| review_record::encode(review).unwrap());
    records.map(|record| u64::from(review_record::checksum(&record).unwrap())).sum()
}

/// Every key and value that the store should hold for these reviews, the database's own settings
/// apart: a recount.
fn recount(reviews: &BTreeMap<ReviewId, Review>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut expected = BTreeMap::new();
    let mut sums: BTreeMap<Vec<u8>, Cell> = BTreeMap::new();
    let mut times: BTreeMap<Vec<u8>, Vec<Timestamp>> = BTreeMap::new();
    for review in reviews.values() {
        let bytes = review_record::encode(review).unwrap();
        expected.extend(chunks::split(&review.id, bytes).unwrap());
        let fields = IndexedFields::of(review);
        for key in sort_index::places_of(&review.content.subject, &review.id, &fields) {
            expected.insert(key, fields.encode().unwrap());
        }
        let contribution = Contribution::of(&review.analysis, review.content.rating);
        for key in cell_keys::keys_of(review) {
            times.entry(key.clone()).or_default().push(review.written_at);
            sums.entry(key).or_default().add(&contribution);
        }
    }
    for review in reviews.values() {
        let subject = &review.content.subject;
        let of_subject = reviews.values().filter(|r| r.content.subject == *subject);
        let last = of_subject.map(|r| r.written_at).max();
        let total = keys::cell(&Scope::Subject(subject.clone()), Level::Total, Date::default());
        for key in cell_keys::list_entries(subject, &sums[&total], last) {
            expected.insert(key, vec![]);
        }
    }
    for (key, cell) in sums {
        let span = (*times[&key].iter().min().unwrap(), *times[&key].iter().max().unwrap());
        expected.insert(key, cell::encode(&cell, Some(span)).unwrap());
    }
    expected
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
                        Some(old) => prop_assert_eq!(created, Created::Duplicate(Duplicate::SameId(old.clone()))),
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

#[test]
fn a_second_process_gets_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path());
    let Err(StoreError::Open(error)) = SledStore::open(&SledOptions::new(folder.path())) else {
        panic!("a database was opened twice");
    };
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(error.to_string().contains("open in another process"), "{error}");
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
    let Err(StoreError::Open(error)) = SledStore::open(&SledOptions::new(folder.path())) else {
        panic!("a damaged database was opened");
    };
    assert!(matches!(error, OpenError::Unreadable { .. }));
    assert!(error.to_string().contains("Nothing was deleted"), "{error}");
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
