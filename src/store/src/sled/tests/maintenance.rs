//! Verifying, rebuilding, and reading everything while it changes.

use super::{open, rebuild_at, runtime, verify_at};
use crate::conformance::review;
use crate::sled::layout::{cell, keys};
use crate::sled::{SledOptions, SledStore, contents_of};
use crate::{Findings, OpenError, Scope, Store, StoreError};
use std::path::Path;
use tokio::runtime::Runtime;

fn options(folder: &Path) -> SledOptions {
    SledOptions { free_disk_floor: 0, ..SledOptions::new(folder) }
}

fn verify(folder: &Path) -> Findings {
    verify_at(&options(folder)).unwrap()
}

/// Harm done to a sound database of ten reviews is found, and a rebuild mends it.
pub fn is_found_and_mended(name: &str, harm: fn(&sled::Tree), options: &SledOptions) {
    let verify = || verify_at(options).unwrap();
    assert_eq!(verify().told, Vec::<String>::new());
    let store = SledStore::open(options).unwrap();
    let before = contents_of(&store);
    harm(&store.reader.tree);
    drop(store);
    assert!(verify().count > 0, "{name} was not found");
    let rebuilt = rebuild_at(options).unwrap();
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
            let (cell, span) = cell::decode(&key, &bytes).unwrap();
            let (first, last) = span.unwrap();
            let wrong = Some((first, last + jiff::Span::new().microseconds(1)));
            tree.insert(key, cell::encode(&cell, wrong).unwrap()).unwrap();
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
    let rebuilt = rebuild_at(&options(folder.path())).unwrap();
    assert_eq!((rebuilt.reviews, rebuilt.damaged.len()), (9, 1));
}

#[test]
fn an_interrupted_rebuild_is_finished_before_anything_else() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&runtime, &store);
    store.reader.tree.insert(keys::REBUILDING, b"1").unwrap();
    drop(store);
    let Err(StoreError::Open(error)) = SledStore::open(&options(folder.path())) else {
        panic!("a half-built database was opened");
    };
    assert!(matches!(error, OpenError::RebuildInterrupted { .. }), "{error}");
    rebuild_at(&options(folder.path())).unwrap();
    open(folder.path());
}
