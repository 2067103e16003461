//! The documentation page: Swagger UI over the OpenAPI document, both from the binary.

use crate::response::problem::Problem;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::header::ContentType};
use std::sync::Arc;
use utoipa::openapi::OpenApi as Document;
use utoipa_swagger_ui::{Config, SwaggerUi};

const DOCUMENT: &str = "/openapi.json";

/// Registers the page, the document, and the redirects to the page.
pub fn configure(config: &mut ServiceConfig, document: Document) {
    let pages = SwaggerUi::new("/docs/{_:.*}").config(swagger_config()).url(DOCUMENT, document);
    config
        .service(web::redirect("/", "/docs/"))
        .service(web::redirect("/docs", "/docs/"))
        .route("/docs/", web::get().to(page))
        .service(pages);
}

/// Without the bar that loads other documents; schemas folded; requests can be sent at once.
fn swagger_config<'a>() -> Config<'a> {
    Config::new([DOCUMENT])
        .use_base_layout()
        .doc_expansion("list")
        .default_models_expand_depth(0)
        .display_request_duration(true)
        .try_it_out_enabled(true)
}

/// Swagger UI's own page under our name.
async fn page() -> Result<HttpResponse, Problem> {
    let file = utoipa_swagger_ui::serve("index.html", Arc::new(swagger_config())).ok().flatten();
    let missing = || Problem::internal("the page is missing from the binary");
    let html = String::from_utf8_lossy(&file.ok_or_else(missing)?.bytes)
        .replace("<title>Swagger UI</title>", "<title>Heartstrings</title>");
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(html))
}
