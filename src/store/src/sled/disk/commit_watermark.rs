//! How many commits the log must hold, kept outside of sled's log.
//!
//! sled recovers what it can read and says nothing of the rest. So every commit carries a number,
//! in the same batch, and a file beside the log holds a number that is on disk for sure: it is
//! written after the commit was synced, once a second at most. It never runs ahead of the log, so
//! neither a kill nor a power cut makes it wrong, and a log that ends before it has lost what was
//! acknowledged.
//!
//! A second file says that the log had places that could not be read when it was opened, and that
//! nobody has compared the reviews with the aggregates since.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Holds the number of a commit and the CRC-32 of that number, both little endian.
const COMMITS: &str = "heartstrings-commits";
/// There while the database is in doubt.
const DOUBT: &str = "heartstrings-doubt";
/// How old the number in the file may become while commits go on.
const OFTEN: Duration = Duration::from_secs(1);

/// Keeps the number of the last commit on disk.
pub struct CommitWatermark {
    file: File,
    /// What the file says.
    written: u64,
    /// The last commit.
    commits: u64,
    written_at: Instant,
}

impl CommitWatermark {
    /// The watermark of the database in `folder`, which holds this many commits.
    pub fn open(folder: &Path, commits: u64) -> io::Result<Self> {
        let path = folder.join(COMMITS);
        let is_new = !path.exists();
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let written = read(&file).unwrap_or(0);
        let mut watermark = Self { file, written, commits, written_at: Instant::now() };
        if is_new {
            watermark.write(commits)?;
            File::open(folder)?.sync_all()?;
        }
        Ok(watermark)
    }

    /// How many commits there must be at least.
    pub fn expected(&self) -> u64 {
        self.written
    }

    /// How many there are.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// Takes note of a commit that is on disk.
    pub fn note(&mut self, commits: u64) {
        self.commits = commits;
    }

    /// How long the file may still be left as it is; `None` when it says all there is to say.
    pub fn due(&self) -> Option<Duration> {
        (self.commits > self.written).then(|| OFTEN.saturating_sub(self.written_at.elapsed()))
    }

    /// Writes what is known by now.
    pub fn update(&mut self) -> io::Result<()> {
        if self.commits > self.written { self.write(self.commits) } else { Ok(()) }
    }

    /// Takes the commits that are there for all that there were: what is lost is lost.
    pub fn accept_loss(&mut self) -> io::Result<()> {
        self.write(self.commits)
    }

    fn write(&mut self, commits: u64) -> io::Result<()> {
        let number = commits.to_le_bytes();
        let checksum = crc32fast::hash(&number).to_le_bytes();
        // Twelve bytes at the start of a file are of one sector, which a disk writes whole.
        self.file.write_all_at(&[&number[..], &checksum].concat(), 0)?;
        self.file.sync_data()?;
        self.written = commits;
        self.written_at = Instant::now();
        Ok(())
    }
}

/// The number in a file; `None` when it holds none, which says nothing about the log.
fn read(file: &File) -> Option<u64> {
    let mut bytes = [0; 12];
    file.read_exact_at(&mut bytes, 0).ok()?;
    let (number, checksum) = bytes.split_first_chunk::<8>()?;
    let is_whole = crc32fast::hash(number).to_le_bytes() == checksum;
    is_whole.then(|| u64::from_le_bytes(*number))
}

/// Puts the database in doubt, on disk.
pub fn cast_doubt(folder: &Path) -> io::Result<()> {
    File::create(folder.join(DOUBT))?.sync_all()?;
    File::open(folder)?.sync_all()
}

/// Whether the database is in doubt.
pub fn is_in_doubt(folder: &Path) -> bool {
    folder.join(DOUBT).exists()
}

/// Ends the doubt.
pub fn clear_doubt(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(folder.join(DOUBT)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}
