//! What has come of the rows: counts, the file of refused rows, and the progress that is shown.

use super::columns::Columns;
use super::{is_stdin, open};
use crate::cli::Trouble;
use crate::cli::terminal::one_line;
use heartstrings_import::{Refused, safe_cell};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// First row of a file of refused rows.
const HEADER: [&str; 4] = ["file", "line", "reason", "row"];
/// Time between two lines of progress where there is no terminal. The rows 1, 10, 100, … are told
/// of too.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// What has come of a row, or of a file.
pub enum Event {
    /// It is stored; whether it was not there before.
    Stored {
        /// False when it was there before with the same content.
        is_new: bool,
    },
    /// It cannot be stored, in this file.
    Refused(usize, Refused),
    /// This file cannot be read on.
    Broken(usize, String),
    /// No row can be stored any more.
    Fatal(String),
}

/// Rows so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// All.
    pub rows: u64,
    /// Those that are new in the store.
    pub stored: u64,
    /// Those that were there before.
    pub known: u64,
    /// Those that cannot be stored.
    pub refused: u64,
}

/// Counts what has come of the rows, writes the refused ones down, and shows progress.
pub struct Ledger {
    counts: Counts,
    files: Vec<String>,
    refused_path: PathBuf,
    refused: Option<csv::Writer<File>>,
    broken: Vec<String>,
    bar: ProgressBar,
    started: Instant,
    told: Instant,
}

impl Ledger {
    /// Nothing has come of anything. The file of refused rows is made when there is one.
    pub fn new(refused_path: PathBuf, files: &[PathBuf]) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self {
            counts: Counts::default(),
            files: files.iter().map(|path| path.display().to_string()).collect(),
            refused_path,
            refused: None,
            broken: Vec::new(),
            bar,
            started: Instant::now(),
            told: Instant::now(),
        }
    }

    /// Counts the rows of the files on a thread of its own, so that the time left can be told. Reading
    /// is far faster than scoring.
    pub fn count_ahead(&self, files: Vec<PathBuf>, columns: Columns) {
        style(&self.bar, "{spinner} {pos} rows, {per_sec}, {msg}");
        if files.iter().any(|path| is_stdin(path)) {
            return;
        }
        let bar = self.bar.clone();
        let count = move || {
            let mut rows = 0;
            for path in files {
                // Where it cannot be read the import itself says so.
                let Ok(opened) = open(&path, &columns) else { return };
                rows += opened.input.count() as u64;
            }
            bar.set_length(rows);
            style(&bar, "{bar:30} {pos} of {len} rows, {per_sec}, {eta} left, {msg}");
        };
        // Without it there is no time left to be seen.
        let _ = std::thread::Builder::new().name("count".into()).spawn(count);
    }

    /// Takes down what has come of a row.
    ///
    /// # Errors
    /// When nothing more can be stored, or the refused row not be written down.
    pub fn take(&mut self, event: Event) -> Result<(), Trouble> {
        match event {
            Event::Stored { is_new } => {
                self.counts.rows += 1;
                *(if is_new { &mut self.counts.stored } else { &mut self.counts.known }) += 1;
            }
            Event::Refused(file, refused) => {
                self.counts.rows += 1;
                self.counts.refused += 1;
                self.write_down(file, &refused)?;
            }
            Event::Broken(file, why) => {
                let name = self.files.get(file).map_or("-", String::as_str);
                self.broken.push(format!("{name}: {why}"));
            }
            Event::Fatal(why) => return Err(self.interrupted(&why)),
        }
        self.tell();
        Ok(())
    }

    /// What to say when the import ends before its files do.
    pub fn interrupted(&self, why: &str) -> Trouble {
        self.bar.finish_and_clear();
        let done = self.counts.stored + self.counts.known;
        let why = one_line(why, 500);
        format!("{why}. {done} rows are stored; run the same command again to go on from there")
            .into()
    }

    fn write_down(&mut self, file: usize, refused: &Refused) -> Result<(), Trouble> {
        let path = self.refused_path.display().to_string();
        let failed = |error: String| format!("cannot write refused rows into {path}: {error}");
        let name = self.files.get(file).map_or("-", String::as_str);
        let writer = match &mut self.refused {
            Some(writer) => writer,
            none => none.insert(create(&self.refused_path).map_err(failed)?),
        };
        let (line, reason) = (refused.line.to_string(), refused.reasons.join("; "));
        let cells = [name, &line, &reason, &refused.row].map(safe_cell);
        let cells = cells.each_ref().map(|cell| cell.as_ref());
        writer.write_record(cells).map_err(|error| failed(error.to_string()))?;
        Ok(())
    }

    fn tell(&mut self) {
        let counts = self.counts;
        self.bar.set_position(counts.rows);
        self.bar.set_message(format!("{} refused", counts.refused));
        let is_round = counts.rows.checked_ilog10().is_some_and(|n| counts.rows == 10_u64.pow(n));
        if !self.bar.is_hidden() || (self.told.elapsed() < TELL_EVERY && !is_round) {
            return;
        }
        self.told = Instant::now();
        let rate = counts.rows as f64 / self.started.elapsed().as_secs_f64();
        let of = self.bar.length().map_or(String::new(), |length| {
            let left = length.saturating_sub(counts.rows) as f64 / rate.max(1e-9);
            format!(" of {length}, {left:.0} s left")
        });
        eprintln!("{} rows{of}, {rate:.0} rows/s, {} refused", counts.rows, counts.refused);
    }

    /// The counts, and what to say of them.
    ///
    /// # Errors
    /// When a file could not be read to its end.
    pub fn finish(mut self, dry_run: bool) -> Result<(Counts, String), Trouble> {
        self.bar.finish_and_clear();
        if let Some(writer) = &mut self.refused {
            let path = self.refused_path.display();
            writer.flush().map_err(|error| format!("cannot write {path}: {error}"))?;
            eprintln!("the refused rows and the reasons are in {path}");
        }
        let Counts { rows, stored, known, refused } = self.counts;
        if !self.broken.is_empty() {
            let why = self.broken.join("\n  - ");
            return Err(format!(
                "not everything could be read:\n  - {why}\n{} of the {rows} rows before that are \
                 stored, {refused} were refused",
                stored + known
            )
            .into());
        }
        let sentence = match dry_run {
            true => format!("{stored} of {rows} rows can be imported, {refused} would be refused"),
            false => format!(
                "{stored} of {rows} rows were stored, {known} were there already, {refused} were \
                 refused"
            ),
        };
        Ok((self.counts, sentence))
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

/// A file of refused rows, in place of one that an earlier import has written.
fn create(path: &Path) -> Result<csv::Writer<File>, String> {
    if let Ok(file) = File::open(path) {
        let mut first = String::new();
        // What cannot be read as text is not ours.
        let read = BufReader::new(file).read_line(&mut first);
        let is_ours = read.is_ok() && (first.is_empty() || first.trim_end() == HEADER.join(","));
        if !is_ours {
            return Err("there is another file of that name; choose one with --refused".into());
        }
    }
    let mut writer = csv::Writer::from_path(path).map_err(|error| error.to_string())?;
    writer.write_record(HEADER).map_err(|error| error.to_string())?;
    Ok(writer)
}
