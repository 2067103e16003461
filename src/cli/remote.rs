//! A running service, for the commands that can work on one.

use super::Trouble;
use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;

/// Longest wait for the connection.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How often a request is sent again that the service had no room for.
const TRIES: u32 = 10;

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

impl Remote {
    /// A client of the service that is named; `None` when none is.
    pub fn client(&self) -> Result<Option<Client>, Trouble> {
        let Some(server) = &self.server else { return Ok(None) };
        // The library asks for one for the whole process; another one than ours is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .user_agent(concat!("heartstrings/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("cannot make connections: {}", chain(&error)))?;
        let base = server.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(Trouble::Usage(format!(
                "--server {base}: write it like http://127.0.0.1:8080"
            )));
        }
        Ok(Some(Client { http, base, key: self.key.clone() }))
    }
}

/// A client of a running service.
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

impl Client {
    /// Where the service is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// The JSON that a GET gives. Waits where the service says that it has no room now.
    pub async fn get(&self, path: &str, query: &[(String, String)]) -> Result<Value, Trouble> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        for _ in 1..TRIES {
            let response = self.request(Method::GET, &path).send().await;
            let response = response.map_err(|error| self.unreachable(&error))?;
            let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
            match wait.and_then(|seconds| seconds.parse().ok()) {
                Some(seconds) if matches!(response.status().as_u16(), 429 | 503) => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                _ => return self.json(response).await,
            }
        }
        Err(format!("{} has no room for requests; try again later", self.base).into())
    }

    async fn json(&self, response: Response) -> Result<Value, Trouble> {
        let response = self.good(response).await?;
        response.json().await.map_err(|error| self.unreachable(&error))
    }

    /// A response that is no problem.
    pub async fn good(&self, response: Response) -> Result<Response, Trouble> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.text().await.unwrap_or_default();
        let problem: Value = serde_json::from_str(&body).unwrap_or_default();
        let detail = super::terminal::one_line(&detail(&problem), 500);
        let advice = match status.as_u16() {
            401 => ". Give a key with --key or HEARTSTRINGS_KEY",
            403 => ". This needs a key of another role",
            _ => "",
        };
        Err(format!("{} answers {status}: {detail}{advice}", self.base).into())
    }

    /// What to say when the service does not answer.
    pub fn unreachable(&self, error: &reqwest::Error) -> Trouble {
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
