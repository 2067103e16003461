//! The benches change their own sections of `docs/BENCHMARKS.md` and nothing else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "../benches/service/report.rs"]
#[allow(dead_code, reason = "the benches use the rest")]
mod report;

use report::replace;

const DOCUMENT: &str = "# Figures\n\n<!-- begin: load -->\n\nold\n\n<!-- end: load -->\n\nBy hand.\n\n\
    <!-- begin: soak -->\n\nkept\n\n<!-- end: soak -->\n";

#[test]
fn a_section_is_replaced_and_the_rest_stays() {
    let new = replace(DOCUMENT, "load", "new\n").unwrap();
    assert_eq!(new, DOCUMENT.replace("old", "new"));
    assert_eq!(replace(&new, "load", "old").unwrap(), DOCUMENT);
}

#[test]
fn a_document_without_the_marks_is_left_alone() {
    let why = replace(DOCUMENT, "peers", "new").unwrap_err();
    assert!(why.contains("<!-- begin: peers -->"), "{why}");
    let half = DOCUMENT.replace("<!-- end: load -->", "");
    assert!(replace(&half, "load", "new").unwrap_err().contains("<!-- end: load -->"));
}

#[test]
fn the_document_has_a_place_for_every_section() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let document = std::fs::read_to_string(format!("{folder}/docs/BENCHMARKS.md")).unwrap();
    let sections = [
        "start", "load", "mixed", "length", "import", "limit", "workers", "peers", "soak",
        "forward",
    ];
    for name in sections {
        replace(&document, name, "new").unwrap();
    }
}
