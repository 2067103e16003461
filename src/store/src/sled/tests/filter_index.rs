//! Lists by label, emotion and source: which scopes have them, and that they are right.

use super::maintenance::is_found_and_mended;
use super::{Step, open_scanning, rebuild_at, recount, runtime, scanning, scope, steps, verify_at};
use crate::conformance::review;
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::filter_index;
use crate::sled::layout::keys::{self, Order};
use crate::sled::{SledStore, contents_of};
use crate::{Cursor, ReviewFilter, ReviewQuery, ReviewSort, Scope, Store};
use heartstrings_core::analysis::Label;
use heartstrings_core::review::{Review, ReviewId};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

/// Entries that a page looks at here.
const SCAN: usize = 2;

fn create(runtime: &Runtime, store: &SledStore, all: impl IntoIterator<Item = Review>) {
    let creates = all.into_iter().map(|review| store.create(review, None));
    for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
        outcome.unwrap();
    }
}

fn is_marked(store: &SledStore, scope: &Scope) -> bool {
    store.reader.has_filter_index(scope).unwrap()
}

fn format(store: &SledStore) -> Vec<u8> {
    store.reader.tree.get(keys::FORMAT).unwrap().unwrap().to_vec()
}

/// One review more than a page looks at, and then some.
fn some(count: i64) -> Vec<Review> {
    (0..count).map(|n| review(&format!("r{n:04}"), "film", n, 300)).collect()
}

/// Ids of a page, and its cursor.
fn page(
    runtime: &Runtime,
    store: &SledStore,
    query: &ReviewQuery,
) -> (Vec<String>, Option<Cursor>) {
    let page = runtime.block_on(store.reviews(query)).unwrap();
    (page.items.into_iter().map(|review| review.id.to_string()).collect(), page.next)
}

fn by_label(limit: usize) -> ReviewQuery {
    let filter = ReviewFilter { label: Some(Label::Positive), ..ReviewFilter::default() };
    ReviewQuery { scope: scope("film"), filter, sort: ReviewSort::Oldest, limit, cursor: None }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// After any history the scopes that have outgrown a page have these lists, and nothing is in them
    /// but what a recount puts there; when all reviews go, so do the lists.
    #[test]
    fn after_any_history_they_equal_a_recount(steps in steps()) {
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let mut store = open_scanning(folder.path(), SCAN);
        let mut model: BTreeMap<ReviewId, Review> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Create(review) => {
                    runtime.block_on(store.create(review.clone(), None)).unwrap();
                    model.entry(review.id.clone()).or_insert(review);
                }
                Step::Replace(mut review) => {
                    runtime.block_on(store.replace(review.clone())).unwrap();
                    let old = model.get(&review.id);
                    review.received_at = old.map_or(review.received_at, |old| old.received_at);
                    model.insert(review.id.clone(), review);
                }
                Step::Delete(id) => {
                    runtime.block_on(store.delete(&id)).unwrap();
                    model.remove(&id);
                }
                Step::Reopen => {
                    drop(store);
                    store = open_scanning(folder.path(), SCAN);
                }
            }
        }
        let mut expected = recount(&model);
        let scopes = ["s0", "s1", "s2"].map(scope).into_iter().chain([Scope::All]);
        for scope in scopes {
            let of_scope = |review: &&Review| match &scope {
                Scope::All => true,
                Scope::Subject(subject) => review.content.subject == *subject,
            };
            let reviews: Vec<_> = model.values().filter(of_scope).collect();
            // One that has shrunk since keeps them.
            prop_assert!(reviews.len() <= SCAN || is_marked(&store, &scope));
            prop_assert!(!reviews.is_empty() || !is_marked(&store, &scope));
            if is_marked(&store, &scope) {
                expected.insert(filter_index::mark(&scope), vec![]);
                for review in reviews {
                    let fields = IndexedFields::of(review);
                    for place in filter_index::places(&scope, &review.id, &fields) {
                        expected.insert(place, fields.encode().unwrap());
                    }
                }
            }
        }
        prop_assert_eq!(contents_of(&store), expected);
        drop(store);
        let found = verify_at(&scanning(folder.path(), SCAN)).unwrap();
        prop_assert_eq!(found.told, Vec::<String>::new());
        let store = open_scanning(folder.path(), SCAN);
        for id in model.keys() {
            runtime.block_on(store.delete(id)).unwrap();
        }
        prop_assert_eq!(contents_of(&store), BTreeMap::new());
    }
}

#[test]
fn a_filter_that_few_pass_gives_a_full_page() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open_scanning(folder.path(), 100);
    let mut all = some(3_000);
    let rare: Vec<String> = (0..3_000).step_by(500).map(|n| format!("r{n:04}")).collect();
    for review in all.iter_mut().filter(|review| rare.contains(&review.id.to_string())) {
        review.content.source = Some("rare".into());
        review.analysis.sentiment.label = Label::Mixed;
        review.analysis.emotions.present = 1 << 7;
    }
    all.chunks(500).for_each(|some| create(&runtime, &store, some.to_vec()));
    let none = ReviewFilter::default;
    let filters = [
        ReviewFilter { label: Some(Label::Mixed), ..none() },
        ReviewFilter { emotion: Some(7), ..none() },
        ReviewFilter { source: Some("rare".into()), ..none() },
        // The rarer one of two is read.
        ReviewFilter { label: Some(Label::Mixed), source: Some("rare".into()), ..none() },
        ReviewFilter { label: Some(Label::Mixed), emotion: Some(7), ..none() },
    ];
    let sorts = [ReviewSort::Newest, ReviewSort::Oldest, ReviewSort::MostIntense];
    for filter in filters {
        for sort in sorts {
            for scope in [scope("film"), Scope::All] {
                let filter = filter.clone();
                let query = ReviewQuery { scope, filter, sort, limit: 50, cursor: None };
                let (mut found, cursor) = page(&runtime, &store, &query);
                found.sort();
                assert_eq!((found, cursor), (rare.clone(), None), "{query:?}");
            }
        }
    }
}

