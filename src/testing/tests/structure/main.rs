//! Rules on the source files that the compiler does not keep: no import circles, libraries that only one
//! place may name, and short files. It reads the sources and builds nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod graph;
mod source;
mod tokens;

use graph::{Graph, circles, rooms};
use source::Crate;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most lines of a file.
const LINES: usize = 400;

/// Crates whose top-level folders must not form a circle either.
const ROOMS: &[&str] = &["http"];

/// Which library is named where: the first part of its paths (with a `*` at the end any that start
/// so), the only folder that may name it, and why.
const LIBRARIES: &[(&str, &str, &str)] = &[
    ("actix*", "src/http/", "only src/http knows how requests come"),
    ("utoipa*", "src/http/", "schemas belong to the views in src/http"),
    ("sled", "src/store/src/sled/", "all others go through the trait `Store`"),
    ("tch", "src/model/", "only src/model links libtorch"),
    ("rust_bert", "src/model/", "only src/model links libtorch"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn crates() -> Vec<Crate> {
    let root = root();
    let mut folders = vec![root.join("src")];
    for entry in std::fs::read_dir(root.join("src")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("Cargo.toml").exists() {
            folders.push(folder.join("src"));
        }
    }
    folders.sort();
    let crates: Vec<_> = folders.iter().map(|folder| Crate::read(&root, folder)).collect();
    assert!(crates.iter().all(|one| !one.files.is_empty()), "a crate without files");
    crates
}

#[test]
fn no_import_circles() {
    let mut found = Vec::new();
    for one in crates() {
        let graph = Graph::of(&one);
        found.extend(circles(&graph));
        if ROOMS.contains(&one.name.as_str()) {
            found.extend(circles(&rooms(&graph)));
        }
    }
    assert!(
        found.is_empty(),
        "files may not import each other in a circle (a file and its own submodules may). Move what \
         they share into a file that imports neither:\n{}",
        found.join("\n")
    );
}

#[test]
fn libraries_are_named_where_they_belong() {
    let mut found = BTreeSet::new();
    for one in crates() {
        for file in &one.files {
            for name in file.libraries(&one) {
                let fits = |rule: &str| match rule.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => name == rule,
                };
                for (_, folder, why) in LIBRARIES.iter().filter(|(rule, ..)| fits(rule)) {
                    if !file.path.starts_with(folder) {
                        found.insert(format!(
                            "{}: `{name}` is for {folder} alone; {why}",
                            file.path
                        ));
                    }
                }
            }
        }
    }
    let found: Vec<_> = found.into_iter().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    let root = root();
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        source::files_below(&root.join(folder), &mut files);
    }
    assert!(files.len() > 100, "only {} files were found", files.len());
    let long: Vec<_> = files
        .iter()
        .map(|file| (file, std::fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(
        long.is_empty(),
        "a file has at most {LINES} lines and one purpose; split these:\n{}",
        long.join("\n")
    );
}
