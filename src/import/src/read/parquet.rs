//! Parquet files, as pandas, pyarrow, polars and `heartstrings export` write them.

use crate::record::{ReadError, Record, unique_names};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::LogicalType;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::Number;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The rows of a Parquet file.
pub struct ParquetReader {
    rows: RowIter<'static>,
    names: Arc<[String]>,
    /// Whether each column holds times by the clock on some wall, not in UTC.
    local: Vec<bool>,
    row: u64,
    has_ended: bool,
}

impl ParquetReader {
    /// Reads the foot of the file.
    ///
    /// # Errors
    /// When it is not Parquet, or compressed by a method that is not read here.
    pub fn open(file: impl ChunkReader + 'static) -> Result<Self, String> {
        // The library checks what it reads, but not everywhere: a damaged file may panic in it.
        let opened = catch_unwind(AssertUnwindSafe(|| -> Result<_, String> {
            let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
            let schema = reader.metadata().file_metadata().schema_descr_ptr();
            let fields = schema.root_schema().get_fields();
            let names = unique_names(fields.iter().map(|field| field.name().to_owned()))?;
            let local = fields.iter().map(|field| is_local(field)).collect();
            Ok((RowIter::from_file_into(Box::new(reader)), names, local))
        }));
        let (rows, names, local) = opened.map_err(|_| damaged())??;
        Ok(Self { rows, names, local, row: 0, has_ended: false })
    }

    fn record(&self, row: &Row) -> Record {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let mut is_flat = true;
        let columns = self.names.iter().zip(&self.local);
        for ((_, field), (name, is_local)) in row.get_column_iter().zip(columns) {
            match field {
                Field::Group(inner) => {
                    is_flat = false;
                    for (key, field) in inner.get_column_iter() {
                        names.push(format!("{name}.{key}"));
                        values.push(text(field, false));
                    }
                }
                field => {
                    names.push(name.clone());
                    values.push(text(field, *is_local));
                }
            }
        }
        let names = if is_flat { Arc::clone(&self.names) } else { names.into() };
        Record { line: self.row, names, values }
    }
}

impl Iterator for ParquetReader {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = catch_unwind(AssertUnwindSafe(|| self.rows.next()));
        let broken = match next {
            Ok(None) => {
                self.has_ended = true;
                return None;
            }
            Ok(Some(Ok(row))) => {
                self.row += 1;
                return Some(Ok(self.record(&row)));
            }
            Ok(Some(Err(error))) => error.to_string(),
            Err(_) => damaged(),
        };
        self.has_ended = true;
        Some(Err(ReadError::File(format!("row {} cannot be read: {broken}", self.row + 1))))
    }
}

fn damaged() -> String {
    "the file is damaged, or uses a part of Parquet that is not read here".into()
}

/// Whether a column holds times or days without a zone.
fn is_local(column: &Type) -> bool {
    match column.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => !time.is_adjusted_to_u_t_c,
        Some(LogicalType::Date) => true,
        _ => false,
    }
}

/// A value as text.
fn text(field: &Field, is_local: bool) -> Option<String> {
    let time = |nanoseconds: i128| {
        let time = Timestamp::from_nanosecond(nanoseconds).ok()?;
        Some(match is_local {
            true => TimeZone::UTC.to_datetime(time).to_string(),
            false => time.to_string(),
        })
    };
    Some(match field {
        Field::Null => return None,
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Bool(value) => value.to_string(),
        // As JSON writes numbers, and Python: 4.0 and not 4.
        Field::Float(value) => Number::from_f64(value.to_string().parse().ok()?)?.to_string(),
        Field::Double(value) => Number::from_f64(*value)?.to_string(),
        Field::Date(days) => time(i128::from(*days) * 86_400_000_000_000)?,
        Field::TimestampMillis(value) => time(i128::from(*value) * 1_000_000)?,
        Field::TimestampMicros(value) => time(i128::from(*value) * 1_000)?,
        // Nanoseconds have no case of their own.
        Field::Long(value) if is_local => time(i128::from(*value))?,
        other => other.to_string(),
    })
}
