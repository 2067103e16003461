//! `POST /v1/analyses`: what the model says of texts that are not stored.

use crate::admission::concurrency::admit_texts;
use crate::lifecycle::Running;
use crate::operation::{Access, Admission, BODY_PROBLEMS, Contract, Endpoint, SCORING_PROBLEMS};
use crate::request::body::Json;
use crate::response::analysis::AnalysisView;
use crate::response::problem::Problem;
use crate::schemas;
use actix_web::{HttpRequest, post, web};
use heartstrings_core::review::{Text, Violation};
use heartstrings_keys::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most texts of a request.
const TEXTS: usize = 128;

/// Texts to score.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalyzeRequest {
    /// 1 to 128 texts, each of 1 to 100 000 characters after white space at both ends is removed.
    #[schema(schema_with = schemas::texts)]
    texts: Vec<String>,
    /// Also give the sentences of each analysis. Their offsets count the text as it was sent, with
    /// the white space before it.
    #[serde(default)]
    #[schema(example = false)]
    sentences: bool,
}

/// What the model says of them.
#[derive(Serialize, ToSchema)]
pub struct AnalyzeResponse {
    /// One analysis for each text, in order.
    #[schema(max_items = 128)]
    analyses: Vec<AnalysisView>,
}

impl Endpoint for analyze {
    const CONTRACT: Contract = Contract {
        access: Access::Needs(Role::Read),
        admission: Admission::Loaded,
        problems: &[BODY_PROBLEMS, SCORING_PROBLEMS],
        headers: &[],
        links: &[],
    };
}

/// Score texts without storing them
///
/// 1 to 128 texts of any length up to the limit, scored as reviews are. An analysis depends on
/// its text alone, never on what else is scored at the same time. More text than a small part of
/// what may wait for the model is scored like a batch: some at a time, after those who sent less.
#[utoipa::path(
    tag = "analyses",
    request_body = AnalyzeRequest,
    responses((status = 200, description = "One analysis for each text, in order.",
        body = AnalyzeResponse))
)]
#[post("/v1/analyses")]
pub async fn analyze(
    Running(service): Running,
    request: HttpRequest,
    Json(asked): Json<AnalyzeRequest>,
) -> Result<web::Json<AnalyzeResponse>, Problem> {
    let texts = check(&asked.texts).map_err(Problem::invalid)?;
    let cut = asked.texts.iter().map(|sent| white_space_before(sent));
    let _permit = admit_texts(&request, &texts)?;
    let analyses = service.analyze(&texts).await?;
    let moved = analyses.into_iter().zip(cut).map(|(analysis, chars)| analysis.moved(chars));
    let view = |analysis| AnalysisView::new(analysis, asked.sentences);
    Ok(web::Json(AnalyzeResponse { analyses: moved.map(view).collect() }))
}

/// Code points that are cut off before a text is scored. Offsets count the text that was sent, since the answer
/// holds no other.
fn white_space_before(sent: &str) -> u32 {
    sent.chars().take_while(|c| c.is_whitespace()).count() as u32
}

fn check(texts: &[String]) -> Result<Vec<Text>, Vec<Violation>> {
    if !(1..=TEXTS).contains(&texts.len()) {
        let detail = format!("{} texts were sent; 1 to {TEXTS} are allowed", texts.len());
        return Err(vec![Violation { pointer: "/texts".into(), detail }]);
    }
    let mut violations = Vec::new();
    let mut good = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        match Text::from_client(text) {
            Ok(text) => good.push(text),
            Err(error) => violations.push(Violation {
                pointer: format!("/texts/{index}"),
                detail: heartstrings_core::review::FieldError::to_string(&error),
            }),
        }
    }
    if violations.is_empty() { Ok(good) } else { Err(violations) }
}
