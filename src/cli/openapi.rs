//! `heartstrings openapi`: the document on standard output.

use super::Outcome;
use heartstrings_http as http;
use std::io::Write;

/// Writes the document. `openapi/openapi.json` is what this writes, and a test compares them.
pub fn run() -> Outcome {
    let text = http::document()
        .to_pretty_json()
        .map_err(|error| format!("the OpenAPI document cannot be written: {error}"))?;
    writeln!(std::io::stdout(), "{text}").map_err(|error| format!("cannot write: {error}"))?;
    Ok(())
}
