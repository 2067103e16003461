//! A file of reviews, opened: what it is compressed with, written in, and made of.

use crate::read::csv::CsvReader;
use crate::read::dialect::Dialect;
use crate::read::json::LinesReader;
use crate::read::json_array::ArrayReader;
use crate::read::parquet::ParquetReader;
use crate::read::sniff;
use crate::record::{COLUMNS, ReadError, Record, Records};
use crate::stream::{SAMPLE_BYTES, Stream, decompressed, guess_encoding, sampled};
use encoding_rs::UTF_8;
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::collections::VecDeque;
use std::fmt;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Rows at the beginning of a file by which columns, scales and dates are guessed.
const SAMPLE_ROWS: usize = 1_000;

/// The encoding of a text file.
pub type Encoding = &'static encoding_rs::Encoding;

/// The encoding that a name stands for, like `utf-16le`, `windows-1252`, `latin1` or `shift_jis`
/// (the names of the WHATWG Encoding Standard).
pub fn encoding(name: &str) -> Option<Encoding> {
    encoding_rs::Encoding::for_label(name.as_bytes())
}

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited: commas, semicolons, tabs or bars.
    Csv,
    /// Delimited by tabs.
    Tsv,
    /// A JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = [".gz", ".zst", ".zstd"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" | "pq" => Some(Self::Parquet),
            // Half of the world's `.json` files of reviews hold an object a line.
            _ => None,
        }
    }
}

/// What quotes mean in a delimited file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// They stand around fields, and are doubled within.
    Doubled,
    /// They stand around fields, and have a backslash before them within.
    Backslash,
    /// They are characters like others.
    None,
}

/// How to read a file; what is `None` is guessed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// What it is made of.
    pub format: Option<Format>,
    /// Its encoding.
    pub encoding: Option<Encoding>,
    /// What stands between the fields of a delimited file.
    pub delimiter: Option<u8>,
    /// What quotes mean in a delimited file.
    pub quotes: Option<Quotes>,
    /// Whether a delimited file has no header; its columns are `column 1`, `column 2`, … then.
    pub no_header: bool,
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How it is compressed: `gzip`, `zstd`, or nothing.
    pub compression: Option<&'static str>,
    /// What it is made of.
    pub format: Format,
    /// Name of the encoding of a text file.
    pub encoding: Option<&'static str>,
    /// How a delimited file is written.
    pub dialect: Option<Dialect>,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.format {
            Format::Csv => "CSV",
            Format::Tsv => "TSV",
            Format::Ndjson => "NDJSON",
            Format::Json => "a JSON array",
            Format::Parquet => "Parquet",
        })?;
        if let Some(dialect) = self.dialect {
            match dialect.delimiter {
                b'\t' => f.write_str(" with tabs")?,
                other => write!(f, " with {:?} between fields", char::from(other))?,
            }
            if dialect.quote.is_none() {
                f.write_str(", quotes mean nothing")?;
            } else if dialect.escape.is_some() {
                f.write_str(", backslashes before quotes")?;
            }
        }
        if let Some(encoding) = self.encoding {
            write!(f, ", {encoding}")?;
        }
        match self.compression {
            Some(compression) => write!(f, ", {compression}"),
            None => Ok(()),
        }
    }
}

/// Why a file cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct OpenError {
    /// Its name.
    pub name: String,
    /// What is wrong, and what would help.
    pub why: String,
}

