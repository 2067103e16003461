//! One commit: what is in it, what comes of it when the disk or sled fails.

use super::{recount, runtime, scope};
use crate::conformance::review;
use crate::sled::disk::durability::Durable;
use crate::sled::write::operation::Removed;
use crate::sled::{SledOptions, SledStore, contents_of};
use crate::{Created, Duplicate, IdempotencyKey, Replaced, Status, Store, StoreError};
use futures_util::future::join;
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::Review;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What the disk is to do.
enum Next {
    Sync,
    Fail,
    Panic,
}

/// A disk that waits to be told, and says when it waits.
struct Disk {
    entered: Sender<()>,
    told: Receiver<Next>,
}

impl Durable for Disk {
    fn sync(&mut self) -> io::Result<()> {
        self.entered.send(()).unwrap();
        match self.told.recv() {
            Ok(Next::Fail) => Err(io::Error::other("it burns")),
            Ok(Next::Panic) => panic!("it is on fire"),
            // A test that has ended lets everything pass.
            Ok(Next::Sync) | Err(_) => Ok(()),
        }
    }
}

/// A store on such a disk: what is sent to it, and what it says.
fn open(folder: &Path) -> (SledStore, Sender<Next>, Receiver<()>) {
    let (entered, is_waiting) = channel();
    let (tell, told) = channel();
    let options = SledOptions { free_disk_floor: 0, ..SledOptions::new(folder) };
    let store = SledStore::open_with(&options, Box::new(Disk { entered, told })).unwrap();
    (store, tell, is_waiting)
}

fn one() -> Review {
    let now = jiff::Timestamp::now().as_microsecond();
    let received_at = jiff::Timestamp::from_microsecond(now).unwrap();
    Review { received_at, ..review("one", "film", 0, 1) }
}

/// The group of the first review is applied and not yet synced: a reader sees it, and a repeated
/// request must not be told that it is stored. Here the sync then fails.
#[test]
fn a_repeated_request_is_answered_after_the_sync_or_not_at_all() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let (store, tell, is_waiting) = open(folder.path());
    let key = IdempotencyKey([1; 16]);
    runtime.block_on(async {
        let repeat = async {
            tokio::task::block_in_place(|| is_waiting.recv().unwrap());
            let id = one().id;
            assert!(store.get(&id).await.unwrap().is_some(), "a reader sees it");
            let repeats = join(store.duplicate(Some(&id), None), store.duplicate(None, Some(&key)));
            let fail = async { tell.send(Next::Fail).unwrap() };
            join(repeats, fail).await.0
        };
        let first = store.create(one(), Some(key));
        let (first, (by_id, by_key)) = join(first, repeat).await;
        assert!(matches!(first, Err(StoreError::WritesStopped(_))));
        assert!(matches!(by_id, Err(StoreError::WritesStopped(_))), "{by_id:?}");
        assert!(matches!(by_key, Err(StoreError::WritesStopped(_))), "{by_key:?}");
        // Nor is any later one.
        let late = store.duplicate(Some(&one().id), None).await;
        assert!(matches!(late, Err(StoreError::WritesStopped(_))));
        let late = store.create(one(), None).await;
        assert!(matches!(late, Err(StoreError::WritesStopped(_))));
    });
}

#[test]
fn a_repeated_request_is_told_of_what_is_on_disk() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let (store, tell, _is_waiting) = open(folder.path());
    let key = IdempotencyKey([1; 16]);
    tell.send(Next::Sync).unwrap();
    runtime.block_on(store.create(one(), Some(key))).unwrap();
    // No further sync is needed, and none comes: the disk has not been told.
    let find = |id: Option<&str>, key| {
        let id = id.map(|id| id.parse().unwrap());
        runtime.block_on(store.duplicate(id.as_ref(), key)).unwrap()
    };
    let by_id = find(Some("one"), None);
    assert!(matches!(&by_id, Some(Duplicate::SameId(found)) if found.id == one().id));
    assert!(matches!(find(None, Some(&key)), Some(Duplicate::SameKey(_))));
    assert!(find(Some("two"), None).is_none());
    let again = runtime.block_on(store.create(one(), None)).unwrap();
    assert!(matches!(again, Created::Duplicate(Duplicate::SameId(_))));
    drop(tell);
}

