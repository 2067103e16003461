//! A log that is damaged in the middle: nothing that was acknowledged is missing in silence.

use super::{rebuild_at, runtime, scanning, verify_at};
use crate::conformance::{review, with_text};
use crate::sled::disk::{commit_watermark, log_scan};
use crate::sled::layout::keys;
use crate::sled::maintain::verify;
use crate::sled::{SledOptions, SledStore};
use crate::{OpenError, Store, StoreError};
use heartstrings_core::review::{Content, Review};
use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::Path;
use tokio::runtime::Runtime;

const SECTOR: usize = 512;
const SEGMENT: u64 = 512 * 1024;

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// Few reviews are many here, so that there are lists by label, emotion and source too.
fn options(folder: &Path) -> SledOptions {
    scanning(folder, 100)
}

fn open(folder: &Path) -> SledStore {
    SledStore::open(&options(folder)).unwrap()
}

fn of(n: usize) -> Review {
    let made = review(&format!("r{n:04}"), &format!("s{}", n % 7), n as i64, n as i32);
    with_text(made, format!("{n} {}", "is good. ".repeat(n % 90)))
}

/// The same review with another text of the same length: a change that lists and aggregates know
/// nothing of.
fn again(n: usize) -> Review {
    let text = of(n).content.text.as_str().replace("good", "evil");
    with_text(of(n), text)
}

fn write(runtime: &Runtime, folder: &Path, review: fn(usize) -> Review) {
    let store = open(folder);
    for group in (0..2_000).collect::<Vec<_>>().chunks(40) {
        let writes = group.iter().map(|n| store.replace(review(*n)));
        for outcome in runtime.block_on(futures_util::future::join_all(writes)) {
            outcome.unwrap();
        }
    }
    runtime.block_on(store.close()).unwrap();
}

/// A database of some segments that was not opened again since, so that sled reads all of its log
/// when it is.
fn fill(runtime: &Runtime, folder: &Path) -> BTreeMap<String, Review> {
    write(runtime, folder, of);
    (0..2_000).map(|n| (of(n).id.to_string(), of(n))).collect()
}

/// One that was opened and written over: sled reads the second half of its log, which makes no
/// pages, so that what is left out of it is missed by nothing.
fn fill_twice(runtime: &Runtime, folder: &Path) -> BTreeMap<String, Review> {
    write(runtime, folder, of);
    write(runtime, folder, again);
    (0..2_000).map(|n| (of(n).id.to_string(), again(n))).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Overwrites a sector of the log.
fn flip(folder: &Path, sector: u64) {
    let log = std::fs::OpenOptions::new().write(true).read(true).open(folder.join("db")).unwrap();
    let mut bytes = [0; SECTOR];
    log.read_exact_at(&mut bytes, sector * SECTOR as u64).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
    log.write_all_at(&bytes, sector * SECTOR as u64).unwrap();
}

/// What a damaged database does.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// It is not served, with a message.
    Refused,
    /// It is served, and everything is there.
    Whole,
    /// It is served, and what is missing is told of when it is asked for.
    Told,
}

fn outcome(runtime: &Runtime, folder: &Path, expected: &BTreeMap<String, Review>) -> Outcome {
    let store = match SledStore::open(&options(folder)) {
        Ok(store) => store,
        Err(StoreError::Open(OpenError::Lost { .. } | OpenError::Unreadable { .. })) => {
            return Outcome::Refused;
        }
        Err(other) => panic!("{other}"),
    };
    let mut outcome = Outcome::Whole;
    for (id, review) in expected {
        match runtime.block_on(store.get(&id.parse().unwrap())) {
            Ok(Some(found)) => assert_eq!(found, *review),
            Ok(None) => panic!("{id} is missing, and nobody was told"),
            Err(_) => outcome = Outcome::Told,
        }
    }
    let found = verify::verify(&store.reader, &mut |_| {});
    match &outcome {
        Outcome::Whole if found.unreadable == 0 => assert_eq!(found.told, Vec::<String>::new()),
        _ => outcome = Outcome::Told,
    }
    outcome
}

/// What is damaged anywhere but at the log's end is seen before sled opens it.
#[test]
fn damage_in_the_middle_of_a_log_is_seen() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    fill(&runtime, &data);
    let length = std::fs::metadata(data.join("db")).unwrap().len();
    let mut unseen = 0;
    for segment in 0..length / SEGMENT {
        // Its header, then its first messages.
        for within in 0..2 {
            let sector = segment * SEGMENT / SECTOR as u64 + within;
            flip(&data, sector);
            unseen += u32::from(log_scan::is_whole(&data).unwrap());
            flip(&data, sector);
        }
    }
    assert!(log_scan::is_whole(&data).unwrap());
    // The newest segment may end anywhere.
    assert!(unseen <= 1, "{unseen}");
}

