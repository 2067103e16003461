//! What the `type` of a problem points at.

use crate::http::problem::{Kind, Problem};
use actix_web::{HttpRequest, get, web};
use serde::Serialize;
use utoipa::ToSchema;

/// A kind of problem, explained.
#[derive(Serialize, ToSchema)]
pub struct ProblemPage {
    /// Last part of the type.
    #[schema(example = "conflict")]
    code: &'static str,
    /// HTTP status that it comes with.
    #[schema(example = 409)]
    status: u16,
    /// The problem in a few words.
    #[schema(example = "The id is taken by other content")]
    title: &'static str,
    /// What it means and what to do.
    #[schema(example = "A review with this id is stored and says something else.")]
    explanation: &'static str,
}

/// Explain a kind of problem
///
/// The `type` of every problem is a path of this kind: what it means, and what to do about it.
#[utoipa::path(
    tag = "operations",
    operation_id = "get_problem",
    params(("code" = String, Path, description = "Last part of a problem's `type`.",
        max_length = 64, example = "conflict")),
    responses((status = 200, description = "The explanation.", body = ProblemPage))
)]
#[get("/problems/{code}")]
pub async fn get_problem(request: HttpRequest) -> Result<web::Json<ProblemPage>, Problem> {
    let code = request.match_info().query("code");
    let kind = Kind::ALL.iter().find(|kind| kind.code() == code).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        Problem::new(
            Kind::NotFound,
            format!("there is no such problem; there are {}", known.join(", ")),
        )
    })?;
    Ok(web::Json(ProblemPage {
        code: kind.code(),
        status: kind.status(),
        title: kind.title(),
        explanation: kind.explanation(),
    }))
}
