//! Reading of query parameters and of parts of the path.

use super::json::{pointer, with_field};
use crate::response::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use heartstrings_core::review::Violation;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use std::str::FromStr;

/// Query parameters. Unknown ones are refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Query))
    }
}

/// The parameters in a query string.
pub fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let message = error.inner().to_string();
        let path = with_field(pointer(error.path()), &message);
        Problem::invalid_value(format!("/query{path}"), message)
    })
}

/// The query's parameters one by one, for those that may come more than once.
pub fn query_pairs(request: &HttpRequest) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(request.query_string().as_bytes())
}

/// A part of the path, or of the query, that must be a `T`.
pub fn parameter<T: FromStr>(place: &str, name: &str, value: &str) -> Result<T, Violation>
where
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| Violation {
        pointer: format!("/{place}/{name}"),
        detail: error.to_string(),
    })
}

/// A part of the path that must be a `T`.
pub fn path<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Problem>
where
    T::Err: std::fmt::Display,
{
    let value = request.match_info().query(name);
    parameter("path", name, value).map_err(|violation| Problem::invalid(vec![violation]))
}