/// A database in doubt is compared with a recount: it is served when nothing is missing, and else
/// not until somebody has taken the loss for what it is.
#[test]
fn doubt_ends_with_a_comparison_or_a_rebuild() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let store = open(&data);
    runtime.block_on(store.create(of(1), None)).unwrap();
    runtime.block_on(store.create(of(2), None)).unwrap();
    drop(store);
    commit_watermark::cast_doubt(&data).unwrap();
    let store = open(&data);
    assert!(!commit_watermark::is_in_doubt(&data));
    store.reader.tree.remove(keys::record(&of(1).id)).unwrap();
    drop(store);
    // Without doubt it is opened at once: a comparison takes long.
    drop(open(&data));
    commit_watermark::cast_doubt(&data).unwrap();
    for _ in 0..2 {
        let Err(StoreError::Open(error)) = SledStore::open(&options(&data)) else {
            panic!("a database that has lost a review was opened");
        };
        let message = error.to_string();
        assert!(message.contains("has lost reviews") && message.contains("r0001"), "{message}");
    }
    let found = verify_at(&options(&data)).unwrap();
    assert!(found.told[0].contains("could not be read"), "{:?}", found.told);
    rebuild_at(&options(&data)).unwrap();
    assert!(runtime.block_on(open(&data).get(&of(2).id)).unwrap().is_some());
}

/// A replacement that lists and aggregates know nothing of is lost: its record is the one before.
#[test]
fn a_review_as_it_was_before_its_last_change_is_noticed() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let store = open(&data);
    runtime.block_on(store.create(of(1), None)).unwrap();
    let key = keys::record(&of(1).id);
    let before = store.reader.tree.get(&key).unwrap().unwrap();
    let replaced = Review { content: Content { title: None, ..of(1).content }, ..of(1) };
    runtime.block_on(store.replace(replaced)).unwrap();
    assert_eq!(verify::verify(&store.reader, &mut |_| {}).told, Vec::<String>::new());
    store.reader.tree.insert(&key, before).unwrap();
    let found = verify::verify(&store.reader, &mut |_| {});
    assert_eq!(found.count, 1);
    assert!(found.told[0].contains("checksums"), "{:?}", found.told);
    drop(store);
    rebuild_at(&options(&data)).unwrap();
    assert_eq!(verify_at(&options(&data)).unwrap().count, 0);
}

#[test]
fn a_log_with_damaged_sectors_is_never_served_in_silence() {
    never_in_silence(fill, 6);
}

#[test]
fn a_log_of_changes_with_damaged_sectors_is_never_served_in_silence() {
    never_in_silence(fill_twice, 2);
}

fn never_in_silence(fill: fn(&Runtime, &Path) -> BTreeMap<String, Review>, least_refused: usize) {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let healthy = folder.path().join("healthy");
    let expected = fill(&runtime, &healthy);
    let length = std::fs::metadata(healthy.join("db")).unwrap().len();
    assert!(length > 4 * SEGMENT, "{length} bytes are too few to lose something in the middle");
    let mut random = Random(1);
    let mut refused = 0;
    for round in 0..12 {
        let damaged = folder.path().join(format!("damaged-{round}"));
        copy(&healthy, &damaged);
        for _ in 0..=random.below(3) {
            let sector = match round % 3 {
                // The start of a segment, and anywhere.
                0 => random.below(length / SEGMENT) * SEGMENT / SECTOR as u64,
                _ => random.below(length / SECTOR as u64),
            };
            flip(&damaged, sector);
        }
        let is_seen = !log_scan::is_whole(&damaged).unwrap();
        let first = outcome(&runtime, &damaged, &expected);
        // sled has cleared what it could not read. That must not make it forgotten. In another
        // folder: a database that was given up is left open until the process ends.
        let later = folder.path().join("later");
        copy(&damaged, &later);
        let second = outcome(&runtime, &later, &expected);
        std::fs::remove_dir_all(later).unwrap();
        println!("round {round}: seen {is_seen}, {first:?}, then {second:?}");
        if first == Outcome::Refused {
            refused += 1;
            assert_eq!(second, Outcome::Refused);
        }
        std::fs::remove_dir_all(damaged).unwrap();
    }
    assert!(refused >= least_refused, "{refused}");
}

