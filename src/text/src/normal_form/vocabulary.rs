//! Common English words and how common they are.

use std::collections::HashMap;
use std::sync::LazyLock;

/// data/README.md says where they are from.
static COSTS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let lines = include_str!("../../data/words.txt").lines();
    lines
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(w, c)| Some((w, c.parse().ok()?)))
        .collect()
});

/// Longest word that is looked up, in bytes.
pub(crate) const LONGEST: usize = 20;

/// What a word costs, −10 ln of its share of running text; nothing for one that is not common.
/// The word is in small letters.
pub(crate) fn cost(word: &str) -> Option<u32> {
    if word.len() > LONGEST { None } else { COSTS.get(word).copied() }
}
