//! Which column holds what.

use crate::record::Record;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The column of this name.
    Column(String),
    /// It is the same for all rows.
    Constant(String),
}

impl Source {
    /// The value for a row; `None` when there is none.
    pub fn of<'a>(&'a self, record: &'a Record) -> Option<&'a str> {
        match self {
            Self::Column(name) => record.get(name),
            Self::Constant(value) => Some(value),
        }
    }

    /// The column, if it is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::Constant(_) => None,
        }
    }
}

impl FromStr for Source {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('=') {
            Some(constant) => Self::Constant(constant.to_owned()),
            None => Self::Column(text.to_owned()),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => f.write_str(name),
            Self::Constant(value) => write!(f, "={value}"),
        }
    }
}

/// Which column holds what. What is `None` is not in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The review itself. A mapping that [`Mapping::guess`] has made has it.
    pub text: Option<Source>,
    /// The thing under review. A mapping that [`Mapping::guess`] has made has it.
    pub subject: Option<Source>,
    /// The writer's own rating.
    pub rating: Option<Source>,
    /// When it was written.
    pub date: Option<Source>,
    /// Its id.
    pub id: Option<Source>,
    /// Its headline.
    pub title: Option<Source>,
    /// Who wrote it.
    pub author: Option<Source>,
    /// Where it came from.
    pub source: Option<Source>,
    /// The language of the text.
    pub language: Option<Source>,
    /// What else is kept: the name under which, and the column. A column that is called `metadata`
    /// holds many pairs as a JSON object.
    pub metadata: Vec<(String, String)>,
}

impl Mapping {
    /// The fields that have a source, with their names on the command line.
    pub fn fields(&self) -> Vec<(&'static str, &Source)> {
        let all = [
            ("text", &self.text),
            ("subject", &self.subject),
            ("rating", &self.rating),
            ("date", &self.date),
            ("id", &self.id),
            ("title", &self.title),
            ("author", &self.author),
            ("source", &self.source),
            ("language", &self.language),
        ];
        all.into_iter().filter_map(|(name, source)| Some((name, source.as_ref()?))).collect()
    }
}

/// Why columns cannot be mapped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A column that was named is not there.
    #[error("--{field}: there is no column {column:?}; there are {}", columns.join(", "))]
    NoColumn {
        /// What it was to be.
        field: &'static str,
        /// Its name.
        column: String,
        /// Those that are there.
        columns: Vec<String>,
    },
    /// No column looks like the text.
    #[error("no column looks like the text of a review; name it with --text COLUMN. There are {}", .0.join(", "))]
    NoText(Vec<String>),
    /// No column looks like the subject.
    #[error(
        "no column looks like the subject, the thing under review; name it with --subject COLUMN, or \
         say --subject =NAME if all rows are about one thing. There are {}", .0.join(", ")
    )]
    NoSubject(Vec<String>),
}
