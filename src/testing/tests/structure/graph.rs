//! Who imports whom, and whether that goes in a circle.

use super::source::Crate;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names with the names that they import from.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The imports of a crate.
pub struct Graph {
    /// Where the crate is, for messages and for [`rooms`].
    folder: String,
    arrows: Arrows,
}

impl Graph {
    /// The imports between the files of a crate. What a file imports from the modules that enclose it
    /// does not count: parent and child may know each other.
    pub fn of(one: &Crate) -> Self {
        let mut arrows = Arrows::new();
        for file in &one.files {
            let targets = arrows.entry(file.path.clone()).or_default();
            for target in one.imported(file) {
                let target = &one.files[target];
                if !file.module.starts_with(&target.module) {
                    targets.insert(target.path.clone());
                }
            }
        }
        let root = one.files.iter().find(|file| file.module.is_empty());
        let folder = root.map_or("", |file| file.path.trim_end_matches("lib.rs")).to_owned();
        Self { folder, arrows }
    }
}

/// The imports between the top-level folders and files of a crate.
pub fn rooms(graph: &Graph) -> Graph {
    let room = |path: &str| {
        let below = path.strip_prefix(&graph.folder).unwrap_or(path);
        below.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
    };
    let mut arrows = Arrows::new();
    for (from, targets) in graph.arrows.iter().filter(|(from, _)| !from.ends_with("/lib.rs")) {
        let own = room(from);
        let others = targets.iter().map(|target| room(target)).filter(|other| *other != own);
        let others: Vec<_> = others.map(|other| format!("{}{other}", graph.folder)).collect();
        arrows.entry(format!("{}{own}", graph.folder)).or_default().extend(others);
    }
    Graph { folder: graph.folder.clone(), arrows }
}

/// One line for each set of names that import each other in a circle: how many they are, and a shortest
/// circle among them.
pub fn circles(graph: &Graph) -> Vec<String> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.arrows.keys().map(|start| (start.as_str(), reached(&graph.arrows, start))).collect();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for (start, others) in &reached {
        if told.contains(start) {
            continue;
        }
        let Some(circle) = shortest(&graph.arrows, start) else { continue };
        let returns = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(start));
        let members: Vec<&str> = others.iter().filter(returns).copied().collect();
        found.push(format!("{} ({} in circles)", circle.join(" → "), members.len()));
        told.extend(members);
    }
    found
}

/// All that a name imports from, directly or not.
fn reached<'a>(arrows: &'a Arrows, start: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![start.to_owned()];
    while let Some(at) = waiting.pop() {
        for next in arrows.get(&at).into_iter().flatten() {
            if found.insert(next.as_str()) {
                waiting.push(next.clone());
            }
        }
    }
    found
}

/// The shortest way from a name back to itself.
fn shortest<'a>(arrows: &'a Arrows, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for next in arrows.get(at).into_iter().flatten() {
            if next == start {
                let mut way = vec![start, at];
                let mut back = at;
                while back != start {
                    back = came_from.get(back)?;
                    way.push(back);
                }
                way.reverse();
                if at == start {
                    way.remove(0);
                }
                return Some(way);
            }
            if !came_from.contains_key(next.as_str()) {
                came_from.insert(next, at);
                waiting.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(arrows: &[(&str, &[&str])]) -> Graph {
        let arrows = arrows.iter().map(|(from, to)| {
            ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect())
        });
        Graph { folder: "src/".into(), arrows: arrows.collect() }
    }

    #[test]
    fn circles_are_found_and_named() {
        let straight = graph(&[("src/a.rs", &["src/b.rs"]), ("src/b.rs", &[])]);
        assert!(circles(&straight).is_empty());
        let round = graph(&[
            ("src/a.rs", &["src/b.rs"]),
            ("src/b.rs", &["src/c.rs"]),
            ("src/c.rs", &["src/a.rs"]),
        ]);
        assert_eq!(circles(&round), ["src/a.rs → src/b.rs → src/c.rs → src/a.rs (3 in circles)"]);
    }

    #[test]
    fn folders_form_circles_where_their_files_do_not() {
        let files = graph(&[
            ("src/x/a.rs", &["src/y/b.rs"]),
            ("src/y/b.rs", &[]),
            ("src/y/c.rs", &["src/x/d.rs"]),
            ("src/x/d.rs", &[]),
        ]);
        assert!(circles(&files).is_empty());
        assert_eq!(circles(&rooms(&files)), ["src/x → src/y → src/x (2 in circles)"]);
    }
}
