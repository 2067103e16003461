//! How measures get into the report.

use serde_json::{Map, Value};

/// Adds a measure, rounded to four decimals.
pub fn put(report: &mut Map<String, Value>, name: &str, value: f64) {
    report.insert(name.to_owned(), ((value * 1e4).round() / 1e4).into());
}

/// Arithmetic mean; 0 of no values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
