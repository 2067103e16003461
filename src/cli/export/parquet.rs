//! Parquet: optional columns of texts, doubles and times in microseconds, compressed by zstd.

use super::Sink;
use super::columns::{COLUMNS, Column, Kind};
use jiff::Timestamp;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;

/// Most reviews of a row group, which is held in memory.
const GROUP_REVIEWS: usize = 10_000;
/// Most bytes of texts of a row group.
const GROUP_BYTES: usize = 32 << 20;

/// Writes reviews in row groups.
pub struct ParquetSink {
    writer: SerializedFileWriter<Box<dyn Write + Send>>,
    group: Vec<Value>,
    bytes: usize,
}

impl ParquetSink {
    /// Begins the file.
    pub fn new(writer: Box<dyn Write + Send>) -> Result<Self, String> {
        let fields = COLUMNS.iter().map(|column| match column.kind {
            Kind::Text => format!("optional binary {} (UTF8);", column.name),
            Kind::Number => format!("optional double {};", column.name),
            Kind::Time => format!("optional int64 {} (TIMESTAMP(MICROS,true));", column.name),
        });
        let schema = format!("message review {{ {} }}", fields.collect::<String>());
        let schema = parse_message_type(&schema).map_err(|error| error.to_string())?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("heartstrings ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(writer, Arc::new(schema), Arc::new(properties))
            .map_err(|error| error.to_string())?;
        Ok(Self { writer, group: Vec::new(), bytes: 0 })
    }

    fn write_group(&mut self) -> Result<(), parquet::errors::ParquetError> {
        if self.group.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in COLUMNS {
            let Some(mut writer) = group.next_column()? else { break };
            write_column(&mut writer, column, &self.group)?;
            writer.close()?;
        }
        group.close()?;
        self.group.clear();
        self.bytes = 0;
        Ok(())
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, review: &Value) -> Result<(), String> {
        self.bytes += review["text"].as_str().map_or(0, str::len);
        self.group.push(review.clone());
        if self.group.len() < GROUP_REVIEWS && self.bytes < GROUP_BYTES {
            return Ok(());
        }
        self.write_group().map_err(|error| error.to_string())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        let end = |mut sink: Box<Self>| {
            sink.writer.finish()?;
            sink.writer.inner_mut().flush().map_err(Into::into)
        };
        let written = self.write_group().and_then(|()| end(self));
        written.map_err(|error: parquet::errors::ParquetError| error.to_string())
    }
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    column: &Column,
    reviews: &[Value],
) -> Result<(), parquet::errors::ParquetError> {
    /// The values that there are, and for each review whether it has one.
    fn split<T>(cells: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
        let cells: Vec<_> = cells.collect();
        let levels = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
        (cells.into_iter().flatten().collect(), levels)
    }
    match column.kind {
        Kind::Text => {
            let texts = reviews.iter().map(|review| column.text(review));
            let (values, levels) =
                split(texts.map(|text| text.map(|text| ByteArray::from(text.into_bytes()))));
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        }
        Kind::Number => {
            let (values, levels) = split(reviews.iter().map(|review| column.number(review)));
            writer.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
        }
        Kind::Time => {
            let times = reviews.iter().map(|review| {
                let time: Timestamp = column.text(review)?.parse().ok()?;
                Some(time.as_microsecond())
            });
            let (values, levels) = split(times);
            writer.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
        }
    }
    Ok(())
}
