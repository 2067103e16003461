//! `GET /v1/subjects/{subject}/highlights`: the reviews of a subject that stand out.

use crate::lifecycle::Running;
use crate::operation::{Access, Admission, AnswerHeader, Contract, Endpoint};
use crate::request::query::{Query, path};
use crate::response::analysis::SentenceView;
use crate::response::conditional::{self, IfNoneMatchHeader};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use crate::routes::links::OF_SUBJECT;
use actix_web::{HttpRequest, HttpResponse, get};
use heartstrings_core::review::Subject;
use heartstrings_keys::Role;
use heartstrings_service::Highlight;
use heartstrings_store::ReviewSort;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How many reviews of each kind.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HighlightParameters {
    /// Most reviews of each kind.
    #[serde(default = "default_highlights")]
    #[param(minimum = 1, maximum = 20, default = 3)]
    limit: usize,
}

fn default_highlights() -> usize {
    3
}

/// The reviews of a subject that stand out.
#[derive(Serialize, ToSchema)]
pub struct Highlights {
    /// The subject.
    #[schema(
        pattern = "^[A-Za-z0-9._:~-]{1,128}$",
        max_length = 128,
        example = "miracle-in-cell-no-7"
    )]
    subject: String,
    /// Highest scores first.
    #[schema(max_items = 20)]
    most_positive: Vec<HighlightView>,
    /// Lowest scores first.
    #[schema(max_items = 20)]
    most_negative: Vec<HighlightView>,
    /// Highest intensity first.
    #[schema(max_items = 20)]
    most_intense: Vec<HighlightView>,
}

/// A review that stands out, and the sentence that makes it stand out.
#[derive(Serialize, ToSchema)]
#[schema(as = Highlight)]
pub struct HighlightView {
    /// The review.
    review: ReviewView,
    /// Its sentence with the highest score, the lowest, or the highest intensity.
    #[schema(required = true)]
    sentence: Option<HighlightSentence>,
}

/// A sentence with its words.
#[derive(Serialize, ToSchema)]
pub struct HighlightSentence {
    /// The words.
    #[schema(max_length = 100_000, example = "I cried through the last half hour.")]
    text: String,
    #[serde(flatten)]
    #[schema(inline)]
    sentence: SentenceView,
}

impl Endpoint for get_subject_highlights {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[&[Kind::NotFound, Kind::Invalid]],
        headers: &[AnswerHeader::ETag],
        links: OF_SUBJECT,
    };
}

/// Show what stands out
///
/// The most positive, most negative and most intense reviews of a subject, each with the sentence
/// that carries it. Reviews that are not aggregated are left out.
#[utoipa::path(
    tag = "subjects",
    params(
        ("subject" = String, Path, description = "Name of the subject.",
            pattern = "^[A-Za-z0-9._:~-]{1,128}$", min_length = 1, max_length = 128,
            example = "miracle-in-cell-no-7"),
        HighlightParameters,
        IfNoneMatchHeader),
    responses(
        (status = 200, description = "What stands out.", body = Highlights),
        (status = 304, description = "Nothing has changed."))
)]
#[get("/v1/subjects/{subject}/highlights")]
pub async fn get_subject_highlights(
    Running(service): Running,
    request: HttpRequest,
    Query(parameters): Query<HighlightParameters>,
) -> Result<HttpResponse, Problem> {
    let subject: Subject = path(&request, "subject")?;
    let limit = parameters.limit;
    if !(1..=20).contains(&limit) {
        let detail = format!("{limit} reviews are too many or too few; 1 to 20 are allowed");
        return Err(Problem::invalid_value("/query/limit", detail));
    }
    let view = |found: Vec<Highlight>| found.into_iter().map(HighlightView::from).collect();
    let highlights = Highlights {
        most_positive: view(service.highlights(&subject, ReviewSort::MostPositive, limit).await?),
        most_negative: view(service.highlights(&subject, ReviewSort::MostNegative, limit).await?),
        most_intense: view(service.highlights(&subject, ReviewSort::MostIntense, limit).await?),
        subject: subject.into(),
    };
    conditional::answer(&request, &highlights)
}

impl From<Highlight> for HighlightView {
    fn from(highlight: Highlight) -> Self {
        let text = highlight.review.content.text.as_str();
        let sentence = highlight.sentence.map(|sentence| {
            let (start, end) = (sentence.start as usize, sentence.end as usize);
            let words = text.chars().skip(start).take(end - start).collect();
            HighlightSentence { text: words, sentence: SentenceView::from(sentence) }
        });
        Self { sentence, review: ReviewView::new(highlight.review, false) }
    }
}
