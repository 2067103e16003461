//! Reads labelled files: TSV with a header line, without quoting.

use heartstrings_core::review::Text;
use std::collections::HashMap;
use std::path::Path;

/// A text and its labels; `None` where the file has no such column.
#[derive(Debug)]
pub struct Labelled {
    /// Title and text.
    pub text: Text,
    /// Sentiment of the label.
    pub side: Option<Side>,
    /// 1 to 5.
    pub stars: Option<f64>,
    /// 0 to 4, in files whose labels are five classes.
    pub class: Option<usize>,
    /// Valence, arousal, dominance as annotated.
    pub affect: Option<[f64; 3]>,
    /// Intensity, 0 to 1, and of which emotion.
    pub intensity: Option<(String, f64)>,
    /// Indices of emotions.
    pub emotions: Option<Vec<usize>>,
    /// Whether its label is `mixed`; known in files whose labels are words.
    pub mixed: Option<bool>,
    /// The pair it belongs to, and whether it is the more intense of the two.
    pub pair: Option<(String, bool)>,
    /// Its group of twins: texts that should all get the same score.
    pub twins: Option<String>,
}

/// Sentiment of a label.
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
///
/// # Errors
/// When it cannot be read, has no column `text` or no row, or a value is wrong; the message names the line.
pub fn read(path: &Path) -> Result<Vec<Labelled>, String> {
    let name = path.display();
    let file = std::fs::read_to_string(path).map_err(|e| format!("cannot read {name}: {e}"))?;
    let mut lines = file.split('\n').map(|line| line.trim_end_matches('\r'));
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    if !header.contains(&"text") {
        return Err(format!("{name} has no column `text`; its first line must name the columns"));
    }
    let classes = Classes::of(&header, &file);
    let in_words = Classes::any(&header, &file, &["negative", "neutral", "positive", "mixed"]);
    let mut rows = Vec::new();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        let cells: HashMap<&str, &str> = header.iter().copied().zip(line.split('\t')).collect();
        // A text that is nothing but white space cannot be scored; some sets have one or two.
        let Ok(text) = titled(&cells).parse() else { continue };
        rows.push(
            label(&cells, text, classes).map_err(|why| format!("{name}, line {number}: {why}"))?,
        );
    }
    if in_words {
        for row in &mut rows {
            row.mixed = Some(row.mixed.unwrap_or(false));
        }
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
            .map(|id| {
                id.parse().ok().filter(|id| *id < heartstrings_core::analysis::EMOTIONS.len())
            })
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| format!("{ids:?} in column `label_ids` is not a list of 0 to 27"))
    });
    let (mut stars, mut class) = (number("stars")?, None);
    let side = match (cells.get("label"), stars) {
        (Some(&"mixed"), _) => None,
        (Some(word), _) => {
            if classes == Classes::Five {
                class = word.parse::<usize>().ok();
                stars = class.map(|class| class as f64 + 1.0);
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
        class,
        affect,
        intensity: number("intensity")?.map(|value| (dimension.to_owned(), value)),
        emotions: emotions.transpose()?,
        mixed: (cells.get("label") == Some(&"mixed")).then_some(true),
        pair: cells.get("pair").map(|pair| more_or_less(pair, cells)).transpose()?,
        twins: cells.get("twins").map(|group| (*group).to_owned()),
    })
}

/// A row of a pair, and whether it is the more intense one.
fn more_or_less(pair: &str, cells: &HashMap<&str, &str>) -> Result<(String, bool), String> {
    match cells.get("intense").copied() {
        Some("more") => Ok((pair.to_owned(), true)),
        Some("less") => Ok((pair.to_owned(), false)),
        _ => Err("a file with a column `pair` needs a column `intense`: more or less".into()),
    }
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
        if Self::any(header, file, &["2", "3", "4"]) { Classes::Five } else { Classes::Two }
    }

    /// Whether some label of the file is one of these words.
    fn any(header: &[&str], file: &str, words: &[&str]) -> bool {
        let Some(column) = header.iter().position(|name| *name == "label") else {
            return false;
        };
        let is = |line: &str| {
            let cell = line.trim_end_matches('\r').split('\t').nth(column);
            cell.is_some_and(|cell| words.contains(&cell))
        };
        file.split('\n').skip(1).any(is)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(content: &str) -> Vec<Labelled> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        read(file.path()).unwrap()
    }

    #[test]
    fn labels_in_words_know_what_is_mixed() {
        let rows = read_text("label\ttext\npositive\ta\nmixed\tb\nneutral\tc\n");
        let known: Vec<_> = rows.iter().map(|row| (row.side, row.mixed)).collect();
        assert_eq!(
            known,
            [
                (Some(Side::Positive), Some(false)),
                (None, Some(true)),
                (Some(Side::Neutral), Some(false))
            ]
        );
        // Numbers say nothing of it.
        assert_eq!(read_text("label\ttext\n1\ta\n0\tb\n")[0].mixed, None);
    }

    #[test]
    fn five_classes_are_stars_too() {
        let rows = read_text("label\ttext\n0\ta\n4\tb\n");
        let known: Vec<_> = rows.iter().map(|row| (row.class, row.stars, row.side)).collect();
        assert_eq!(
            known,
            [
                (Some(0), Some(1.0), Some(Side::Negative)),
                (Some(4), Some(5.0), Some(Side::Positive))
            ]
        );
        assert_eq!(read_text("stars\ttext\n5\ta\n")[0].class, None);
    }

    #[test]
    fn pairs_twins_and_dimensions_are_read() {
        let rows = read_text("pair\tintense\ttext\n7\tmore\ta\n7\tless\tb\n");
        assert_eq!(rows[0].pair, Some(("7".into(), true)));
        assert_eq!(rows[1].pair, Some(("7".into(), false)));
        assert_eq!(read_text("twins\ttext\ng\ta\n")[0].twins.as_deref(), Some("g"));
        let rows = read_text("dimension\tintensity\ttext\nfear\t0.25\ta\n");
        assert_eq!(rows[0].intensity, Some(("fear".into(), 0.25)));
    }
}