/// Pages that sled does not read at opening. Whatever cannot be read of them is named or counted,
/// everything else is saved, and nothing ends early or in a panic.
#[test]
fn what_is_behind_an_unreadable_page_is_saved() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let healthy = folder.path().join("healthy");
    let expected = fill(&runtime, &healthy);
    drop(open(&healthy));
    let length = std::fs::metadata(healthy.join("db")).unwrap().len();
    let mut random = Random(7);
    let (mut partly, mut saved_all) = (0, 0);
    for round in 0..200 {
        // Where sled puts its pages differs from run to run, and so does what a sector hits.
        if round >= 20 && partly > 3 && saved_all > 0 {
            break;
        }
        let damaged = folder.path().join(format!("damaged-{round}"));
        copy(&healthy, &damaged);
        for _ in 0..=round % 20 / 2 {
            flip(&damaged, random.below(length / SECTOR as u64));
        }
        // sled itself may refuse, which is told of elsewhere.
        let Ok((store, _)) = SledStore::open_damaged(&options(&damaged)) else { continue };
        let (saved, told) = read_all(&runtime, &store);
        for review in &saved {
            assert_eq!(expected[review.id.as_str()], *review);
        }
        let is_named = |id: &&String| told.iter().any(|what| what.contains(&format!("{id:?}")));
        let is_saved = |id: &&String| saved.iter().any(|review| review.id.as_str() == **id);
        let missing = expected.keys().filter(|id| !is_saved(id) && !is_named(id)).count();
        let is_counted = told.iter().any(|what| what.contains(&format!("({missing} reviews)")));
        assert!(missing == 0 || is_counted, "{missing} are missing: {told:?}");
        println!("round {round}: {} saved, {} named, {missing} counted", saved.len(), told.len());
        let found = verify::verify(&store.reader, &mut |_| {});
        assert_eq!(found.reviews, saved.len() as u64);
        if told.is_empty() {
            saved_all += 1;
            continue;
        }
        assert!(found.unreadable > 0 && found.damaged > 0, "{found:?}");
        partly += u32::from(saved.len() > 1_000);
        drop(store);
        let refused = rebuild_at(&options(&damaged)).unwrap_err();
        assert!(refused.to_string().contains("nothing was rebuilt"), "{refused}");
        // It is left as it was: no rebuild has begun. In another folder, as the database is left
        // open until the process ends.
        let later = folder.path().join(format!("later-{round}"));
        copy(&damaged, &later);
        let found = verify_at(&options(&later)).unwrap();
        assert_eq!(found.reviews, saved.len() as u64);
    }
    assert!(partly > 3 && saved_all > 0, "{partly} in part, {saved_all} whole");
}

/// All reviews of a snapshot that can be read, and what is said of the others.
fn read_all(runtime: &Runtime, store: &SledStore) -> (Vec<Review>, Vec<String>) {
    let (mut saved, mut told) = (Vec::new(), Vec::new());
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    loop {
        let piece = runtime.block_on(snapshot.next()).unwrap();
        if piece.is_empty() {
            return (saved, told);
        }
        for review in piece {
            match review {
                Ok(review) => saved.push(review),
                Err(error) => told.push(error.to_string()),
            }
        }
    }
}

/// The end of the log is lost, in a way that sled takes for the end of what was written.
#[test]
fn a_log_that_ends_too_early_is_not_served_until_that_is_accepted() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let store = open(&data);
    for n in 0..20 {
        runtime.block_on(store.create(of(n), None)).unwrap();
    }
    runtime.block_on(store.close()).unwrap();
    drop(store);
    // As after a power cut of a disk that lies about its syncs.
    let log = std::fs::OpenOptions::new().write(true).open(data.join("db")).unwrap();
    let written = std::fs::read(data.join("db")).unwrap();
    let end = written.iter().rposition(|byte| *byte != 0).unwrap() as u64;
    log.write_all_at(&[0; 6_000], end - 6_000).unwrap();
    for _ in 0..2 {
        let Err(StoreError::Open(error)) = SledStore::open(&options(&data)) else {
            panic!("a database that has lost commits was opened");
        };
        assert!(matches!(&error, OpenError::Lost { .. }), "{error}");
        assert!(error.to_string().contains("commits are gone"), "{error}");
    }
    let found = verify_at(&options(&data)).unwrap();
    assert!(found.told[0].contains("commits are gone"), "{:?}", found.told);
    let (saved, losses) = SledStore::open_damaged(&options(&data)).unwrap();
    assert_eq!(losses.len(), 1);
    let mut snapshot = runtime.block_on(saved.snapshot()).unwrap();
    let left = runtime.block_on(snapshot.next()).unwrap().len() as u64;
    assert!(left < 20);
    drop((saved, snapshot));
    assert!(SledStore::open(&options(&data)).is_err(), "saving what is left changes nothing");
    let rebuilt = rebuild_at(&options(&data)).unwrap();
    assert_eq!(rebuilt.reviews, left);
    drop(open(&data));
    assert_eq!(verify_at(&options(&data)).unwrap().count, 0);
}

/// Restarts of all kinds leave no doubt behind, or all of them would take long.
#[test]
fn a_healthy_log_is_seen_to_be_healthy() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    fill(&runtime, &data);
    for round in 0..6 {
        assert!(log_scan::is_whole(&data).unwrap(), "round {round}");
        let store = open(&data);
        for n in 0..300 {
            runtime.block_on(store.replace(of(n * (round + 1)))).unwrap();
        }
    }
}
