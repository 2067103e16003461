//! Files of reviews into a store: what is stored, what is refused and why, twice, and after a kill.

use crate::people::{Outcome, import, person, reviews, run};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const HEADER: &str = "review,movie_title,stars,posted\n";

/// What stands in a file of refused rows: the reasons by line.
fn refused(file: &Path) -> BTreeMap<u64, String> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let cells = reader.records().map(|row| {
        let row = row.unwrap();
        (row[1].parse().unwrap(), row[2].to_owned())
    });
    cells.collect()
}

fn is_sound(data: &Path, count: u64) {
    let verified = run(data, &["verify", "--json"]);
    assert_eq!((verified.code, verified.json()["reviews"].as_u64()), (0, Some(count)));
}

#[test]
fn a_file_with_broken_rows_is_imported_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv"));
    let broken = [
        ("\"He said \"great\" about it\",film,4,2013-02-01", "inside a quoted field"),
        ("\"never closed,film,4,2013-02-01", "not closed"),
        ("without, quotes,film,4,2013-02-01", "5 columns"),
        ("too,few", "2 columns"),
        ("Good,film,4,2013-02-31", "not a date"),
        ("Good,film,4,yesterday", "not a date"),
        ("Good,film,7,2013-02-01", "off the scale"),
        ("Good,film,many,2013-02-01", "not a rating"),
        ("Good,film,4,2999-01-01", "in the future"),
        ("   ,film,4,2013-02-01", "the text is empty"),
        ("Good,,4,2013-02-01", "the subject is empty"),
        ("Go\0od,film,4,2013-02-01", "NUL"),
    ];
    let mut text = format!("\u{feff}{HEADER}");
    let (mut line, mut expected) = (1, BTreeMap::new());
    for number in 0..240 {
        line += 1;
        if number % 20 == 7 {
            let (row, reason) = broken[number / 20];
            text += &format!("{row}\n");
            expected.insert(line, reason);
        } else if number % 5 == 0 {
            text += &format!("\"Number {number},\nof two \"\"lines\"\".\",film,3,2013-02-01\n");
            line += 1;
        } else {
            text += &format!("Number {number}.,film,3,2013-02-01\r\n");
        }
    }
    assert_eq!(expected.len(), broken.len());
    std::fs::write(&file, text).unwrap();
    let outcome = import(&data, &file, &[]);
    assert_eq!((outcome.code, outcome.counts()), (4, [228, 0, 12]), "{}", outcome.err);
    let told = refused(&folder.path().join("reviews.csv.refused.csv"));
    assert_eq!(told.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (line, reason) in expected {
        assert!(told[&line].contains(reason), "line {line}: {}", told[&line]);
    }
    let stored = reviews(&data);
    let twice = stored.iter().filter(|review| review["text"].as_str().unwrap().contains('\n'));
    assert_eq!((stored.len(), twice.count()), (228, 48));
    // The same file again stores nothing, and refuses the same.
    let again = import(&data, &file, &[]);
    assert_eq!((again.code, again.counts()), (4, [0, 228, 12]), "{}", again.err);
    assert_eq!(reviews(&data), stored);
    is_sound(&data, 228);
}

/// Starts an import and kills it as soon as it has told of so many rows.
fn import_and_kill(data: &Path, file: &Path, rows: &str) {
    let mut command = person(data, &["import", "--yes", file.to_str().unwrap()]);
    let mut process = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let told = lines.find(|line| line.as_ref().unwrap().starts_with(rows));
    assert!(told.is_some(), "it ended before it was killed");
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn a_killed_import_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [data, whole] = ["data", "whole"].map(|name| folder.path().join(name));
    let file = folder.path().join("reviews.csv");
    let mut text = HEADER.to_owned();
    for number in 0..600 {
        let stars = if number % 100 == 50 { 9 } else { 1 + number % 5 };
        text += &format!("Number {number} was what it was.,film {},{stars},\n", number % 7);
    }
    std::fs::write(&file, text).unwrap();
    import_and_kill(&data, &file, "10 ");
    import_and_kill(&data, &file, "100 ");
    let end = import(&data, &file, &[]);
    let [stored, known, refused] = end.counts();
    assert_eq!((end.code, stored + known, refused), (4, 594, 6), "{}", end.err);
    assert!(known >= 64 && stored > 0, "{known} were kept of those before, {stored} are new");
    is_sound(&data, 594);
    let at_once = import(&whole, &file, &[]);
    assert_eq!(at_once.counts(), [594, 0, 6]);
    let without_time = |folder: &Path| {
        let mut reviews = reviews(folder);
        for review in &mut reviews {
            review.as_object_mut().unwrap().remove("written_at");
        }
        reviews
    };
    assert!(without_time(&data) == without_time(&whole), "the two stores differ");
}