#[test]
fn the_rarest_of_what_is_asked_for_is_read() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open_scanning(folder.path(), 100);
    // All are positive and of one source, and few show this emotion.
    let mut all = some(2_000);
    all.iter_mut().step_by(40).for_each(|review| review.analysis.emotions.present = 1 << 7);
    all.chunks(500).for_each(|some| create(&runtime, &store, some.to_vec()));
    for (emotion, count) in [(7, 50), (8, 0)] {
        let filter = ReviewFilter {
            label: Some(Label::Positive),
            emotion: Some(emotion),
            source: Some("test".into()),
            ..ReviewFilter::default()
        };
        let query = ReviewQuery { filter, sort: ReviewSort::Newest, ..by_label(200) };
        let (found, cursor) = page(&runtime, &store, &query);
        assert_eq!((found.len(), cursor), (count, None));
    }
}

#[test]
fn a_cursor_goes_on_when_the_lists_come_in_between() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open_scanning(folder.path(), 8);
    create(&runtime, &store, some(6));
    let (first, cursor) = page(&runtime, &store, &by_label(3));
    assert!(!is_marked(&store, &scope("film")));
    create(&runtime, &store, some(20));
    assert!(is_marked(&store, &scope("film")));
    let (second, _) = page(&runtime, &store, &ReviewQuery { cursor, ..by_label(3) });
    assert_eq!([first, second].concat(), ["r0000", "r0001", "r0002", "r0003", "r0004", "r0005"]);
}

/// What an earlier release has made large is left as it is until a rebuild, however long that takes.
#[test]
fn a_large_subject_of_before_gets_its_lists_by_a_rebuild() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let all = some(600);
    let store = open_scanning(folder.path(), 2_000);
    create(&runtime, &store, all);
    assert_eq!(format(&store), b"1");
    drop(store);
    let store = open_scanning(folder.path(), 20);
    create(&runtime, &store, [review("one-more", "film", 601, 300)]);
    assert!(!is_marked(&store, &scope("film")));
    let mut query = by_label(200);
    let (first, cursor) = page(&runtime, &store, &query);
    assert_eq!(first.len(), 20, "it is looked through as before");
    drop(store);
    let rebuilt = rebuild_at(&scanning(folder.path(), 20)).unwrap();
    assert_eq!(rebuilt.reviews, 601);
    let found = verify_at(&scanning(folder.path(), 20)).unwrap();
    assert_eq!(found.told, Vec::<String>::new());
    let store = open_scanning(folder.path(), 20);
    assert!(is_marked(&store, &scope("film")) && is_marked(&store, &Scope::All));
    // A release that knows nothing of these lists must not write to it.
    assert_eq!(format(&store), b"2");
    query.cursor = cursor;
    let (second, _) = page(&runtime, &store, &query);
    assert_eq!(second.first().map(String::as_str), Some("r0020"), "a cursor of before goes on");
}

#[test]
fn whatever_is_wrong_in_them_is_found_and_a_rebuild_mends_it() {
    let runtime = runtime();
    type Harm = fn(&sled::Tree);
    let harms: [(&str, Harm); 5] = [
        ("a lost entry", |tree| {
            let key = tree.scan_prefix("ffilm").next().unwrap().unwrap().0;
            tree.remove(key).unwrap();
        }),
        ("a wrong entry", |tree| {
            let key = tree.scan_prefix("ffilm").next().unwrap().unwrap().0;
            tree.insert(key, b"wrong").unwrap();
        }),
        ("an entry in a list of something else", |tree| {
            let (key, fields) = tree.scan_prefix("ffilm").next().unwrap().unwrap();
            let place = key.iter().position(|byte| *byte == 0).unwrap();
            let other = filter_index::ordered(
                &scope("film"),
                Order::Time,
                filter_index::Facet::Emotion(20),
            );
            tree.insert([&other, &key[place + 8..]].concat(), fields).unwrap();
        }),
        ("an entry of a review that is gone", |tree| {
            let (_, fields) = tree.scan_prefix("tfilm").next().unwrap().unwrap();
            let ghost: ReviewId = "ghost".parse().unwrap();
            let fields = IndexedFields::decode(&ghost, &fields).unwrap();
            for key in filter_index::places(&Scope::All, &ghost, &fields) {
                tree.insert(key, fields.encode().unwrap()).unwrap();
            }
        }),
        ("a lost mark", |tree| drop(tree.remove(filter_index::mark(&scope("film"))).unwrap())),
    ];
    for (name, harm) in harms {
        let folder = tempfile::tempdir().unwrap();
        let store = open_scanning(folder.path(), SCAN);
        create(&runtime, &store, some(10));
        drop(store);
        is_found_and_mended(name, harm, &scanning(folder.path(), SCAN));
    }
}
