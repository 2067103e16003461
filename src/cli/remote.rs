//! A running service, for the commands that can work on one.

use super::Trouble;
use clap::Args;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Collected, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the connection.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How often a request is sent again that the service had no room for.
const TRIES: u32 = 10;

/// Most bytes of a problem that are read.
const PROBLEM_BYTES: usize = 1 << 20;

/// Which service.
#[derive(Args, Clone)]
pub struct Remote {
    /// Address of a running service, like http://127.0.0.1:8080, to work on instead of a store
    #[arg(long, env = "HEARTSTRINGS_SERVER", value_name = "URL", help_heading = "Running service")]
    server: Option<String>,
    /// Key for it; in the environment it is not seen by other users of the machine
    #[arg(
        long,
        env = "HEARTSTRINGS_KEY",
        value_name = "KEY",
        hide_env_values = true,
        help_heading = "Running service"
    )]
    key: Option<String>,
}

/// What is sent.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

type Http = legacy::Client<HttpsConnector<HttpConnector>, Body>;

impl Remote {
    /// A client of the service that is named; `None` when none is.
    pub fn client(&self) -> Result<Option<Client>, Trouble> {
        let Some(server) = &self.server else { return Ok(None) };
        let base = server.trim_end_matches('/').to_owned();
        let is_encrypted = base.starts_with("https://");
        if !is_encrypted && !base.starts_with("http://") {
            return Err(Trouble::Usage(format!(
                "--server {base}: write it like http://127.0.0.1:8080"
            )));
        }
        let authorization = self.key.as_ref().map(|key| {
            let value = HeaderValue::try_from(format!("Bearer {key}"));
            value.map_err(|_| Trouble::Usage("--key: this is not a key".into()))
        });
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_TIME));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(encryption(is_encrypted)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Some(Client { http, base, authorization: authorization.transpose()? }))
    }
}

/// TLS with the certificates that the system trusts. They are read only where they are needed: a small
/// image may have none.
fn encryption(is_needed: bool) -> Result<ClientConfig, Trouble> {
    let mut trusted = RootCertStore::empty();
    if is_needed {
        let found = rustls_native_certs::load_native_certs();
        trusted.add_parsable_certificates(found.certs);
        if trusted.is_empty() {
            let why = "this system has no certificates to trust; install ca-certificates, or name a \
                       file with SSL_CERT_FILE";
            return Err(why.to_owned().into());
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot encrypt: {error}"))?;
    Ok(builder.with_root_certificates(trusted).with_no_client_auth())
}

/// A client of a running service.
pub struct Client {
    http: Http,
    base: String,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// Where the service is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request, with a body of a media type or without one, and gives a response of any
    /// status.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Body)>,
    ) -> Result<Response<Incoming>, Trouble> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("user-agent", concat!("heartstrings/", env!("CARGO_PKG_VERSION")))
            .header("accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization.clone());
        }
        let body = match body {
            Some((media_type, body)) => {
                request = request.header("content-type", media_type);
                body
            }
            None => Empty::new().boxed_unsync(),
        };
        let request = request
            .body(body)
            .map_err(|error| Trouble::Usage(format!("--server {}: {error}", self.base)))?;
        self.http.request(request).await.map_err(|error| self.unreachable(&error))
    }

    /// The JSON that a GET gives. Waits where the service says that it has no room now.
    pub async fn get(&self, path: &str, query: &[(String, String)]) -> Result<Value, Trouble> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        for _ in 0..TRIES {
            let response = self.send(Method::GET, &path, None).await?;
            let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
            match wait.and_then(|seconds| seconds.parse().ok()) {
                Some(seconds) if matches!(response.status().as_u16(), 429 | 503) => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                _ => {
                    let body = self.good(response).await?.collect().await;
                    let body = body.map_err(|error| self.unreachable(&error))?.to_bytes();
                    return serde_json::from_slice(&body).map_err(|error| {
                        format!("{} answers something that is not JSON: {error}", self.base).into()
                    });
                }
            }
        }
        Err(format!("{} has no room for requests; try again later", self.base).into())
    }

    /// The body of a response that is no problem.
    pub async fn good(&self, response: Response<Incoming>) -> Result<Incoming, Trouble> {
        let status = response.status();
        if status.is_success() {
            return Ok(response.into_body());
        }
        let body = Limited::new(response.into_body(), PROBLEM_BYTES).collect().await;
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let detail = super::terminal::one_line(&detail(&problem), 500);
        let advice = match status.as_u16() {
            401 => ". Give a key with --key or HEARTSTRINGS_KEY",
            403 => ". This needs a key of another role",
            _ => "",
        };
        Err(format!("{} answers {status}: {detail}{advice}", self.base).into())
    }

    /// What to say when the service does not answer.
    fn unreachable(&self, error: &dyn std::error::Error) -> Trouble {
        format!("no answer from {}: {}", self.base, chain(error)).into()
    }
}

/// What a problem says: its detail, and all fields that are wrong.
pub fn detail(problem: &Value) -> String {
    let fields = problem["errors"].as_array().into_iter().flatten().map(|error| {
        let pointer = error["pointer"].as_str().unwrap_or_default().trim_start_matches('/');
        format!("{pointer}: {}", error["detail"].as_str().unwrap_or_default())
    });
    let fields: Vec<_> = fields.collect();
    match fields.is_empty() {
        true => problem["detail"].as_str().unwrap_or("no reason is given").to_owned(),
        false => fields.join("; "),
    }
}

/// An error and its causes: the library says only that something failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
