//! The flags that say how files are written and which column is what.

use crate::cli::Trouble;
use clap::{Args, ValueEnum};
use heartstrings_import::{Format, Mapping, PlanOptions, Quotes, Reading, Source, encoding};

/// How the files are written, and which column is what; what is not said is guessed and shown.
#[derive(Args, Clone)]
pub struct Columns {
    /// Column of the texts
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    text: Option<String>,
    /// Column of the subject, the thing under review, or =NAME when all rows are about one
    #[arg(long, value_name = "COLUMN|=NAME", help_heading = "Columns")]
    subject: Option<Source>,
    /// Column of the writer's own rating
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    rating: Option<String>,
    /// Worst and best rating, like 1..10 or 0..100; kept as 1 to 5
    #[arg(long, value_name = "LOW..HIGH", help_heading = "Columns")]
    rating_scale: Option<String>,
    /// Column of the date of writing
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    date: Option<String>,
    /// How the dates are written, like %d/%m/%Y; without it any common form is read
    #[arg(long, value_name = "FORMAT", help_heading = "Columns")]
    date_format: Option<String>,
    /// Where dates without a zone of their own were written, like Asia/Seoul [default: UTC]
    #[arg(long, value_name = "ZONE", help_heading = "Columns")]
    time_zone: Option<String>,
    /// Column of the ids; without one they are made from the content
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    id: Option<String>,
    /// Column of the headlines
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    title: Option<String>,
    /// Column of the authors
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    author: Option<String>,
    /// Column of where reviews came from, or =NAME
    #[arg(long, value_name = "COLUMN|=NAME", help_heading = "Columns")]
    source: Option<Source>,
    /// Column of the languages, or =TAG
    #[arg(long, value_name = "COLUMN|=TAG", help_heading = "Columns")]
    language: Option<Source>,
    /// Column to keep as metadata; may be given several times
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    metadata: Vec<String>,
    /// How the texts are written
    #[arg(long, value_enum, default_value_t = TextFormat::Plain, help_heading = "Columns")]
    format: TextFormat,
    /// What the files are made of
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Files")]
    input: Option<FileFormat>,
    /// Encoding of the files, like utf-16le, windows-1252 or shift_jis
    #[arg(long, value_name = "NAME", help_heading = "Files")]
    encoding: Option<String>,
    /// Character between the fields of a row
    #[arg(long, value_name = "CHARACTER", help_heading = "Files")]
    delimiter: Option<String>,
    /// What quotes mean in CSV and TSV
    #[arg(long, value_enum, value_name = "KIND", help_heading = "Files")]
    quotes: Option<QuoteKind>,
    /// The first row is a review; columns are called "column 1", "column 2", …
    #[arg(long, help_heading = "Files")]
    no_header: bool,
}

/// How texts are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TextFormat {
    /// As they stand
    Plain,
    /// As pages or pieces of them
    Html,
}

/// What files are made of.
#[derive(Clone, Copy, ValueEnum)]
enum FileFormat {
    /// Delimited by commas, semicolons, tabs or bars
    Csv,
    /// Delimited by tabs
    Tsv,
    /// A JSON object a line
    Ndjson,
    /// One JSON array
    Json,
    /// Apache Parquet
    Parquet,
}

/// What quotes mean.
#[derive(Clone, Copy, ValueEnum)]
enum QuoteKind {
    /// They stand around fields and are doubled within
    Doubled,
    /// They stand around fields and have a backslash before them within
    Backslash,
    /// They are characters like others
    None,
}

impl Columns {
    /// How to read the files.
    pub fn reading(&self) -> Result<Reading, Trouble> {
        let encoding = self.encoding.as_deref().map(|name| {
            encoding(name).ok_or_else(|| {
                Trouble::Usage(format!(
                    "--encoding: there is no encoding {name:?}; there are utf-8, utf-16le, \
                     utf-16be, windows-1252 and the others of the WHATWG standard"
                ))
            })
        });
        let delimiter = self.delimiter.as_deref().map(|text| match text {
            "\\t" | "tab" => Ok(b'\t'),
            _ => match text.as_bytes() {
                [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
                _ => {
                    let why = format!("--delimiter: {text:?} is not one ASCII character, or tab");
                    Err(Trouble::Usage(why))
                }
            },
        });
        Ok(Reading {
            format: self.input.map(|format| match format {
                FileFormat::Csv => Format::Csv,
                FileFormat::Tsv => Format::Tsv,
                FileFormat::Ndjson => Format::Ndjson,
                FileFormat::Json => Format::Json,
                FileFormat::Parquet => Format::Parquet,
            }),
            encoding: encoding.transpose()?,
            delimiter: delimiter.transpose()?,
            quotes: self.quotes.map(|kind| match kind {
                QuoteKind::Doubled => Quotes::Doubled,
                QuoteKind::Backslash => Quotes::Backslash,
                QuoteKind::None => Quotes::None,
            }),
            no_header: self.no_header,
        })
    }

    /// The columns that are named.
    pub fn mapping(&self) -> Mapping {
        let column = |name: &Option<String>| name.clone().map(Source::Column);
        Mapping {
            text: column(&self.text),
            subject: self.subject.clone(),
            rating: column(&self.rating),
            date: column(&self.date),
            id: column(&self.id),
            title: column(&self.title),
            author: column(&self.author),
            source: self.source.clone(),
            language: self.language.clone(),
            metadata: self.metadata.iter().map(|name| (name.clone(), name.clone())).collect(),
        }
    }

    /// How values are read.
    pub fn options(&self) -> Result<PlanOptions, Trouble> {
        let wrong = |flag: &str, why: String| Trouble::Usage(format!("{flag}: {why}"));
        let scale = self.rating_scale.as_deref().map(str::parse).transpose();
        let zone = self.time_zone.as_deref().map(jiff::tz::TimeZone::get).transpose();
        Ok(PlanOptions {
            scale: scale.map_err(|why| wrong("--rating-scale", why))?,
            date_format: self.date_format.clone(),
            time_zone: zone.map_err(|error| wrong("--time-zone", error.to_string()))?,
            html: self.format == TextFormat::Html,
        })
    }
}