#[test]
fn an_import_that_is_stopped_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv"));
    let rows = (0..600).map(|number| format!("Number {number} was what it was.,film,,\n"));
    std::fs::write(&file, format!("{HEADER}{}", rows.collect::<String>())).unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let mut command = person(&data, &["import", "--yes", file.to_str().unwrap()]);
        let mut process = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.starts_with("10 ")), "it ended before it was stopped");
        kill_process(Pid::from_child(&process), signal).unwrap();
        let told = lines.last().unwrap();
        assert_eq!(process.wait().unwrap().code(), Some(1), "{told}");
        assert!(told.contains("run the same command again"), "{told}");
    }
    let end = import(&data, &file, &[]);
    let [stored, known, refused] = end.counts();
    assert_eq!((end.code, stored + known, refused), (0, 600, 0), "{}", end.err);
    assert!(known >= 10);
    is_sound(&data, 600);
}

#[test]
fn a_person_is_shown_what_will_be_done_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv"));
    let rows = "Good \x1b[2J\u{202e}one.,film,4,2013-02-01\nBad.,film,7,2013-02-01\nFine.,film,,\n";
    std::fs::write(&file, format!("{HEADER}{rows}")).unwrap();
    let name = file.to_str().unwrap();
    // Who cannot be asked is told so, and nothing is done.
    let outcome = run(&data, &["import", name]);
    assert_eq!(outcome.code, 2, "{}", outcome.err);
    for shown in ["review\n", "movie_title", "stars", "posted", "made from the content", "--yes"] {
        assert!(outcome.err.contains(shown), "{shown} is missing in {}", outcome.err);
    }
    assert!(outcome.err.contains("Good ␛[2J<U+202E>one."), "{}", outcome.err);
    let dry = run(&data, &["import", "--dry-run", "--json", "--rating-scale", "1..5", name]);
    assert_eq!((dry.code, dry.counts()), (4, [2, 0, 1]), "{}", dry.err);
    assert!(!data.exists(), "nothing was made");
    // In a terminal.
    let answer = |answer: &str| -> Outcome {
        let binary = env!("CARGO_BIN_EXE_heartstrings");
        let asked =
            format!("{binary} import {name} --store sled:{} --free-disk-mib 0", data.display());
        let mut process = Command::new("script")
            .args(["-qec", &asked, "/dev/null"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        process.wait_with_output().unwrap().into()
    };
    let no = answer("n\n");
    assert!(no.code == 1 && no.out.contains("nothing was imported"), "{no:?}");
    assert!(!data.exists());
    let yes = answer("y\n");
    assert!(yes.code == 0 && yes.out.contains("3 of 3 rows"), "{yes:?}");
}

#[test]
fn what_cannot_be_told_is_a_wrong_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv"));
    std::fs::write(&file, "review,x,when\nGood one,1,01/02/2013\n").unwrap();
    for (arguments, words) in [
        (&[][..], "--subject =NAME"),
        (&["--subject", "nowhere"], "there is no column \"nowhere\""),
        (&["--subject", "=film"], "--date-format"),
        (&["--subject", "=film", "--rating-scale", "5"], "1..10"),
        (&["--subject", "=film", "--time-zone", "Mars/Olympus"], "Mars/Olympus"),
        (&["--subject", "=film", "--encoding", "klingon"], "klingon"),
        (&["--subject", "=film", "--delimiter", "ab"], "--delimiter"),
        (&["--subject", "=film", "--server", "localhost"], "http://127.0.0.1:8080"),
    ] {
        let outcome = import(&data, &file, arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.err);
        assert!(outcome.err.contains(words), "{arguments:?}: {}", outcome.err);
    }
    for missing in ["nowhere.csv", "."] {
        assert_eq!(import(&data, &folder.path().join(missing), &[]).code, 1);
    }
    assert!(!data.exists());
    // A file that the import did not write is not overwritten.
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "mine\n").unwrap();
    std::fs::write(&file, "review,film\n,x\n").unwrap();
    let outcome = import(&data, &file, &["--refused", other.to_str().unwrap()]);
    assert!(outcome.code == 1 && outcome.err.contains("--refused"), "{}", outcome.err);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine\n");
}

#[test]
fn a_file_that_breaks_off_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv.gz"));
    let mut text = HEADER.to_owned();
    // More than the part by which columns are guessed.
    for number in 0..60_000 {
        text += &format!("{number} {},film,,\n", uuid::Uuid::new_v4());
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    std::fs::write(&file, &whole[..whole.len() * 3 / 4]).unwrap();
    let outcome = run(&data, &["import", "--dry-run", file.to_str().unwrap()]);
    assert_eq!(outcome.code, 1, "{}", outcome.err);
    assert!(outcome.err.contains("not everything could be read"), "{}", outcome.err);
    std::fs::write(&file, &whole[..whole.len() / 100]).unwrap();
    let outcome = run(&data, &["import", "--dry-run", file.to_str().unwrap()]);
    assert!(outcome.code == 1 && outcome.err.contains("reviews.csv.gz"), "{}", outcome.err);
}
