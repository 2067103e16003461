//! CSV for spreadsheets: UTF-8, commas, quotes where needed, a header.

use super::Sink;
use super::columns::{COLUMNS, Kind};
use csv::Writer;
use heartstrings_import::safe_cell;
use serde_json::Value;
use std::io::Write;

/// Writes reviews as rows.
pub struct CsvSink(Writer<Box<dyn Write + Send>>);

impl CsvSink {
    /// Writes the header.
    pub fn new(writer: Box<dyn Write + Send>) -> Result<Self, String> {
        let mut writer = Writer::from_writer(writer);
        let header = COLUMNS.iter().map(|column| column.name);
        writer.write_record(header).map_err(|error| error.to_string())?;
        Ok(Self(writer))
    }
}

impl Sink for CsvSink {
    fn write(&mut self, review: &Value) -> Result<(), String> {
        let cells = COLUMNS.iter().map(|column| match column.kind {
            // A number is no formula, whatever its sign.
            Kind::Number => {
                column.number(review).map_or(String::new(), |number| number.to_string())
            }
            Kind::Time => column.text(review).unwrap_or_default(),
            Kind::Text => safe_cell(&column.text(review).unwrap_or_default()).into_owned(),
        });
        self.0.write_record(cells).map_err(|error| error.to_string())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        self.0.flush().map_err(|error| error.to_string())
    }
}
