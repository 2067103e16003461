//! Verifying, rebuilding, and reading everything while it changes.

use super::{open, runtime};
use crate::sled::group::tests::review;
use crate::sled::{SledOptions, SledStore, cell_record, contents_of, keys, maintenance};
use crate::{Findings, Scope, Store, StoreError};
use jiff::Timestamp;
use std::path::Path;
use tokio::runtime::Runtime;

fn options(folder: &Path) -> SledOptions {
    SledOptions { free_disk_floor: 0, ..SledOptions::new(folder) }
}

fn verify(folder: &Path) -> Findings {
    maintenance::verify(&options(folder), &mut |_| {}).unwrap()
}

/// Harm done to a sound database of ten reviews is found, and a rebuild mends it.
pub fn is_found_and_mended(name: &str, harm: fn(&sled::Tree), options: &SledOptions) {
    let verify = || maintenance::verify(options, &mut |_| {}).unwrap();
    assert_eq!(verify().told, Vec::<String>::new());
    let store = SledStore::open(options).unwrap();
    let before = contents_of(&store);
    harm(&store.reader.tree);
    drop(store);
    assert!(verify().count > 0, "{name} was not found");
    let rebuilt = maintenance::rebuild(options, &mut |_| {}).unwrap();
    assert_eq!((rebuilt.reviews, rebuilt.damaged.len()), (10, 0));
    assert_eq!(verify().count, 0, "{name} was not mended");
    assert_eq!(contents_of(&SledStore::open(options).unwrap()), before, "{name}");
}

/// Ten reviews of three subjects over a month's end.
fn fill(runtime: &Runtime, store: &SledStore) {
    for n in 0..10 {
        let time = (1_706_659_200 + n * 40_000) * 1_000_000;
        let made = review(&format!("r{n}"), &format!("s{}", n % 3), time, n as i32 * 90_000);
        runtime.block_on(store.create(made, None)).unwrap();
    }
}

#[test]
fn whatever_is_wrong_is_found_and_a_rebuild_mends_it() {
    let runtime = runtime();
    type Harm = fn(&sled::Tree);
    let harms: [(&str, Harm); 9] = [
        ("a lost place", |tree| {
            let key = tree.scan_prefix("t").next().unwrap().unwrap().0;
            tree.remove(key).unwrap();
        }),
        ("a wrong place", |tree| {
            let key = tree.scan_prefix("p").next().unwrap().unwrap().0;
            tree.insert(key, b"wrong").unwrap();
        }),
        ("a stale place", |tree| {
            let id = "r0".parse().unwrap();
            let key = keys::place(&Scope::All, keys::Order::Score, 12345, &id);
            tree.insert(key, vec![]).unwrap();
        }),
        ("a place of nothing", |tree| {
            let id = "ghost".parse().unwrap();
            let key = keys::place(&Scope::All, keys::Order::Intensity, 1, &id);
            tree.insert(key, vec![]).unwrap();
        }),
        ("a lost cell", |tree| {
            let key = tree.scan_prefix("cs1").next().unwrap().unwrap().0;
            tree.remove(key).unwrap();
        }),
        ("a wrong cell", |tree| {
            let mut cells = tree.scan_prefix("c").map(Result::unwrap);
            let (one, other) = (cells.next().unwrap(), cells.last().unwrap());
            tree.insert(one.0, other.1).unwrap();
        }),
        ("a cell with a wrong time", |tree| {
            let (key, bytes) = tree.scan_prefix("c").next().unwrap().unwrap();
            let (cell, span) = cell_record::decode_cell(&key, &bytes).unwrap();
            let (first, last) = span.unwrap();
            let wrong = Some((first, last + jiff::Span::new().microseconds(1)));
            tree.insert(key, cell_record::encode_cell(&cell, wrong).unwrap()).unwrap();
        }),
        ("a cell of nothing", |tree| {
            let (_, cell) = tree.scan_prefix("c").next().unwrap().unwrap();
            tree.insert(b"cghost\x000", cell).unwrap();
        }),
        ("a lost list entry", |tree| {
            let key = tree.scan_prefix("sn").next().unwrap().unwrap().0;
            tree.remove(key).unwrap();
        }),
    ];
    for (name, harm) in harms {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        fill(&runtime, &store);
        drop(store);
        is_found_and_mended(name, harm, &options(folder.path()));
    }
}

#[test]
fn a_damaged_review_is_named_and_the_others_live_on() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
    let key = keys::record(&"r3".parse().unwrap());
    let mut bytes = store.reader.tree.get(&key).unwrap().unwrap().to_vec();
    bytes[20] ^= 1;
    store.reader.tree.insert(&key, bytes).unwrap();
    let damaged = runtime.block_on(store.get(&"r3".parse().unwrap()));
    assert!(matches!(damaged, Err(StoreError::Damaged { .. })));
    assert!(runtime.block_on(store.get(&"r4".parse().unwrap())).unwrap().is_some());
    drop(store);
    let found = verify(folder.path());
    assert_eq!((found.reviews, found.damaged), (9, 1));
    assert!(found.told[0].contains("r3"), "{:?}", found.told);
    let rebuilt = maintenance::rebuild(&options(folder.path()), &mut |_| {}).unwrap();
    assert_eq!((rebuilt.reviews, rebuilt.damaged.len()), (9, 1));
}

#[test]
fn an_interrupted_rebuild_is_finished_before_anything_else() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
    store.reader.tree.insert(keys::REBUILDING, b"1").unwrap();
    drop(store);
    let Err(StoreError::Open(message)) = SledStore::open(&options(folder.path())) else {
        panic!("a half-built database was opened");
    };
    assert!(message.contains("heartstrings rebuild"), "{message}");
    maintenance::rebuild(&options(folder.path()), &mut |_| {}).unwrap();
    open(folder.path());
}

#[test]
fn a_snapshot_is_of_one_moment() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let of = |n: usize| review(&format!("r{n:04}"), "film", n as i64, 1);
    let creates = (0..1_000).map(|n| store.create(of(n), None));
    runtime.block_on(futures_util::future::join_all(creates));
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    let mut found = runtime.block_on(snapshot.next()).unwrap();
    // Deleted, changed and added before and after the place that has been reached.
    for n in [3, 700, 999] {
        runtime.block_on(store.delete(&of(n).id)).unwrap();
    }
    for n in [4, 701] {
        runtime.block_on(store.replace(review(&format!("r{n:04}"), "book", 7, -1))).unwrap();
    }
    for id in ["r0000x", "r0900x", "z"] {
        runtime.block_on(store.create(review(id, "film", 1, 1), None)).unwrap();
    }
    // One that comes and goes, and one that goes and comes back.
    runtime.block_on(store.create(review("r0901x", "film", 1, 1), None)).unwrap();
    runtime.block_on(store.delete(&"r0901x".parse().unwrap())).unwrap();
    runtime.block_on(store.delete(&of(800).id)).unwrap();
    runtime.block_on(store.create(of(800), None)).unwrap();
    loop {
        let piece = runtime.block_on(snapshot.next()).unwrap();
        if piece.is_empty() {
            break;
        }
        found.extend(piece);
    }
    let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    let expected: Vec<_> = (0..1_000).map(of).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_new_analysis_takes_the_place_of_the_old_unless_the_review_has_changed() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
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
    assert_eq!(verify(folder.path()).count, 0);
}
