//! What cannot be read keeps nothing else from being read or removed.

use super::{open, open_scanning, rebuild_at, recount, runtime, scope, sum_of};
use crate::conformance::{review, with_text};
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::{checksums, filter_index, keys};
use crate::sled::maintain::verify;
use crate::sled::{SledOptions, SledStore, contents_of};
use crate::{
    ReviewFilter, ReviewQuery, ReviewSort, Scope, Store, StoreError, SubjectQuery, SubjectSort,
};
use heartstrings_core::review::Review;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

fn film(n: usize) -> Review {
    let made = review(&format!("r{n:03}"), "film", n as i64 * 60_000_000_000, n as i32 * 300);
    if n % 50 == 3 { with_text(made, "x".repeat(9_000)) } else { made }
}

fn book() -> Review {
    review("book", "book", 7, -300)
}

/// 300 reviews of a subject and one of another.
fn fill(runtime: &Runtime, store: &SledStore) {
    let all = (0..300).map(film).chain([book()]);
    let creates = all.map(|review| store.create(review, None));
    for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
        outcome.unwrap();
    }
}

fn damage(store: &SledStore, review: &Review) {
    let key = keys::record(&review.id);
    let mut bytes = store.reader.tree.get(&key).unwrap().unwrap().to_vec();
    bytes[20] ^= 1;
    store.reader.tree.insert(&key, bytes).unwrap();
}

fn ids(runtime: &Runtime, store: &SledStore, scope: Scope, sort: ReviewSort) -> Vec<String> {
    let filter = ReviewFilter::default();
    let mut query = ReviewQuery { scope, filter, sort, limit: 50, cursor: None };
    let mut found = Vec::new();
    loop {
        let page = runtime.block_on(store.reviews(&query)).unwrap();
        found.extend(page.items.into_iter().map(|review| review.id.to_string()));
        query.cursor = page.next;
        if query.cursor.is_none() {
            found.sort();
            return found;
        }
    }
}

#[test]
fn a_damaged_review_is_left_out_of_lists_and_counted() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
    let gone = [0, 53, 100, 299];
    gone[..3].iter().for_each(|n| damage(&store, &film(*n)));
    store.reader.tree.remove(keys::record(&film(299).id)).unwrap();
    let expected: Vec<String> =
        (0..300).filter(|n| !gone.contains(n)).map(|n| film(n).id.to_string()).collect();
    for sort in [ReviewSort::Newest, ReviewSort::MostPositive, ReviewSort::MostIntense] {
        assert_eq!(ids(&runtime, &store, scope("film"), sort), expected);
    }
    assert_eq!(store.statistics().left_out, 3 * 4);
    let direct = runtime.block_on(store.get(&film(53).id)).unwrap_err();
    assert!(matches!(&direct, StoreError::Damaged { what, .. } if what.contains("r053")));
}

#[test]
fn a_damaged_subject_is_left_out_of_lists() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
    let key = keys::cells(&scope("film"), heartstrings_core::aggregate::Level::Total);
    store.reader.tree.insert(key, b"nonsense").unwrap();
    let sort = SubjectSort::Name;
    let query = SubjectQuery { prefix: String::new(), sort, limit: 10, cursor: None };
    let page = runtime.block_on(store.subjects(&query)).unwrap();
    let names: Vec<&str> = page.items.iter().map(|item| item.subject.as_str()).collect();
    assert_eq!(names, ["book"]);
}

/// Records that are damaged, missing, or long and damaged, and an entry without sense: the
/// subject goes with all of them, and what is left is what a recount makes.
#[test]
fn a_subject_with_damaged_reviews_goes_like_any_other() {
    goes(2_000, &BTreeMap::new());
}

/// Likewise from the lists by label, emotion and source, in which only the other subject's is left.
#[test]
fn a_listed_subject_with_damaged_reviews_goes_like_any_other() {
    let fields = IndexedFields::of(&book());
    let places = filter_index::places(&Scope::All, &book().id, &fields).into_iter();
    let mut left: BTreeMap<_, _> = places.map(|key| (key, fields.encode().unwrap())).collect();
    left.insert(filter_index::mark(&Scope::All), vec![]);
    goes(100, &left);
}

fn goes(page_scan: usize, left: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open_scanning(folder.path(), page_scan);
    fill(&runtime, &store);
    for n in 0..290 {
        damage(&store, &film(n));
    }
    store.reader.tree.remove(keys::record(&film(295).id)).unwrap();
    // A stale entry names a review of another subject, which keeps it.
    let order = keys::Order::Time;
    let stale = keys::place(&scope("film"), order, -5, &book().id);
    store.reader.tree.insert(stale, vec![]).unwrap();
    let film = "film".parse().unwrap();
    let mut steps = 0;
    while runtime.block_on(store.delete_some(&film)).unwrap().more {
        steps += 1;
        assert!(steps < 3, "it does not end");
    }
    let mut expected = recount(&BTreeMap::from([(book().id, book())]));
    expected.extend(left.clone());
    assert_eq!(contents_of(&store), expected);
    let again = runtime.block_on(store.delete_some(&film)).unwrap();
    assert_eq!((again.reviews, again.more), (0, false));
    // What the damaged ones had added to the sum of the checksums nobody knows.
    assert_eq!(checksums::stored(&store.reader.tree).unwrap(), None);
    assert_eq!(verify::verify(&store.reader, &mut |_| {}).told, Vec::<String>::new());
    drop(store);
    rebuild_at(&SledOptions::new(folder.path())).unwrap();
    let sum = checksums::stored(&open(folder.path()).reader.tree).unwrap();
    assert_eq!(sum, Some(sum_of(&BTreeMap::from([(book().id, book())]))));
}
