//! Labelled files: TSV with a header line, no quoting.

use crate::review::Text;
use std::collections::HashMap;
use std::path::Path;

/// A text and what people said of it; empty where the file has no such column.
#[derive(Debug)]
pub struct Labelled {
    /// Title and text.
    pub text: Text,
    /// Where the label stands.
    pub side: Option<Side>,
    /// 1 to 5.
    pub stars: Option<f64>,
    /// Valence, arousal, dominance as annotated.
    pub affect: Option<[f64; 3]>,
    /// Intensity, 0 to 1, and of which emotion.
    pub intensity: Option<(String, f64)>,
    /// Indices of emotions.
    pub emotions: Option<Vec<usize>>,
}

/// What a label says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Complaint.
    Negative,
    /// Neither.
    Neutral,
    /// Praise.
    Positive,
}

/// Reads a labelled file.
pub fn read(path: &Path) -> Result<Vec<Labelled>, String> {
    let name = path.display();
    let file = std::fs::read_to_string(path).map_err(|e| format!("cannot read {name}: {e}"))?;
    let mut lines = file.split('\n').map(|line| line.trim_end_matches('\r'));
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    if !header.contains(&"text") {
        return Err(format!("{name} has no column `text`; its first line must name the columns"));
    }
    let classes = Classes::of(&header, &file);
    let mut rows = Vec::new();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        let cells: HashMap<&str, &str> = header.iter().copied().zip(line.split('\t')).collect();
        // A text that is nothing but white space cannot be scored; some sets have one or two.
        let Ok(text) = titled(&cells).parse() else { continue };
        rows.push(
            label(&cells, text, classes).map_err(|why| format!("{name}, line {number}: {why}"))?,
        );
    }
    if rows.is_empty() { Err(format!("{name} has no rows")) } else { Ok(rows) }
}

fn titled(cells: &HashMap<&str, &str>) -> String {
    let text = cells.get("text").copied().unwrap_or_default();
    match cells.get("title").map(|title| title.trim()) {
        None | Some("") => text.to_owned(),
        Some(title) if title.ends_with(['.', '!', '?']) => format!("{title} {text}"),
        Some(title) => format!("{title}. {text}"),
    }
}

fn label(cells: &HashMap<&str, &str>, text: Text, classes: Classes) -> Result<Labelled, String> {
    let number = |column: &str| match cells.get(column) {
        Some(cell) => cell
            .parse::<f64>()
            .map(Some)
            .map_err(|_| format!("{cell:?} in column `{column}` is not a number")),
        None => Ok(None),
    };
    let affect = match (number("V")?, number("A")?, number("D")?) {
        (Some(v), Some(a), Some(d)) => Some([v, a, d]),
        _ => None,
    };
    let dimension = cells.get("dimension").copied().unwrap_or("valence");
    let emotions = cells.get("label_ids").map(|ids| {
        ids.split(',')
            .map(|id| id.parse().ok().filter(|id| *id < crate::analysis::EMOTIONS.len()))
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| format!("{ids:?} in column `label_ids` is not a list of 0 to 27"))
    });
    let mut stars = number("stars")?;
    let side = match (cells.get("label"), stars) {
        (Some(word), _) => {
            if classes == Classes::Five {
                stars = word.parse::<f64>().ok().map(|class| class + 1.0);
            }
            Some(classes.side(word)?)
        }
        (None, Some(stars)) => Some(side_of_stars(stars)),
        (None, None) => None,
    };
    Ok(Labelled {
        text,
        side,
        stars,
        affect,
        intensity: number("intensity")?.map(|value| (dimension.to_owned(), value)),
        emotions: emotions.transpose()?,
    })
}

fn side_of_stars(stars: f64) -> Side {
    if stars < 3.0 {
        Side::Negative
    } else if stars > 3.0 {
        Side::Positive
    } else {
        Side::Neutral
    }
}

/// What the numbers in a column `label` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Classes {
    /// 0 negative, 1 positive; or words.
    Two,
    /// 0 to 4, as in SST-5.
    Five,
}

impl Classes {
    /// Five when some label is above one; the file says nothing else of it.
    fn of(header: &[&str], file: &str) -> Self {
        let Some(column) = header.iter().position(|name| *name == "label") else {
            return Classes::Two;
        };
        let above = |line: &str| {
            line.split('\t').nth(column).is_some_and(|cell| ["2", "3", "4"].contains(&cell))
        };
        if file.split('\n').skip(1).any(above) { Classes::Five } else { Classes::Two }
    }

    fn side(self, word: &str) -> Result<Side, String> {
        match (self, word) {
            (_, "negative") | (Classes::Two, "0") | (Classes::Five, "0" | "1") => {
                Ok(Side::Negative)
            }
            (_, "neutral") | (Classes::Five, "2") => Ok(Side::Neutral),
            (_, "positive") | (Classes::Two, "1") | (Classes::Five, "3" | "4") => {
                Ok(Side::Positive)
            }
            _ => Err(format!("{word:?} in column `label` is no label")),
        }
    }
}
