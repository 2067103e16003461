//! `POST /v1/reviews/batch`: many reviews in one request.

use crate::admission::body_memory::HeldBytes;
use crate::lifecycle::Running;
use crate::operation::{Access, Admission, BODY_PROBLEMS, Contract, Endpoint, Link};
use crate::request::body::{self, BATCH_BYTES, BODY_TIME};
use crate::request::draft::ReviewBody;
use crate::request::json;
use crate::request::lines::{self, Line, Pace};
use crate::request_id;
use crate::response::problem::{Problem, ProblemBody};
use crate::response::problem_kind::Kind;
use crate::response::review::ReviewView;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use futures_util::{Stream, StreamExt, stream};
use heartstrings_core::review::ReviewDraft;
use heartstrings_keys::Role;
use heartstrings_service::{Accepted, BulkError, Service};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Most reviews of a JSON array.
const REVIEWS: usize = 1_000;
/// Reviews of one request that are scored at the same time: enough to fill batches, few enough to
/// leave the queue to others.
const IN_FLIGHT: usize = 16;

/// 1 to 1 000 reviews.
#[derive(ToSchema)]
#[schema(min_items = 1, max_items = 1_000)]
#[allow(dead_code, reason = "each review is read on its own; this documents the whole")]
struct ReviewDrafts(Vec<ReviewBody>);

/// What came of a batch.
#[derive(Serialize, ToSchema)]
pub struct BatchResponse {
    /// One entry for each review, in the order in which they were sent.
    #[schema(max_items = 1_000)]
    results: Vec<BatchResult>,
}

/// What came of one review of a batch.
#[derive(Serialize, ToSchema)]
pub struct BatchResult {
    /// Its place in the batch, from 0.
    #[schema(example = 0)]
    index: u64,
    /// The status that it would have had alone: 201 or 200 when it is stored.
    #[schema(minimum = 200, maximum = 599, example = 201)]
    status: u16,
    /// The stored review.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    review: Option<ReviewView>,
    /// Why it is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<ProblemBody>,
}

impl Endpoint for create_reviews {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Write),
        admission: Admission::Loaded,
        problems: &[BODY_PROBLEMS],
        headers: &[],
        links: &[Link {
            name: "first",
            operation: "get_review",
            parameter: "review_id",
            value: "$response.body#/results/0/review/id",
        }],
    };
}

/// Score and store many reviews
///
/// Each review is stored or refused on its own. Send a JSON array of at most 1 000, or any number
/// as newline-delimited JSON (`application/x-ndjson`, at most 2 MiB a line): then results come
/// back line by line while the rest is still being sent, and the body is read at the speed at
/// which the model reads. With ids of your own a broken batch can be sent again as it is.
#[utoipa::path(
    tag = "reviews",
    request_body(
        description = "The reviews.",
        content(
            (ReviewDrafts = "application/json"),
            (String = "application/x-ndjson", example =
                "{\"subject\":\"sku:4711\",\"text\":\"It arrived on Tuesday.\"}\n\
                 {\"subject\":\"sku:4711\",\"text\":\"I love it!\"}\n"))),
    responses((status = 200, description = "What came of each review, in order.", content(
        (BatchResponse = "application/json"),
        (String = "application/x-ndjson", example = "{\"index\":0,\"status\":201,\"review\":{}}\n"))))
)]
#[post("/v1/reviews/batch")]
pub async fn create_reviews(
    Running(service): Running,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    match body::media_type(&request)?.as_str() {
        "application/x-ndjson" => {
            let (pace, memory) = (Pace::start(), body::body_memory(&request)?);
            let lines = lines::lines(payload.into_inner(), &memory, pace.clone(), BODY_TIME);
            let took = pace.clone();
            let drafts = lines.map(parse_line).inspect(move |_| took.took());
            let lines = results(service, drafts).map(move |result| {
                pace.answered();
                // A struct of strings and numbers always serializes.
                let mut line = serde_json::to_vec(&result).unwrap_or_default();
                line.push(b'\n');
                Ok::<_, Problem>(Bytes::from(line))
            });
            Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines))
        }
        "application/json" => {
            let bytes = body::body(&request, payload.into_inner(), BATCH_BYTES).await?;
            let drafts: Vec<Value> = json::parse(&bytes)?;
            if !(1..=REVIEWS).contains(&drafts.len()) {
                let detail = format!(
                    "{} reviews were sent; 1 to {REVIEWS} fit into an array, and any number into \
                     application/x-ndjson",
                    drafts.len()
                );
                return Err(Problem::invalid_value("", detail));
            }
            let drafts =
                stream::iter(drafts.into_iter().map(|draft| Ok((json::from_value(draft)?, None))));
            let results = results(service, drafts).collect().await;
            Ok(HttpResponse::Ok().json(BatchResponse { results }))
        }
        other => Err(Problem::new(
            Kind::UnsupportedMediaType,
            format!("the Content-Type must be application/json or application/x-ndjson ({other})"),
        )),
    }
}

/// A review of a batch, and the memory of its line when it has one of its own.
type Draft = Result<(ReviewBody, Option<HeldBytes>), Problem>;

fn parse_line(line: Result<Line, Problem>) -> Draft {
    let Line { bytes, held } = line?;
    Ok((json::parse(&bytes)?, Some(held)))
}

/// Stores drafts some at a time, and says what came of each, in order.
fn results(service: Service, drafts: impl Stream<Item = Draft>) -> impl Stream<Item = BatchResult> {
    // A stream is read after the handler has ended, when there is no current request any more.
    let request_id = request_id::current();
    let items = drafts.map(|draft| draft.map(|(draft, held)| (ReviewDraft::from(draft), held)));
    // The memory of a line is given back when its review is stored.
    let finish = move |index, _held: Option<Option<HeldBytes>>, outcome| {
        result(index, outcome, request_id.clone())
    };
    service.create_each(items, finish).buffered(IN_FLIGHT)
}

fn result(
    index: u64,
    outcome: Result<Accepted, BulkError<Problem>>,
    request_id: String,
) -> BatchResult {
    match outcome {
        Ok(accepted) => BatchResult {
            index,
            status: if accepted.is_new { 201 } else { 200 },
            review: Some(ReviewView::new(accepted.review, false)),
            problem: None,
        },
        Err(error) => {
            let body = Problem::from(error).body(request_id);
            BatchResult { index, status: body.status, review: None, problem: Some(body) }
        }
    }
}

impl From<BulkError<Problem>> for Problem {
    fn from(error: BulkError<Problem>) -> Self {
        match error {
            BulkError::Unread(problem) => problem,
            BulkError::Invalid(violations) => Problem::invalid(violations),
            BulkError::Service(error) => error.into(),
            BulkError::Panicked => Problem::internal("a review panicked"),
        }
    }
}
