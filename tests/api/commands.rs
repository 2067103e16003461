//! Reports, completions and man pages.

use crate::people::{Outcome, person, run};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const NOWHERE: &str = "/nonexistent";

fn with_input(arguments: &[&str], colours: bool, input: &str) -> Outcome {
    let mut command = person(Path::new(NOWHERE), arguments);
    if colours {
        command.env("CLICOLOR_FORCE", "1");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap().into()
}

#[test]
fn a_report_has_a_label_bars_and_sentences() {
    let text = "I loved this wonderful film! But the company that sold it stole my money, \
                and I hate them.";
    let report = with_input(&["score", text], false, "");
    assert_eq!(report.code, 0, "{}", report.err);
    for part in
        ["confidence", "intensity", "emotions", "█", "I loved this wonderful film!", "stole"]
    {
        assert!(report.out.contains(part), "{part} is missing in {}", report.out);
    }
    assert!(!report.out.contains('\u{1b}'), "no colours where there is no terminal");
    let coloured = with_input(&["score", text], true, "").out;
    assert!(coloured.contains("\u{1b}[32m") && coloured.contains("\u{1b}[31m"), "{coloured}");
    let mut plain = person(Path::new(NOWHERE), &["score", text]);
    let plain: Outcome = plain.env("NO_COLOR", "1").output().unwrap().into();
    assert!(!plain.out.contains('\u{1b}'), "{}", plain.out);
}

#[test]
fn files_lines_and_whole_texts_are_scored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("texts.txt");
    std::fs::write(&file, "I loved it.\n\nI hated it.\n").unwrap();
    let name = file.to_str().unwrap();
    let lines = |outcome: Outcome| {
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let label = |line: &str| -> String {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["sentiment"]["label"].as_str().unwrap().to_owned()
        };
        outcome.out.lines().map(label).collect::<Vec<_>>()
    };
    // As it always was: lines in, lines out.
    let two = ["positive", "negative"];
    assert_eq!(lines(with_input(&["score"], false, "I loved it.\n\nI hated it.\n")), two);
    assert_eq!(lines(with_input(&["score", "--json", name], false, "")), two);
    assert_eq!(
        lines(with_input(&["score", "--json", "-", "I hated it."], false, "I loved it.")),
        two
    );
    assert_eq!(lines(with_input(&["score", "--json", "--whole", name], false, "")).len(), 1);
    let empty = with_input(&["score", "--json", " "], false, "");
    assert!(empty.code == 1 && empty.err.contains("empty"), "{empty:?}");
}

#[test]
fn shells_and_readers_get_what_the_command_line_says() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Path::new(NOWHERE);
    for shell in ["bash", "zsh", "fish"] {
        let script = run(nowhere, &["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.err);
        for word in ["import", "export", "rating-scale", "dry-run"] {
            assert!(script.out.contains(word), "{shell} does not know {word}");
        }
        if shell == "bash" {
            let file = folder.path().join("completions.bash");
            std::fs::write(&file, script.out).unwrap();
            let program = format!(
                "source {}; COMP_WORDS=(heartstrings im); COMP_CWORD=1; \
                 _heartstrings heartstrings im heartstrings; echo \"${{COMPREPLY[@]}}\"",
                file.display()
            );
            let completed = Command::new("bash").args(["-c", &program]).output().unwrap();
            assert_eq!(String::from_utf8(completed.stdout).unwrap(), "import\n");
        }
    }
    let pages = folder.path().join("man");
    let made = run(nowhere, &["man", pages.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{}", made.err);
    let page = std::fs::read_to_string(pages.join("heartstrings-import.1")).unwrap();
    assert!(page.starts_with(".ie") || page.contains(".TH heartstrings"), "{page}");
    assert!(page.contains("rating\\-scale") && page.contains("Exit codes"), "{page}");
    // The words of the help are those of the reference: every command has its examples.
    for command in ["import", "export", "score", "summary", "subjects", "completions", "man"] {
        let help = run(nowhere, &[command, "--help"]);
        assert!(help.code == 0 && help.out.contains("Examples:"), "{command}: {help:?}");
    }
}

/// All commands of the page in its order, by a shell that stops where one fails.
#[test]
fn every_command_of_the_page_on_imports_works() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/how-to/import-and-export.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script = blocks.collect::<String>();
    assert!(script.matches("heartstrings ").count() > 10, "{script}");
    let binary = Path::new(env!("CARGO_BIN_EXE_heartstrings")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let ran: Outcome = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(&folder)
        .env("PATH", path)
        .env("HEARTSTRINGS_MODEL", root.join("models/heartstrings-en"))
        .env("HEARTSTRINGS_FREE_DISK_MIB", "0")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 of 4 rows were stored, 3 were there already"), "{ran:?}");
    for name in ["reviews.ndjson", "positive.csv", "reviews.parquet", "man1/heartstrings.1"] {
        assert!(folder.path().join(name).metadata().unwrap().len() > 100, "{name}");
    }
}
