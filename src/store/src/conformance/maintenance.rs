//! Taking care of a store that no service has open.

use super::{Fixture, create_all, open, review, runtime, scope, with_text};
use crate::{OpenError, Scope, Snapshot, StoreError};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::Review;
use tokio::runtime::Runtime;

fn some() -> Vec<Review> {
    let of = |n: i64| review(&format!("r{n:02}"), &format!("s{}", n % 3), n * 40_000_000_000, 9);
    (0..20).map(of).chain([with_text(review("x", "s0", 1, 1), "long ".repeat(5_000))]).collect()
}

fn all_of(runtime: &Runtime, snapshot: &mut dyn Snapshot) -> Vec<Review> {
    let mut found = Vec::new();
    loop {
        let piece = runtime.block_on(snapshot.next()).unwrap();
        if piece.is_empty() {
            return found;
        }
        found.extend(piece.into_iter().map(Result::unwrap));
    }
}

/// A rebuild of a sound store changes nothing that one can ask for.
pub fn a_rebuild_of_a_sound_store_changes_nothing<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    assert!(!fixture.maintenance().exists());
    let mut store = open(&fixture);
    create_all(&runtime, &*store, &some());
    let totals = |store: &dyn crate::Store| {
        let scopes = [scope("s0"), scope("s1"), scope("s2"), Scope::All];
        scopes.map(|scope| runtime.block_on(store.totals(&scope, DateRange::default())).unwrap())
    };
    let before = totals(&*store);
    runtime.block_on(store.close()).unwrap();
    drop(store);
    assert!(fixture.maintenance().exists());
    let rebuilt = fixture.maintenance().rebuild(&mut |_| {}).unwrap();
    assert_eq!((rebuilt.reviews, rebuilt.damaged.len()), (21, 0));
    let found = fixture.maintenance().verify(&mut |_| {}).unwrap();
    assert_eq!((found.reviews, found.told), (21, Vec::<String>::new()));
    store = open(&fixture);
    assert_eq!(totals(&*store), before);
}

/// Everything in a sound store can be saved, and made into a new one.
pub fn what_is_saved_is_restored<F: Fixture>() {
    let (runtime, fixture, other) = (runtime(), F::fresh(), F::fresh());
    let store = open(&fixture);
    create_all(&runtime, &*store, &some());
    runtime.block_on(store.close()).unwrap();
    drop(store);
    let mut salvage = fixture.maintenance().salvage().unwrap();
    assert_eq!(salvage.losses, Vec::<String>::new());
    let saved = all_of(&runtime, &mut *salvage.snapshot);
    assert_eq!(saved, some());
    // One that is given up leaves nothing behind.
    let restoration = other.maintenance().restore().unwrap();
    create_all(&runtime, restoration.store(), &saved[..3]);
    drop(restoration);
    assert!(!other.maintenance().exists());
    let restoration = other.maintenance().restore().unwrap();
    create_all(&runtime, restoration.store(), &saved);
    runtime.block_on(restoration.store().close()).unwrap();
    restoration.finish().unwrap();
    let refused = other.maintenance().restore().err();
    assert!(matches!(refused, Some(StoreError::Open(OpenError::NotEmpty { .. }))));
    let store = open(&other);
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    assert_eq!(all_of(&runtime, &mut *snapshot), some());
}
