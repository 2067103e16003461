//! From rows to drafts.

use crate::convert::dates::{DateReading, day_comes_first};
use crate::convert::ratings::Scale;
use crate::convert::subjects::subject_of;
use crate::convert::{ids, is_nothing, is_tag};
use crate::mapping::{Mapping, Source};
use crate::record::{Record, Refused};
use heartstrings_core::review::{Format, ReviewDraft};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The key of the metadata under which the name of a subject is kept that is not allowed as one.
const SUBJECT_NAME: &str = "subject_name";

/// How the values of a file are read; what is `None` is guessed from the first rows.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// The scale of the ratings.
    pub scale: Option<Scale>,
    /// The form of the dates, in `strftime` notation.
    pub date_format: Option<String>,
    /// The zone of dates that name none; UTC when absent.
    pub time_zone: Option<TimeZone>,
    /// Whether the texts are HTML.
    pub html: bool,
}

/// Why a file cannot be imported as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The ratings fit on no common scale.
    #[error("the ratings in {0:?} are on no common scale; say which with --rating-scale LOW..HIGH")]
    NoScale(String),
    /// Dates may begin with the day or the month.
    #[error(
        "{example:?} in {column:?} may begin with the day or with the month; say which with \
         --date-format %d/%m/%Y or --date-format %m/%d/%Y"
    )]
    DayOrMonth {
        /// The column of the dates.
        column: String,
        /// One that can be read either way.
        example: String,
    },
}

/// What is to be stored.
#[derive(Clone, Debug)]
pub struct Import {
    /// The review. It has an id.
    pub draft: ReviewDraft,
    /// The row that it was made from.
    pub record: Record,
}

impl Import {
    /// The row as one that is refused.
    pub fn refused(&self, reasons: Vec<String>) -> Refused {
        Refused { line: self.record.line, reasons, row: self.record.to_json() }
    }
}

/// How rows become drafts.
#[derive(Clone, Debug)]
pub struct Plan {
    mapping: Mapping,
    scale: Scale,
    dates: DateReading,
    html: bool,
}

impl Plan {
    /// A plan for a file, given its first rows.
    ///
    /// # Errors
    /// When a value has two readings between which the rows do not decide.
    pub fn new(
        mapping: Mapping,
        options: &PlanOptions,
        sample: &[&Record],
    ) -> Result<Self, PlanError> {
        let cells = |source: &Option<Source>| -> Vec<&str> {
            let Some(Source::Column(column)) = source else { return Vec::new() };
            let cells = sample.iter().filter_map(|record| record.get(column));
            cells.filter(|cell| !is_nothing(cell)).collect()
        };
        let name =
            |source: &Option<Source>| source.as_ref().map(Source::to_string).unwrap_or_default();
        let scale = match options.scale {
            Some(scale) => scale,
            None => Scale::guess(cells(&mapping.rating).into_iter())
                .ok_or_else(|| PlanError::NoScale(name(&mapping.rating)))?,
        };
        let days = cells(&mapping.date);
        let dates = DateReading {
            format: options.date_format.clone(),
            time_zone: options.time_zone.clone().unwrap_or(TimeZone::UTC),
            day_first: day_comes_first(days.iter().copied()),
        };
        // A date that would be good either way has no reading as long as nobody decides.
        let either = DateReading { day_first: Some(true), ..dates.clone() };
        let undecided =
            days.iter().find(|day| dates.read(day).is_err() && either.read(day).is_ok());
        if dates.format.is_none()
            && let Some(example) = undecided
        {
            let (column, example) = (name(&mapping.date), (*example).to_owned());
            return Err(PlanError::DayOrMonth { column, example });
        }
        Ok(Self { mapping, scale, dates, html: options.html })
    }

    /// Which column holds what.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The scale of the ratings.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// How dates are read that could begin with the day or the month; `None` when none does.
    pub fn day_first(&self) -> Option<bool> {
        self.dates.day_first
    }

    /// The review that a row is, with an id, or all that is wrong with it. `now` is the time of
    /// receipt, against which the date is checked.
    ///
    /// # Errors
    /// When a value cannot be read or is not allowed.
    pub fn import(&self, record: Record, now: Timestamp) -> Result<Import, Refused> {
        match self.draft(&record, now) {
            Ok(draft) => Ok(Import { draft, record }),
            Err(reasons) => Err(Refused { line: record.line, reasons, row: record.to_json() }),
        }
    }

    fn draft(&self, record: &Record, now: Timestamp) -> Result<ReviewDraft, Vec<String>> {
        let mapping = &self.mapping;
        let mut wrong = Vec::new();
        let cell = |source: &Option<Source>| {
            source.as_ref().and_then(|source| source.of(record)).map(str::to_owned)
        };
        let value = |source: &Option<Source>| cell(source).filter(|cell| !is_nothing(cell));
        let rating = value(&mapping.rating)
            .and_then(|cell| self.scale.stars(&cell).map_err(|why| wrong.push(why)).ok());
        let written_at = value(&mapping.date)
            .and_then(|cell| self.dates.read(&cell).map_err(|why| wrong.push(why)).ok());
        let language = value(&mapping.language).and_then(|cell| {
            let tag = is_tag(&cell).then(|| cell.replace('_', "-"));
            if tag.is_none() {
                wrong.push(format!("{cell:?} is not a language tag; write it like en or pt-BR"));
            }
            tag
        });
        let metadata = self.metadata(record).map_err(|why| wrong.push(why)).unwrap_or_default();
        let mut draft = ReviewDraft {
            subject: cell(&mapping.subject).unwrap_or_default(),
            text: cell(&mapping.text).unwrap_or_default(),
            id: value(&mapping.id).map(|id| ids::of_name(&id)),
            title: cell(&mapping.title),
            rating,
            author: cell(&mapping.author),
            source: cell(&mapping.source),
            language,
            written_at: written_at.map(|time| time.to_string()),
            format: if self.html { Format::Html } else { Format::Plain },
            metadata,
        };
        // From what the row says, before the subject is made into one that is allowed: another rule
        // for that must not make another review of it.
        let id = draft.id.take().unwrap_or_else(|| ids::of_content(&draft));
        draft.id = Some(id);
        if !draft.subject.is_empty() {
            let (subject, name) = subject_of(&draft.subject);
            draft.subject = subject;
            if let Some(name) = name {
                draft.metadata.entry(SUBJECT_NAME.to_owned()).or_insert(name);
            }
        }
        if let Err(violations) = draft.clone().check(now) {
            wrong.extend(violations.into_iter().map(|violation| {
                let field = violation.pointer.trim_start_matches('/').to_owned();
                format!("{field}: {}", violation.detail)
            }));
        }
        if wrong.is_empty() { Ok(draft) } else { Err(wrong) }
    }

    fn metadata(&self, record: &Record) -> Result<BTreeMap<String, String>, String> {
        let mut pairs = BTreeMap::new();
        for (key, column) in &self.mapping.metadata {
            let Some(value) = record.get(column) else { continue };
            if column != "metadata" {
                pairs.insert(key.clone(), value.to_owned());
                continue;
            }
            let object: BTreeMap<String, String> =
                serde_json::from_str(value).map_err(|error| {
                    format!("metadata: this is not a JSON object of strings ({error})")
                })?;
            pairs.extend(object);
        }
        Ok(pairs)
    }
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
