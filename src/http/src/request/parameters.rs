//! Query parameters that several operations share.

use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::Violation;
use heartstrings_store::Cursor;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;

/// Sizes that a page can have.
const PAGE: std::ops::RangeInclusive<usize> = 1..=200;

/// A range of UTC days.
#[derive(Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// First day (UTC) of `written_at`.
    #[param(nullable = false, format = Date, max_length = 10)]
    from: Option<String>,
    /// Day (UTC) after the last.
    #[param(nullable = false, format = Date, max_length = 10)]
    to: Option<String>,
}

impl Days {
    /// The days as a client wrote them.
    pub fn new(from: Option<String>, to: Option<String>) -> Self {
        Self { from, to }
    }

    /// The range, or what is wrong with it.
    pub fn check(&self) -> Result<DateRange, Problem> {
        let mut violations = Vec::new();
        let mut day = |name: &str, value: &Option<String>| {
            let value = value.as_deref()?;
            let date = date(value);
            if date.is_none() {
                violations.push(Violation {
                    pointer: format!("/query/{name}"),
                    detail: format!("{value:?} is not a date; write it like 2024-02-01"),
                });
            }
            date
        };
        let range = DateRange { from: day("from", &self.from), to: day("to", &self.to) };
        if violations.is_empty() { Ok(range) } else { Err(Problem::invalid(violations)) }
    }
}

/// A date in its plain form; other spellings would surprise in other places.
pub fn date(value: &str) -> Option<Date> {
    (value.len() == 10).then(|| value.parse::<Date>().ok()).flatten()
}

/// What is wrong with a page size.
pub fn check_limit(limit: usize) -> Option<Violation> {
    (!PAGE.contains(&limit)).then(|| Violation {
        pointer: "/query/limit".into(),
        detail: format!("{limit} is not a page size; 1 to 200 are"),
    })
}

/// A cursor as a client sent it.
pub fn cursor(text: Option<String>) -> Result<Option<Cursor>, Problem> {
    let Some(text) = text else { return Ok(None) };
    URL_SAFE_NO_PAD.decode(text).map(|bytes| Some(Cursor(bytes))).map_err(|_| {
        Problem::new(Kind::BadCursor, "the cursor is not one of ours; start again without it")
    })
}

/// A cursor as a client gets it.
pub fn cursor_text(cursor: Option<Cursor>) -> Option<String> {
    cursor.map(|cursor| URL_SAFE_NO_PAD.encode(cursor.0))
}
