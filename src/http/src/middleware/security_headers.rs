//! Security headers: what browsers must not do with an answer.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// For pages. All that Swagger UI needs comes from here; it sets styles in its markup and draws
/// icons from `data:` addresses. Scripts come from files only.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
    'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// For data, should a browser ever take it for a page.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// Two years, as hstspreload.org recommends.
const TRANSPORT: &str = "max-age=63072000";

/// Adds the content security policy and its relatives to every answer, and
/// `Strict-Transport-Security` to encrypted ones.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_encrypted = request.app_config().secure();
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let policy = if kind.starts_with(b"text/html") { PAGE_POLICY } else { DATA_POLICY };
    let mut add = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, policy);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(header::REFERRER_POLICY, "no-referrer");
    if is_encrypted {
        add(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    Ok(response)
}
