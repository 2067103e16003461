//! Reading everything while it changes.

use super::{Fixture, open, review, runtime, with_text};
use crate::Snapshot;
use heartstrings_core::review::Review;
use tokio::runtime::Runtime;

/// The rest of a snapshot.
fn rest(runtime: &Runtime, snapshot: &mut dyn Snapshot) -> Vec<Review> {
    let mut found = Vec::new();
    loop {
        let piece = runtime.block_on(snapshot.next()).unwrap();
        if piece.is_empty() {
            return found;
        }
        found.extend(piece.into_iter().map(Result::unwrap));
    }
}

pub fn a_snapshot_is_of_one_moment<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let of = |n: usize| review(&format!("r{n:04}"), "film", n as i64, 1);
    let creates = (0..1_000).map(|n| store.create(of(n), None));
    runtime.block_on(futures_util::future::join_all(creates));
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    let found = runtime.block_on(snapshot.next()).unwrap();
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
    let mut found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    found.extend(rest(&runtime, &mut *snapshot));
    let expected: Vec<_> = (0..1_000).map(of).collect();
    assert_eq!(found, expected);
}

pub fn a_snapshot_holds_long_records_as_they_were<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let long = |n: usize, text: &str| {
        with_text(review(&format!("r{n:03}"), "film", n as i64, 1), text.repeat(10_000))
    };
    for n in 0..300 {
        runtime.block_on(store.create(long(n, "x"), None)).unwrap();
    }
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    let found = runtime.block_on(snapshot.next()).unwrap();
    let mut found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    for n in [0, 255, 256, 299] {
        runtime.block_on(store.replace(long(n, "yy"))).unwrap();
    }
    for n in [1, 257, 298] {
        runtime.block_on(store.delete(&long(n, "x").id)).unwrap();
    }
    runtime.block_on(store.replace(with_text(long(258, "x"), "short".into()))).unwrap();
    found.extend(rest(&runtime, &mut *snapshot));
    assert!(found == (0..300).map(|n| long(n, "x")).collect::<Vec<_>>());
}