#[test]
fn a_panic_of_the_database_stops_writes_and_says_so() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let (store, tell, _is_waiting) = open(folder.path());
    tell.send(Next::Sync).unwrap();
    runtime.block_on(store.create(one(), None)).unwrap();
    tell.send(Next::Panic).unwrap();
    let caught = runtime.block_on(store.create(review("two", "film", 0, 1), None));
    assert!(matches!(&caught, Err(StoreError::WritesStopped(why)) if why.contains("on fire")));
    assert!(matches!(store.status(), Status::ReadOnly(why) if why.contains("on fire")));
    assert!(store.statistics().read_only);
    let late = runtime.block_on(store.delete(&one().id));
    assert!(matches!(late, Err(StoreError::WritesStopped(_))));
    // Reads go on.
    assert!(runtime.block_on(store.get(&one().id)).unwrap().is_some());
    assert!(runtime.block_on(store.totals(&scope("film"), DateRange::default())).is_ok());
}

/// All that is asked for while the disk is busy with a first review is one group, in this order.
fn together<T>(
    runtime: &tokio::runtime::Runtime,
    store: &SledStore,
    (tell, is_waiting): (&Sender<Next>, &Receiver<()>),
    group: impl Future<Output = T>,
) -> T {
    runtime.block_on(async {
        let rest = async {
            tokio::task::block_in_place(|| is_waiting.recv().unwrap());
            let release = async {
                tell.send(Next::Sync).unwrap();
                tell.send(Next::Sync).unwrap();
            };
            join(group, release).await.0
        };
        let blocker = store.create(review("blocker", "other", 0, 1), None);
        let (blocked, rest) = join(blocker, rest).await;
        blocked.unwrap();
        rest
    })
}

#[test]
fn a_group_is_as_if_its_writes_came_one_after_the_other() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let (store, tell, is_waiting) = open(folder.path());
    for (id, subject) in [("moved", "film"), ("stays", "film"), ("new", "none")] {
        tell.send(Next::Sync).unwrap();
        runtime.block_on(store.create(review(id, subject, 0, 1), None)).unwrap();
        is_waiting.recv().unwrap();
    }
    let film = "film".parse().unwrap();
    let outcome = together(&runtime, &store, (&tell, &is_waiting), async {
        // One review leaves the subject and one comes to it before all of it is removed; the same
        // review comes back afterwards.
        let before = join(
            store.replace(review("moved", "book", 0, 1)),
            store.replace(review("new", "film", 0, 1)),
        );
        let after = store.create(review("stays", "film", 5, -1), None);
        let ((moved, new), (removed, stays)) =
            join(before, join(store.delete_some(&film), after)).await;
        assert!(matches!(moved, Ok(Replaced::Replaced(_))));
        assert!(matches!(new, Ok(Replaced::Replaced(_))));
        assert!(matches!(stays, Ok(Created::New(_))), "{stays:?}");
        removed.unwrap()
    });
    assert_eq!(outcome, Removed { reviews: 2, more: false });
    let left = [
        review("blocker", "other", 0, 1),
        review("moved", "book", 0, 1),
        review("stays", "film", 5, -1),
    ];
    let left = left.into_iter().map(|review| (review.id.clone(), review)).collect();
    assert_eq!(contents_of(&store), recount(&left));
}

/// A key that is used, whose review goes, and that is used again, all in one group.
#[test]
fn a_key_that_is_used_again_in_a_group_has_one_entry() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let (store, tell, is_waiting) = open(folder.path());
    let key = Some(IdempotencyKey([1; 16]));
    let (first, mut second) = (one(), one());
    let id = one().id;
    second.received_at += jiff::Span::new().microseconds(1);
    together(&runtime, &store, (&tell, &is_waiting), async {
        let group = join(store.create(first, key), store.delete(&id));
        let ((_, deleted), again) = join(group, store.create(second, key)).await;
        assert!(deleted.unwrap());
        assert!(matches!(again, Ok(Created::New(_))), "{again:?}");
    });
    let requests = contents_of(&store).into_keys().filter(|key| matches!(key[0], b'k' | b'x'));
    assert_eq!(requests.count(), 2);
}
