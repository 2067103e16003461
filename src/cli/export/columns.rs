//! A review as a row: the columns that CSV and Parquet have.

use serde_json::Value;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A time, RFC 3339.
    Time,
}

/// A column, and where its value is in a review as the API shows it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name. Those that `heartstrings import` knows are known by it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// JSON pointer to the value.
    pointer: &'static str,
}

const fn column(name: &'static str, kind: Kind, pointer: &'static str) -> Column {
    Column { name, kind, pointer }
}

/// All columns. The first ones are those of [`SAFE_HEADER`](heartstrings_import::SAFE_HEADER), by
/// which an import knows such a file; new ones are added at the end.
pub const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "/id"),
    column("subject", Kind::Text, "/subject"),
    column("text", Kind::Text, "/text"),
    column("title", Kind::Text, "/title"),
    column("rating", Kind::Number, "/rating"),
    column("author", Kind::Text, "/author"),
    column("source", Kind::Text, "/source"),
    column("language", Kind::Text, "/language"),
    column("written_at", Kind::Time, "/written_at"),
    column("metadata", Kind::Text, "/metadata"),
    column("received_at", Kind::Time, "/received_at"),
    column("updated_at", Kind::Time, "/updated_at"),
    column("model", Kind::Text, "/analysis/model"),
    column("text_language", Kind::Text, "/analysis/language"),
    column("sentiment_label", Kind::Text, "/analysis/sentiment/label"),
    column("sentiment_score", Kind::Number, "/analysis/sentiment/score"),
    column("sentiment_confidence", Kind::Number, "/analysis/sentiment/confidence"),
    column("sentiment_negative", Kind::Number, "/analysis/sentiment/negative"),
    column("sentiment_neutral", Kind::Number, "/analysis/sentiment/neutral"),
    column("sentiment_positive", Kind::Number, "/analysis/sentiment/positive"),
    column("intensity", Kind::Number, "/analysis/intensity"),
    column("emotions", Kind::Text, "/analysis/emotions"),
    column("valence", Kind::Number, "/analysis/affect/valence"),
    column("arousal", Kind::Number, "/analysis/affect/arousal"),
    column("dominance", Kind::Number, "/analysis/affect/dominance"),
    column("tokens", Kind::Number, "/analysis/tokens"),
    column("warnings", Kind::Text, "/analysis/warnings"),
];

impl Column {
    /// The text of a review in a column of texts or times; `None` when it has none.
    pub fn text(&self, review: &Value) -> Option<String> {
        match review.pointer(self.pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) if items.is_empty() => None,
            Value::Array(items) => {
                let items = items.iter().map(|item| match item {
                    Value::String(text) => text.clone(),
                    item => {
                        let label = item["label"].as_str().unwrap_or_default();
                        format!("{label} {}", item["probability"])
                    }
                });
                Some(items.collect::<Vec<_>>().join("; "))
            }
            Value::Object(pairs) if pairs.is_empty() => None,
            object @ Value::Object(_) => Some(object.to_string()),
            _ => None,
        }
    }

    /// The number of a review in a column of numbers; `None` when it has none.
    pub fn number(&self, review: &Value) -> Option<f64> {
        review.pointer(self.pointer)?.as_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_import::SAFE_HEADER;

    #[test]
    fn an_import_knows_the_file_by_its_first_columns() {
        let names = COLUMNS.iter().map(|column| column.name);
        assert!(names.take(SAFE_HEADER.len()).eq(SAFE_HEADER.iter().copied()));
    }
}
