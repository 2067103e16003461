//! A power cut: everything is lost that was not synced, in part, in any order.

use crate::clients::{self, Known};
use crate::helpers::{Server, command};
use crate::random::Random;
use crate::{kills, seed};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Size of what a disk writes whole.
const SECTOR: usize = 512;

/// A change of a file or folder, or bytes on a socket (`path` is its name), as the preloaded library has written it down.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: u8,
    pub path: PathBuf,
    offset: u64,
    /// Size of the file before.
    size: u64,
    before: Vec<u8>,
    pub after: Vec<u8>,
}

/// The changes in a journal. The process was killed, so the last one may be cut off: then it was
/// made but not yet written down, and counts as kept.
pub fn changes(journal: &Path) -> Vec<Change> {
    let bytes = std::fs::read(journal).unwrap_or_default();
    let mut rest = &bytes[..];
    let mut found = Vec::new();
    while rest.len() >= 40 {
        let word = |at: usize| u64::from_le_bytes(rest[at..at + 8].try_into().unwrap());
        let half = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let (kind, path) = (half(0) as u8, half(4) as usize);
        let (offset, size, before, after) =
            (word(8), word(16), word(24) as usize, word(32) as usize);
        let length = 40 + path + before + after;
        if rest.len() < length {
            break;
        }
        let part = |from: usize, count: usize| rest[from..from + count].to_vec();
        found.push(Change {
            kind,
            path: PathBuf::from(String::from_utf8(part(40, path)).unwrap()),
            offset,
            size,
            before: part(40 + path, before),
            after: part(40 + path + before, after),
        });
        rest = &rest[length..];
    }
    found
}

/// Takes a part of what was not synced away, as a power cut might. Returns how many changes were
/// lost or torn.
fn cut(journal: &Path, random: &mut Random) -> usize {
    let mut unsynced: Vec<Change> = Vec::new();
    for change in changes(journal) {
        if matches!(change.kind, b'Q' | b'A') {
            // What went over the network is gone.
        } else if change.kind == b'S' {
            // A synced folder keeps its entries, a synced file its contents.
            unsynced.retain(|old| match old.kind {
                b'C' | b'U' | b'R' => old.path.parent() != Some(&change.path),
                _ => old.path != change.path,
            });
        } else {
            unsynced.push(change);
        }
    }
    let mut lost = 0;
    // Back to the last sync, then forward with what the disk happened to have written.
    for change in unsynced.iter().rev().filter(|change| matches!(change.kind, b'W' | b'T')) {
        if let Ok(file) = OpenOptions::new().write(true).open(&change.path) {
            file.write_all_at(&change.before, change.offset).unwrap();
            file.set_len(change.size).unwrap();
        }
    }
    for change in &unsynced {
        let Ok(file) = OpenOptions::new().write(true).open(&change.path) else { continue };
        match (change.kind, random.below(3)) {
            (b'W', 0) => file.write_all_at(&change.after, change.offset).unwrap(),
            (b'W', 1) => {
                // Torn: some of its sectors, whichever.
                for (place, sector) in change.after.chunks(SECTOR).enumerate() {
                    if random.below(2) == 0 {
                        let at = change.offset + (place * SECTOR) as u64;
                        file.write_all_at(sector, at).unwrap();
                    }
                }
                lost += 1;
            }
            (b'T', 0) => file.set_len(change.offset).unwrap(),
            (b'W' | b'T', _) => lost += 1,
            _ => {}
        }
    }
    lost + forget_entries(&unsynced, random)
}

/// Undoes some of the changes to folders, latest first.
fn forget_entries(unsynced: &[Change], random: &mut Random) -> usize {
    let mut lost = 0;
    for change in unsynced.iter().rev() {
        if !matches!(change.kind, b'C' | b'U' | b'R') || random.below(2) == 0 {
            continue;
        }
        lost += 1;
        match change.kind {
            b'C' if change.path.is_dir() => drop(std::fs::remove_dir(&change.path)),
            b'C' => drop(std::fs::remove_file(&change.path)),
            b'U' => std::fs::write(&change.path, &change.before).unwrap(),
            _ => {
                let to = PathBuf::from(String::from_utf8(change.after.clone()).unwrap());
                let _ = std::fs::rename(to, &change.path);
            }
        }
    }
    lost
}

/// The library that writes the journal.
pub fn library(folder: &Path) -> PathBuf {
    crate::compile("powercut.c", folder)
}

/// Starts a service whose disk and network are written down.
pub fn start(data: &Path, library: &Path, journal: &Path, sync_micros: u32) -> Server {
    let mut command = command(data, &clients::SETTINGS);
    command.env("LD_PRELOAD", library).env("POWERCUT_ROOT", data.parent().unwrap());
    command.env("POWERCUT_JOURNAL", journal);
    command.env("POWERCUT_SYNC_MICROS", sync_micros.to_string());
    Server::spawn(command)
}

#[tokio::test]
async fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let library = library(&root);
    let (disk, journal) = (root.join("disk"), root.join("journal"));
    std::fs::create_dir(&disk).unwrap();
    let data = disk.join("data");
    let (mut random, mut known) = (Random::new(seed()), Known::nothing());
    let mut lost = 0;
    for round in 0..kills() {
        let server = start(&data, &library, &journal, 0);
        known.check(&server).await;
        let operations = 1 + random.below(40);
        known.work_and_kill(server, &mut random, operations).await;
        let now = cut(&journal, &mut random);
        std::fs::remove_file(&journal).unwrap();
        lost += now;
        clients::verify(&data);
        println!("power cut {} after {operations} answers: {now} unsynced changes lost", round + 1);
    }
    known.check(&Server::start_on(&data, &clients::SETTINGS)).await;
    // A test in which nothing was lost would prove nothing.
    assert!(lost > 0);
}

/// The journal itself tells the truth: what a process wrote and did not sync is forgotten.
#[test]
fn the_cut_forgets_what_was_not_synced() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let library = library(&root);
    let disk = root.join("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = "import os, sys\n\
        f = os.open(sys.argv[1] + '/f', os.O_RDWR | os.O_CREAT)\n\
        os.write(f, b'a' * 4096); os.fsync(f)\n\
        d = os.open(sys.argv[1], os.O_RDONLY); os.fsync(d)\n\
        os.pwrite(f, b'b' * 4096, 1024)\n";
    let mut is_changed = false;
    for seed in 0..20 {
        let journal = root.join(format!("journal-{seed}"));
        let status = Command::new("python3")
            .args(["-c", script])
            .arg(&disk)
            .env("LD_PRELOAD", &library)
            .env("POWERCUT_ROOT", &disk)
            .env("POWERCUT_JOURNAL", &journal)
            .status()
            .unwrap();
        assert!(status.success());
        cut(&journal, &mut Random::new(seed));
        let left = std::fs::read(disk.join("f")).unwrap();
        assert!(left.len() >= 4096 && left[..1024] == [b'a'; 1024]);
        is_changed |= left.len() != 5120 || left[1024..] != [b'b'; 4096];
        File::create(disk.join("f")).unwrap();
    }
    assert!(is_changed, "twenty power cuts have lost nothing");
}
