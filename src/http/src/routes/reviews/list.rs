//! `GET /v1/reviews`: filtered pages of reviews.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, Contract, Endpoint, Link};
use crate::request::parameters::{check_limit, cursor, cursor_text, date};
use crate::request::query::{Query, parameter};
use crate::response::analysis::LabelView;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use crate::schemas;
use actix_web::{get, web};
use heartstrings_core::analysis::{EMOTIONS, Label};
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Subject, Violation, limits};
use heartstrings_keys::Role;
use heartstrings_store::{ReviewFilter, ReviewQuery, ReviewSort, Scope};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which reviews, and in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParameters {
    /// Only reviews of this subject.
    #[param(
        nullable = false,
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        min_length = 1,
        max_length = 128
    )]
    subject: Option<String>,
    /// Only reviews with this label.
    #[param(nullable = false)]
    label: Option<LabelView>,
    /// Only reviews that show this emotion: one of `GET /v1/model`'s.
    #[param(value_type = schemas::Emotion, inline, required = false)]
    emotion: Option<String>,
    /// Only reviews that came from here.
    #[param(nullable = false, max_length = 1_000)]
    source: Option<String>,
    /// Least score.
    #[param(nullable = false, minimum = -1, maximum = 1)]
    min_score: Option<f64>,
    /// Greatest score.
    #[param(nullable = false, minimum = -1, maximum = 1)]
    max_score: Option<f64>,
    /// Least intensity.
    #[param(nullable = false, minimum = 0, maximum = 1)]
    min_intensity: Option<f64>,
    /// Greatest intensity.
    #[param(nullable = false, minimum = 0, maximum = 1)]
    max_intensity: Option<f64>,
    /// Earliest `written_at`: a UTC date, or a time (RFC 3339).
    #[param(value_type = schemas::Moment, inline, required = false)]
    from: Option<String>,
    /// `written_at` before this: a UTC date, or a time (RFC 3339).
    #[param(value_type = schemas::Moment, inline, required = false)]
    to: Option<String>,
    /// The order; `newest` when absent.
    #[serde(default)]
    sort: Sort,
    /// Most reviews of a page. A filter that few reviews pass may give shorter pages, even empty
    /// ones, and a page ends after 4 MiB of texts: there are more for as long as there is a
    /// `next_cursor`.
    #[serde(default = "default_page")]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: usize,
    /// Where to go on: `next_cursor` of the page before, from the same list.
    #[param(max_length = 1_000, nullable = false)]
    cursor: Option<String>,
    /// Also give the sentences of the analyses.
    #[serde(default)]
    sentences: bool,
}

fn default_page() -> usize {
    50
}

/// Orders of a list of reviews.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewSort)]
pub enum Sort {
    /// Latest `written_at` first.
    #[default]
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

/// A page of reviews.
#[derive(Serialize, ToSchema)]
pub struct ReviewPage {
    /// The reviews, in the order asked for.
    #[schema(max_items = 200)]
    reviews: Vec<ReviewView>,
    /// What to send as `cursor` for the next page; null at the end.
    #[schema(required = true, max_length = 1_000, example = json!(null))]
    next_cursor: Option<String>,
}

impl Endpoint for list_reviews {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::BadCursor, Kind::Invalid]],
        headers: &[],
        links: &[
            Link {
                name: "first",
                operation: "get_review",
                parameter: "review_id",
                value: "$response.body#/reviews/0/id",
            },
            Link {
                name: "subject",
                operation: "get_subject_summary",
                parameter: "subject",
                value: "$response.body#/reviews/0/subject",
            },
        ],
    };
}

/// List reviews
///
/// Pages stay right while reviews come and go: one that was there all along is listed once.
#[utoipa::path(
    tag = "reviews",
    params(ListParameters),
    responses((status = 200, description = "A page of reviews.", body = ReviewPage))
)]
#[get("/v1/reviews")]
pub async fn list_reviews(
    Running(service): Running,
    Query(parameters): Query<ListParameters>,
) -> Result<web::Json<ReviewPage>, Problem> {
    let sentences = parameters.sentences;
    let page = service.reviews(&parameters.check()?).await?;
    let view = |review| ReviewView::new(review, sentences);
    Ok(web::Json(ReviewPage {
        reviews: page.items.into_iter().map(view).collect(),
        next_cursor: cursor_text(page.next),
    }))
}

impl ListParameters {
    /// The query that they ask, or what is wrong with them.
    pub fn check(self) -> Result<ReviewQuery, Problem> {
        let mut violations = Vec::new();
        violations.extend(check_limit(self.limit));
        let subject = self.subject.as_deref().and_then(|subject| {
            parameter::<Subject>("query", "subject", subject)
                .map_err(|violation| violations.push(violation))
                .ok()
        });
        let emotion = self.emotion.as_deref().and_then(|emotion| {
            let index = EMOTIONS.iter().position(|known| *known == emotion);
            if index.is_none() {
                violations.push(Violation {
                    pointer: "/query/emotion".into(),
                    detail: format!("{emotion:?} is not an emotion; GET /v1/model lists them"),
                });
            }
            index
        });
        let source = self.source.as_deref().map_or(0, |source| source.chars().count());
        if source > limits::FIELD_CHARS {
            violations.push(Violation {
                pointer: "/query/source".into(),
                detail: format!(
                    "the source has {source} characters; at most {} are allowed",
                    limits::FIELD_CHARS
                ),
            });
        }
        let mut number = |name: &str, value: Option<f64>, least: f64| {
            let value = value?;
            if !(least..=1.0).contains(&value) {
                violations.push(Violation {
                    pointer: format!("/query/{name}"),
                    detail: format!("{value} is out of range; {least} to 1 are allowed"),
                });
            }
            Some(Fixed::from_f64(value))
        };
        let filter = ReviewFilter {
            label: self.label.map(Label::from),
            emotion,
            source: self.source,
            min_score: number("min_score", self.min_score, -1.0),
            max_score: number("max_score", self.max_score, -1.0),
            min_intensity: number("min_intensity", self.min_intensity, 0.0),
            max_intensity: number("max_intensity", self.max_intensity, 0.0),
            from: moment("from", self.from.as_deref(), &mut violations),
            to: moment("to", self.to.as_deref(), &mut violations),
        };
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        Ok(ReviewQuery {
            scope: subject.map_or(Scope::All, Scope::Subject),
            filter,
            sort: match self.sort {
                Sort::Newest => ReviewSort::Newest,
                Sort::Oldest => ReviewSort::Oldest,
                Sort::MostPositive => ReviewSort::MostPositive,
                Sort::MostNegative => ReviewSort::MostNegative,
                Sort::MostIntense => ReviewSort::MostIntense,
            },
            limit: self.limit,
            cursor: cursor(self.cursor)?,
        })
    }
}

/// A date, which is its midnight, or a time.
fn moment(name: &str, value: Option<&str>, violations: &mut Vec<Violation>) -> Option<Timestamp> {
    let value = value?;
    let midnight =
        || date(value).and_then(|day| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()));
    let moment = value.parse().ok().or_else(midnight);
    if moment.is_none() {
        violations.push(Violation {
            pointer: format!("/query/{name}"),
            detail: format!(
                "{value:?} is no time; write it like 2024-02-01 or 2024-02-01T09:30:00Z"
            ),
        });
    }
    moment
}

#[cfg(test)]
mod fuzz;
