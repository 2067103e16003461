//! Source files as modules, with the paths that they name.

use super::tokens::tokens;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A crate: its files, each a module.
pub struct Crate {
    /// Name of its folder; `heartstrings` for the binary's own.
    pub name: String,
    /// The files, `lib.rs` among them.
    pub files: Vec<File>,
    by_module: BTreeMap<Vec<String>, usize>,
}

/// A file of a crate.
pub struct File {
    /// Path from the root of the repository.
    pub path: String,
    /// Its place in the tree of modules; empty for `lib.rs`.
    pub module: Vec<String>,
    /// What it imports: the path as written, the name that it gets, whether it is exported again.
    imports: Vec<Import>,
    /// Paths outside of imports, as written.
    paths: Vec<Vec<String>>,
}

struct Import {
    path: Vec<String>,
    name: String,
    is_public: bool,
}

/// All Rust files below a folder.
pub fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

impl Crate {
    /// Reads the files of a crate. Folders of other crates inside are left out, and so is `main.rs`,
    /// which is a crate of its own.
    pub fn read(root: &Path, folder: &Path) -> Self {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.join("Cargo.toml").exists() {
                files_below(&path, &mut paths);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("main.rs") {
                paths.push(path);
            }
        }
        paths.sort();
        let files: Vec<File> = paths.iter().map(|path| File::read(root, folder, path)).collect();
        let parent = folder.parent().unwrap();
        let name = if parent == root { "heartstrings".into() } else { text(parent.file_name()) };
        let modules = files.iter().enumerate().map(|(index, file)| (file.module.clone(), index));
        let by_module = modules.collect();
        Self { name, files, by_module }
    }

    /// The files that a file imports from, by their numbers.
    pub fn imported(&self, file: &File) -> Vec<usize> {
        let imports = file.imports.iter().map(|import| &import.path);
        imports.chain(&file.paths).filter_map(|path| self.resolve(file, path, 0)).collect()
    }

    /// The file that a path leads to: the deepest module on it, or the one that an export names.
    fn resolve(&self, file: &File, path: &[String], depth: usize) -> Option<usize> {
        let mut rest = path;
        let mut module = file.module.clone();
        match rest.first()?.as_str() {
            "crate" => {
                module.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            first => {
                // A submodule, or a module under the name that an import gave it.
                module.push(first.to_owned());
                if !self.by_module.contains_key(&module) {
                    let import = file.imports.iter().find(|import| import.name == first)?;
                    let is_itself = import.path == path || import.path.first()? == first;
                    if is_itself || depth > 8 {
                        return None;
                    }
                    let full: Vec<_> = import.path.iter().chain(&rest[1..]).cloned().collect();
                    return self.resolve(file, &full, depth + 1);
                }
                rest = &rest[1..];
            }
        }
        let mut at = *self.by_module.get(&module)?;
        for part in rest {
            module.push(part.clone());
            if let Some(deeper) = self.by_module.get(&module) {
                at = *deeper;
                continue;
            }
            let here = &self.files[at];
            let export = here.imports.iter().find(|one| one.is_public && one.name == *part);
            return match export {
                Some(export) if depth <= 8 => {
                    self.resolve(here, &export.path, depth + 1).or(Some(at))
                }
                _ => Some(at),
            };
        }
        Some(at)
    }
}

impl File {
    fn read(root: &Path, folder: &Path, path: &Path) -> Self {
        let mut module: Vec<String> = path
            .strip_prefix(folder)
            .unwrap()
            .with_extension("")
            .iter()
            .map(|part| text(Some(part)))
            .collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
            module.pop();
        }
        let tokens = tokens(&std::fs::read_to_string(path).unwrap());
        let (imports, paths) = names(&tokens);
        let path = path.strip_prefix(root).unwrap().display().to_string();
        Self { path, module, imports, paths }
    }

    /// First parts of the paths that lead out of the crate.
    pub fn libraries<'a>(&'a self, own: &'a Crate) -> impl Iterator<Item = &'a str> {
        let imports = self.imports.iter().map(|import| &import.path);
        imports.chain(&self.paths).filter_map(|path| {
            let first = path.first()?.as_str();
            let mut child = self.module.clone();
            child.push(first.to_owned());
            let is_ours = matches!(first, "crate" | "self" | "super")
                || own.by_module.contains_key(&child)
                || self.imports.iter().any(|one| one.name == first && one.path[0] != first);
            (!is_ours).then_some(first)
        })
    }
}

fn text(part: Option<&std::ffi::OsStr>) -> String {
    part.unwrap().to_string_lossy().into_owned()
}

/// The imports and the other paths of a file.
fn names(tokens: &[String]) -> (Vec<Import>, Vec<Vec<String>>) {
    let (mut imports, mut paths) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            let before = at.checked_sub(1).map_or("", |before| tokens[before].as_str());
            // `pub(crate) use` ends in a parenthesis.
            let is_public = matches!(before, "pub" | ")");
            at = tree(tokens, at + 1, &[], is_public, &mut imports) + 1;
        } else if is_word(&tokens[at]) && tokens.get(at + 1).is_some_and(|token| token == "::") {
            let mut path = vec![tokens[at].clone()];
            while tokens.get(at + 1).is_some_and(|token| token == "::")
                && tokens.get(at + 2).is_some_and(|token| is_word(token))
            {
                path.push(tokens[at + 2].clone());
                at += 2;
            }
            paths.push(path);
            at += 1;
        } else {
            at += 1;
        }
    }
    (imports, paths)
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Reads one tree of a `use`; gives the place of what follows it.
fn tree(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    is_public: bool,
    imports: &mut Vec<Import>,
) -> usize {
    let mut path = before.to_vec();
    while at < tokens.len() {
        match tokens[at].as_str() {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    at = tree(tokens, at, &path, is_public, imports);
                    if tokens[at] == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "*" => {
                imports.push(Import { path, name: "*".into(), is_public });
                return at + 1;
            }
            "as" => {
                imports.push(Import { path, name: tokens[at + 1].clone(), is_public });
                return at + 2;
            }
            word if is_word(word) => {
                // `use a::{self}` names `a`.
                if word != "self" || path.is_empty() {
                    path.push(word.to_owned());
                }
                at += 1;
            }
            _ => break,
        }
    }
    let name = path.last().cloned().unwrap_or_default();
    imports.push(Import { path, name, is_public });
    at
}
