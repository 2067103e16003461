//! Who may do what: the one table that the gate asks and the OpenAPI document shows.

use super::openapi;
use heartstrings_keys::Role;
use std::sync::LazyLock;

/// What an operation asks of its caller, once there are keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Nothing: anyone may.
    Open,
    /// A key whose role is at least this one.
    Needs(Role),
}

use Access::{Needs, Open};

/// The table, by operation. One that is missing asks for `admin`, and a test names it.
///
/// Open is what has no data in it: whether the service lives and is ready, which load balancers
/// ask without a key, and what explains the API. Metrics tell how much a shop sells, so they need
/// a key; Prometheus can send one.
const TABLE: &[(&str, Access)] = &[
    ("create_review", Needs(Role::Write)),
    ("create_reviews", Needs(Role::Write)),
    ("put_review", Needs(Role::Write)),
    ("delete_review", Needs(Role::Write)),
    ("list_reviews", Needs(Role::Read)),
    ("get_review", Needs(Role::Read)),
    ("analyze", Needs(Role::Read)),
    ("list_subjects", Needs(Role::Read)),
    ("get_subject_summary", Needs(Role::Read)),
    ("get_subject_timeline", Needs(Role::Read)),
    ("get_subject_highlights", Needs(Role::Read)),
    ("get_summary", Needs(Role::Read)),
    ("compare_subjects", Needs(Role::Read)),
    ("get_model", Needs(Role::Read)),
    ("get_metrics", Needs(Role::Read)),
    ("export_reviews", Needs(Role::Admin)),
    ("delete_subject", Needs(Role::Admin)),
    ("get_health", Open),
    ("get_ready", Open),
    ("get_problem", Open),
];

/// What an operation asks for.
pub fn of_operation(operation: &str) -> Access {
    let found = TABLE.iter().find(|(name, _)| *name == operation);
    found.map_or(Needs(Role::Admin), |(_, access)| *access)
}

struct Route {
    method: String,
    /// The parts of the path; `None` stands for anything.
    parts: Vec<Option<String>>,
    access: Access,
}

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let document = serde_json::to_value(openapi::document()).unwrap_or_default();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let mut routes = Vec::new();
    for (path, item) in &paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let part = |part: &str| (!part.starts_with('{')).then(|| part.to_owned());
            routes.push(Route {
                method: method.to_uppercase(),
                parts: path.split('/').map(part).collect(),
                access: of_operation(id),
            });
        }
    }
    routes
});

/// What a request asks for. `path` is the decoded one that the router goes by, so that
/// `/v1/ex%70ort` is what it is. When several operations fit (`batch` could be the id of a
/// review), the strictest counts. What fits none is answered 404 or 405 to those with a key.
pub fn of_request(method: &str, path: &str) -> Access {
    if method == "GET" && is_documentation(path) {
        return Open;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &&Route| {
        route.method == method
            && route.parts.len() == parts.len()
            && route.parts.iter().zip(&parts).all(|(part, given)| match part {
                Some(part) => part == given,
                None => true,
            })
    };
    ROUTES.iter().filter(fits).map(|route| route.access).max().unwrap_or(Needs(Role::Read))
}

fn is_documentation(path: &str) -> bool {
    matches!(path, "/" | "/docs" | "/openapi.json") || path.starts_with("/docs/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_operation_and_no_other() {
        let document = serde_json::to_value(openapi::document()).unwrap();
        let items = document["paths"].as_object().unwrap().values();
        let mut operations: Vec<_> = items
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        let mut table: Vec<_> = TABLE.iter().map(|(name, _)| *name).collect();
        operations.sort_unstable();
        table.sort_unstable();
        assert_eq!(operations, table);
    }

    #[test]
    fn the_strictest_operation_counts() {
        assert_eq!(of_request("GET", "/v1/export"), Needs(Role::Admin));
        assert_eq!(of_request("DELETE", "/v1/subjects/film"), Needs(Role::Admin));
        assert_eq!(of_request("DELETE", "/v1/reviews/batch"), Needs(Role::Write));
        assert_eq!(of_request("GET", "/v1/reviews/batch"), Needs(Role::Read));
        assert_eq!(of_request("GET", "/health"), Open);
        assert_eq!(of_request("GET", "/docs/index.css"), Open);
        assert_eq!(of_request("GET", "/docsx"), Needs(Role::Read));
        assert_eq!(of_request("POST", "/health"), Needs(Role::Read));
        assert_eq!(of_request("GET", "/nowhere"), Needs(Role::Read));
    }
}
