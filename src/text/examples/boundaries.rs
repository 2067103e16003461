//! Precision, recall and F1 of sentence boundaries against marks made by hand.
//!
//! `boundaries MARKS DATA [--show]`: MARKS is training/marks/sentences.tsv, whose
//! README says what its columns are; DATA is the folder of labelled data that it refers to. Ends are
//! compared up to the marked length; the end of a whole text is no boundary. With `--show` each boundary
//! that is missing or too much is printed.

use heartstrings_text::Reading;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [marks, data, rest @ ..] = arguments.as_slice() else {
        return Err("give the file of marks and the folder of the data".into());
    };
    let shows = rest.iter().any(|argument| argument == "--show");
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for row in std::fs::read_to_string(marks)?.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [set, file, line, digest, _, length, ends] = fields.as_slice() else {
            return Err(format!("{row:?} has not seven fields").into());
        };
        let text = look_up(&Path::new(data).join(file), line.parse()?, digest)?;
        let chars: Vec<char> = text.chars().collect();
        let length: usize = length.parse()?;
        // Two ends are the same when no letter and no digit stands between them.
        let spoken = |end: usize| chars[..end].iter().filter(|c| c.is_alphanumeric()).count();
        let boundaries = |ends: &mut dyn Iterator<Item = usize>| -> BTreeMap<usize, usize> {
            let all = ends.filter(|end| *end <= length).map(|end| (spoken(end), end));
            all.filter(|(spoken_before, _)| *spoken_before < spoken(chars.len())).collect()
        };
        let marked = boundaries(&mut ends.split(',').filter_map(|end| end.parse().ok()));
        let reading = Reading::of(&text);
        let found = boundaries(&mut reading.sentences().map(|(_, span)| span.end));
        let keys = |ends: &BTreeMap<usize, usize>| ends.keys().copied().collect::<BTreeSet<_>>();
        let (found_keys, marked_keys) = (keys(&found), keys(&marked));
        for name in [*set, "all"] {
            let counted = counts.entry(name.to_owned()).or_default();
            counted[0] += found_keys.intersection(&marked_keys).count();
            counted[1] += found.len();
            counted[2] += marked.len();
        }
        let show = |what: &str, end: usize| {
            let before: String = chars[end.saturating_sub(50)..end].iter().collect();
            let after: String = chars[end..].iter().take(40).collect();
            println!("{what}: {before:?} | {after:?}");
        };
        if shows {
            found_keys.difference(&marked_keys).for_each(|key| show("too much", found[key]));
            marked_keys.difference(&found_keys).for_each(|key| show("missing", marked[key]));
        }
    }
    for (set, [both, found, marked]) in counts {
        let share = |of: usize| both as f64 / of.max(1) as f64;
        let f1 = 2.0 * both as f64 / (found + marked).max(1) as f64;
        let (precision, recall) = (share(found), share(marked));
        println!(
            "{set}: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4} of {marked} boundaries"
        );
    }
    Ok(())
}

/// The field of a line (the header is line 1) whose SHA-256 begins with `digest`.
fn look_up(path: &Path, line: usize, digest: &str) -> Result<String, Box<dyn Error>> {
    let content = std::fs::read_to_string(path)?;
    let row = content.split('\n').nth(line - 1).unwrap_or_default();
    let is_meant = |field: &&str| {
        let bytes = Sha256::digest(field.as_bytes());
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.starts_with(digest)
    };
    let found = row.split('\t').find(is_meant);
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("{}: line {line} has another text", path.display()).into())
}
