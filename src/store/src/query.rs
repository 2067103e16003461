//! What can be asked of a store, and what it gives.

use crate::Cursor;
use heartstrings_core::aggregate::Cell;
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::Subject;
use jiff::Timestamp;

/// Bytes of texts with which a page of reviews ends, however many more it may have: two hundred
/// long reviews would be tens of megabytes.
pub const PAGE_TEXT_BYTES: usize = 4 << 20;

/// Which reviews, in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewQuery {
    /// Of one subject, or all.
    pub scope: Scope,
    /// Which of them.
    pub filter: ReviewFilter,
    /// The order.
    pub sort: ReviewSort,
    /// Page size, 1 to 200. A page may be shorter although there are more: a filter that lets
    /// few reviews pass, and is not by label, emotion or source alone, may be given up after some
    /// thousand entries, and long texts end a page at [`PAGE_TEXT_BYTES`]; the cursor goes on there.
    pub limit: usize,
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
}

/// What reviews must be like; `None` asks nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewFilter {
    /// Label of the sentiment.
    pub label: Option<Label>,
    /// Index into [`EMOTIONS`](heartstrings_core::analysis::EMOTIONS) of an emotion that the review shows.
    pub emotion: Option<usize>,
    /// Where it came from.
    pub source: Option<String>,
    /// Least score.
    pub min_score: Option<Fixed>,
    /// Greatest score.
    pub max_score: Option<Fixed>,
    /// Least intensity.
    pub min_intensity: Option<Fixed>,
    /// Greatest intensity.
    pub max_intensity: Option<Fixed>,
    /// Earliest `written_at`.
    pub from: Option<Timestamp>,
    /// `written_at` before this.
    pub to: Option<Timestamp>,
}

/// Order of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewSort {
    /// Latest `written_at` first.
    Newest,
    /// Earliest `written_at` first.
    Oldest,
    /// Highest score first.
    MostPositive,
    /// Lowest score first.
    MostNegative,
    /// Highest intensity first.
    MostIntense,
}

/// What an aggregate is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One subject.
    Subject(Subject),
    /// All reviews.
    All,
}

/// A cell and the time span of the reviews in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// The sums.
    pub cell: Cell,
    /// Earliest and latest `written_at` of the reviews in the cell; `None` when there are none.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// A subject in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectTotals {
    /// Its name.
    pub subject: Subject,
    /// All its reviews, all time.
    pub cell: Cell,
    /// `written_at` of its latest review.
    pub last_written_at: Timestamp,
}

/// Which subjects, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectQuery {
    /// Only names that start with this; empty for all.
    pub prefix: String,
    /// The order.
    pub sort: SubjectSort,
    /// Page size, 1 to 200.
    pub limit: usize,
    /// Where to go on; `None` for the first page.
    pub cursor: Option<Cursor>,
}

/// Order of a list of subjects. All but `Name` start with the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectSort {
    /// A to Z, by bytes.
    Name,
    /// Most reviews first.
    Reviews,
    /// Highest mean score first.
    Sentiment,
    /// Highest mean intensity first.
    Intensity,
    /// Latest `written_at` first.
    Recent,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items, at most as many as the query's limit.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}