/// A file of reviews. Iterating it gives its rows.
pub struct Input {
    name: String,
    shape: Shape,
    columns: Vec<String>,
    sample: VecDeque<Result<Record, ReadError>>,
    rest: Records,
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened or read, or has no header where one must be.
    pub fn open(path: &Path, reading: &Reading) -> Result<Self, OpenError> {
        let name = path.display().to_string();
        let failed =
            |error: std::io::Error| OpenError { name: name.clone(), why: error.to_string() };
        let file = std::fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(OpenError { name, why: "this is a folder; name a file".into() });
        }
        let mut magic = [0; 4];
        let is_parquet = file.read_at(&mut magic, 0).is_ok() && &magic == b"PAR1";
        if is_parquet && matches!(reading.format, None | Some(Format::Parquet)) {
            // Read in place: such a file may be larger than the memory.
            let shape =
                Shape { compression: None, format: Format::Parquet, encoding: None, dialect: None };
            return match ParquetReader::open(file) {
                Ok(reader) => Ok(Self::new(&name, shape, Box::new(reader))),
                Err(why) => Err(OpenError { name, why }),
            };
        }
        Self::read(&name, file, reading)
    }

    /// Reads a stream that is called `name` in messages. Its ending helps to guess the format.
    ///
    /// # Errors
    /// When it cannot be read, or has no header where one must be.
    pub fn read(
        name: &str,
        stream: impl Read + Send + 'static,
        reading: &Reading,
    ) -> Result<Self, OpenError> {
        Self::assemble(name, stream, reading)
            .map_err(|why| OpenError { name: name.to_owned(), why })
    }

    fn assemble(
        name: &str,
        stream: impl Read + Send + 'static,
        reading: &Reading,
    ) -> Result<Self, String> {
        let (stream, compression) = decompressed(stream).map_err(|error| error.to_string())?;
        let (start, mut stream) = sampled(stream).map_err(|error| error.to_string())?;
        let is_parquet = start.starts_with(b"PAR1");
        let shape = |format, encoding: Option<Encoding>, dialect| Shape {
            compression,
            format,
            encoding: encoding.map(|encoding| encoding.name()),
            dialect,
        };
        if reading.format == Some(Format::Parquet) || (reading.format.is_none() && is_parquet) {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            let records = ParquetReader::open(bytes::Bytes::from(bytes))?;
            return Ok(Self::new(name, shape(Format::Parquet, None, None), Box::new(records)));
        }
        let encoding = reading.encoding.unwrap_or_else(|| guess_encoding(&start));
        if let Some((_, mark)) = encoding_rs::Encoding::for_bom(&start) {
            stream.read_exact(&mut [0; 3][..mark]).map_err(|error| error.to_string())?;
        }
        // UTF-8 goes as it is: what is wrong in a row is that row's fault, and is found there.
        let decoded: Stream = match encoding == UTF_8 {
            true => stream,
            false => Box::new(
                DecodeReaderBytesBuilder::new()
                    .encoding(Some(encoding))
                    .bom_sniffing(false)
                    .build(stream),
            ),
        };
        let text = BufReader::with_capacity(64 << 10, decoded);
        let (start, _, _) = encoding.decode(&start);
        let format =
            reading.format.or(Format::of_name(name)).unwrap_or_else(|| guess_format(&start));
        Ok(match format {
            Format::Ndjson => Self::new(
                name,
                shape(format, Some(encoding), None),
                Box::new(LinesReader::new(text)),
            ),
            Format::Json => Self::new(
                name,
                shape(format, Some(encoding), None),
                Box::new(ArrayReader::new(text)),
            ),
            Format::Parquet => return Err("this is not a Parquet file".into()),
            Format::Csv | Format::Tsv => {
                let dialect = dialect(&start, format, reading);
                let reader = CsvReader::open(text, dialect, !reading.no_header)?;
                let names = reader.names();
                let shape = shape(format, Some(encoding), Some(dialect));
                let mut input = Self::new(name, shape, Box::new(reader));
                input.columns = names.to_vec();
                input
            }
        })
    }

    fn new(name: &str, shape: Shape, mut rest: Records) -> Self {
        let sample: VecDeque<_> = rest.by_ref().take(SAMPLE_ROWS).collect();
        let mut columns: Vec<String> = Vec::new();
        for record in sample.iter().flatten() {
            for name in record.names.iter() {
                if columns.len() < COLUMNS && !columns.contains(name) {
                    columns.push(name.clone());
                }
            }
        }
        Self { name: name.to_owned(), shape, columns, sample, rest }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it turned out to be.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Its columns, as far as the first rows show.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The first rows that can be read, a thousand at most.
    pub fn sample(&self) -> impl Iterator<Item = &Record> {
        self.sample.iter().flatten()
    }
}

impl Iterator for Input {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.sample.pop_front().or_else(|| self.rest.next())
    }
}

fn guess_format(start: &str) -> Format {
    match start.trim_start_matches('\u{feff}').trim_start().chars().next() {
        Some('[') => Format::Json,
        Some('{') => Format::Ndjson,
        _ => Format::Csv,
    }
}

fn dialect(start: &str, format: Format, reading: &Reading) -> Dialect {
    let start = start.trim_start_matches('\u{feff}');
    // A row that the sample cuts in two says nothing.
    let whole = match start.len() + 4 >= SAMPLE_BYTES {
        true => start.rsplit_once('\n').map_or(start, |(whole, _)| whole),
        false => start,
    };
    let mut dialect = match (reading.delimiter, format) {
        (Some(delimiter), _) => Dialect { delimiter, ..Dialect::COMMA },
        (None, Format::Tsv) => Dialect { delimiter: b'\t', ..sniff::guess_quotes(whole, b'\t') },
        (None, _) => sniff::guess(whole),
    };
    match reading.quotes {
        None => {}
        Some(Quotes::Doubled) => (dialect.quote, dialect.escape) = (Some(b'"'), None),
        Some(Quotes::Backslash) => (dialect.quote, dialect.escape) = (Some(b'"'), Some(b'\\')),
        Some(Quotes::None) => (dialect.quote, dialect.escape) = (None, None),
    }
    dialect
}
