//! `GET /problems/{code}`: what the `type` of a problem points at.

use crate::operation::{Access, Admission, Contract, Endpoint};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::http::header::{self, Accept, ContentType};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
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

impl Endpoint for get_problem {
    const CONTRACT: Contract = Contract {
        access: Access::Open,
        admission: Admission::Counted,
        problems: &[&[Kind::NotFound]],
        headers: &[],
        links: &[],
    };
}

/// Explain a kind of problem
///
/// The `type` of every problem is a path of this kind: what it means, and what to do about it. A
/// browser gets a page.
#[utoipa::path(
    tag = "operations",
    params(("code" = String, Path, description = "Last part of a problem's `type`.",
        max_length = 64, example = "conflict")),
    responses((status = 200, description = "The explanation.", content(
        (ProblemPage = "application/json"),
        (String = "text/html", example = "<h1>The id or key is taken by other content</h1>"))))
)]
#[get("/problems/{code}")]
pub async fn get_problem(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let code = request.match_info().query("code");
    let kind = Kind::ALL.iter().find(|kind| kind.code() == code).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        Problem::new(
            Kind::NotFound,
            format!("there is no such problem; there are {}", known.join(", ")),
        )
    })?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if wants_page(&request) {
        return Ok(response.content_type(ContentType::html()).body(page(*kind)));
    }
    Ok(response.json(ProblemPage {
        code: kind.code(),
        status: kind.status(),
        title: kind.title(),
        explanation: kind.explanation(),
    }))
}

/// Whether HTML comes before JSON in what is accepted, as with browsers.
fn wants_page(request: &HttpRequest) -> bool {
    let accepted = request.get_header::<Accept>().map(|accept| accept.ranked()).unwrap_or_default();
    let first = accepted.iter().find_map(|kind| match kind.essence_str() {
        "text/html" => Some(true),
        "application/json" | "application/*" | "*/*" => Some(false),
        _ => None,
    });
    first == Some(true)
}

fn page(kind: Kind) -> String {
    let (status, title) = (kind.status(), kind.title());
    let explanation = marked_up(kind.explanation());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>body {{ font: 1rem/1.5 system-ui, sans-serif; \
         max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}</style>\n\
         <h1>{title}</h1>\n<p>{explanation}</p>\n\
         <p>Status {status}, type <code>{code}</code>. All endpoints: <a href=\"/docs/\">/docs</a></p>\n",
        code = kind.code(),
    )
}

/// Text in which backticks enclose code, as HTML.
fn marked_up(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::new();
    for (place, part) in escaped.split('`').enumerate() {
        html += &if place % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() };
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_an_explanation_is_marked_and_nothing_is_markup() {
        assert_eq!(marked_up("Wait: `a<b` & go"), "Wait: <code>a&lt;b</code> &amp; go");
        for kind in Kind::ALL {
            // What is open is closed.
            assert_eq!(kind.explanation().matches('`').count() % 2, 0, "{}", kind.code());
        }
    }

    #[test]
    fn browsers_get_a_page_and_programs_get_json() {
        let wants = |accept: &str| {
            let request = actix_web::test::TestRequest::get()
                .insert_header((header::ACCEPT, accept))
                .to_http_request();
            wants_page(&request)
        };
        assert!(wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(!wants("*/*"));
        assert!(!wants("application/json, text/html;q=0.9"));
        assert!(!wants("nonsense"));
        assert!(!wants_page(&actix_web::test::TestRequest::get().to_http_request()));
    }
}
