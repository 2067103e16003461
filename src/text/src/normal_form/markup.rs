//! HTML in texts that were sent as plain ones: entities and line breaks.

use super::offsets::Edit;
use regex::Regex;
use std::sync::LazyLock;

/// An entity with its semicolon, or a tag that only breaks lines. The longest name of an entity
/// has 31 letters.
static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(r"(?i)&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});|</?(?:br|p)\s?/?>")
});

/// Edits that replace entities by their characters, and `<br>` and `<p>` by line breaks.
///
/// An ampersand without a name that HTML knows stays, and so does every other tag: "<3" and
/// "a < b" are text.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    if !text.contains(['&', '<']) {
        return Vec::new();
    }
    let mut edits: Vec<Edit> = Vec::new();
    for found in MARKUP.find_iter(text) {
        let written = found.as_str();
        if written.starts_with('<') {
            edits.push((found.range(), "\n".into()));
            continue;
        }
        let shown = htmlize::unescape(written);
        if shown != written {
            edits.push((found.range(), shown.into_owned().into()));
        }
    }
    edits
}
