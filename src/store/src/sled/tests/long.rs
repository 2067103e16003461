//! Records that take several values.

use super::{open, rebuild_at, recount, runtime, verify_at};
use crate::conformance::{review, with_text};
use crate::sled::layout::{chunks, keys, review as review_record};
use crate::sled::{SledOptions, SledStore, contents_of};
use crate::{Store, StoreError};
use heartstrings_core::review::Review;
use std::collections::BTreeMap;
use std::path::Path;

/// A review of the greatest size: text, metadata and names at their limits.
fn greatest(number: usize, letter: &str) -> Review {
    let name = |kind: &str| format!("{kind}-{number:04}-{}", "n".repeat(128 - kind.len() - 6));
    let mut made = review(&name("i"), &name("s"), number as i64 * 3_600_000_000, number as i32);
    let long = |length: usize| "\u{1F62D}".repeat(length);
    made.content.metadata =
        (0..32).map(|n| (format!("{n}{}", "k".repeat(60)), long(500))).collect();
    with_text(made, letter.repeat(100_000))
}

fn blobs(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("blobs")).unwrap().count()
}

#[test]
fn nothing_that_is_written_becomes_a_file_of_its_own() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let mut model = BTreeMap::new();
    let mut store = open(folder.path());
    // Values just short of the limit fill pages the most.
    let brim = |n: usize| {
        let made = review(&format!("b{n}"), "brim", n as i64, 1);
        with_text(made, "x".repeat(chunks::LONGEST - 400))
    };
    assert!(review_record::encode(&brim(1)).unwrap().len() <= chunks::LONGEST);
    for round in 0..2 {
        let letter = ["\u{1F62D}", "x"][round];
        let all = (0..12).map(|n| greatest(n, letter)).chain((0..120).map(brim));
        let all: Vec<Review> = all.collect();
        let writes = all.iter().cloned().map(|review| store.replace(review));
        for outcome in runtime.block_on(futures_util::future::join_all(writes)) {
            outcome.unwrap();
        }
        model.extend(all.into_iter().map(|review| (review.id.clone(), review)));
        assert_eq!(blobs(folder.path()), 0);
        drop(store);
        store = open(folder.path());
        assert!(contents_of(&store) == recount(&model), "the database differs from a recount");
    }
    // Pages take in what is left of their neighbours when most of it goes.
    for n in (0..120).filter(|n| n % 5 != 0) {
        assert!(runtime.block_on(store.delete(&brim(n).id)).unwrap());
        model.remove(&brim(n).id);
    }
    assert!(contents_of(&store) == recount(&model));
    assert_eq!(blobs(folder.path()), 0);
    for id in model.keys() {
        assert_eq!(runtime.block_on(store.get(id)).unwrap().as_ref(), model.get(id));
        runtime.block_on(store.delete(id)).unwrap();
    }
    assert_eq!(contents_of(&store), BTreeMap::new());
    assert_eq!(blobs(folder.path()), 0);
}

fn verify(folder: &Path) -> crate::Findings {
    verify_at(&SledOptions::new(folder)).unwrap()
}

/// A long record as older releases wrote it: in one value.
#[test]
fn a_long_record_in_one_value_is_read_replaced_and_removed() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let mut store = open(folder.path());
    let long = |text: &str| with_text(review("r", "film", 0, 1), text.repeat(9_000));
    runtime.block_on(store.create(long("x"), None)).unwrap();
    let as_before = |store: &SledStore| {
        let tree = &store.reader.tree;
        for key in tree.scan_prefix(keys::CHUNKS).keys() {
            tree.remove(key.unwrap()).unwrap();
        }
        let whole = review_record::encode(&long("x")).unwrap();
        tree.insert(keys::record(&long("x").id), whole).unwrap();
    };
    as_before(&store);
    assert_eq!(runtime.block_on(store.get(&long("x").id)).unwrap(), Some(long("x")));
    runtime.block_on(store.replace(long("y"))).unwrap();
    assert_eq!(runtime.block_on(store.get(&long("x").id)).unwrap(), Some(long("y")));
    runtime.block_on(store.replace(long("x"))).unwrap();
    as_before(&store);
    drop(store);
    assert_eq!(verify(folder.path()).told, Vec::<String>::new());
    store = open(folder.path());
    assert!(runtime.block_on(store.delete(&long("x").id)).unwrap());
    assert_eq!(contents_of(&store), BTreeMap::new());
}

#[test]
fn a_missing_or_left_over_part_is_found() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let mut store = open(folder.path());
    let long = with_text(review("r", "film", 0, 1), "x".repeat(9_000));
    runtime.block_on(store.create(long.clone(), None)).unwrap();
    store.reader.tree.insert(keys::chunk(&long.id, 7), b"left over").unwrap();
    drop(store);
    assert!(verify(folder.path()).told[0].contains("left over"));
    rebuild_at(&SledOptions::new(folder.path())).unwrap();
    assert_eq!(verify(folder.path()).count, 0);
    store = open(folder.path());
    store.reader.tree.remove(keys::chunk(&long.id, 1)).unwrap();
    let damaged = runtime.block_on(store.get(&long.id)).unwrap_err();
    assert!(matches!(&damaged, StoreError::Damaged { why, .. } if why.contains("chunk 3")));
    drop(store);
    assert_eq!(verify(folder.path()).damaged, 1);
}

/// What has been read is not kept: writes behind the reader cost it nothing, however many.
#[test]
fn a_snapshot_goes_on_while_all_behind_it_is_written_again_and_again() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let of = |n: usize, text: &str| {
        with_text(review(&format!("r{n:03}"), "film", n as i64, 1), text.repeat(6_000))
    };
    let write = |round: &str| {
        let writes = (0..260).map(|n| store.replace(of(n, round)));
        for outcome in runtime.block_on(futures_util::future::join_all(writes)) {
            outcome.unwrap();
        }
    };
    write("0");
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    assert_eq!(runtime.block_on(snapshot.next()).unwrap().len(), 256);
    // Far more than a snapshot may keep.
    ["1", "2", "3"].iter().for_each(|round| write(round));
    let rest = runtime.block_on(snapshot.next()).unwrap();
    let rest: Vec<Review> = rest.into_iter().map(Result::unwrap).collect();
    assert!(rest == (256..260).map(|n| of(n, "0")).collect::<Vec<_>>());
}
