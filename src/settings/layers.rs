//! The layers of the settings and how they are read.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// The layers under the flags, and the mistakes found so far.
#[derive(Default)]
pub(super) struct Layers {
    file: BTreeMap<String, String>,
    pub(super) mistakes: Vec<String>,
}

impl Layers {
    /// Reads the settings file: the named one, or the one in the working directory if there is one. It may
    /// hold the keys that are `known`.
    pub(super) fn read_file(&mut self, named: Option<&Path>, known: &[&str]) {
        let path = named.unwrap_or(Path::new("heartstrings.toml"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            // Only a named file must exist.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return,
            Err(error) => {
                self.mistakes.push(format!("config: cannot read {}: {error}", path.display()));
                return;
            }
        };
        let table: toml::Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                // The error's own text quotes the line, which may hold a password.
                let before = error.span().and_then(|span| text.get(..span.start));
                let place = before.map_or(String::new(), |before| {
                    format!(" at line {}", before.matches('\n').count() + 1)
                });
                let (path, why) = (path.display(), error.message());
                self.mistakes.push(format!("config: {path} is not TOML{place}: {why}"));
                return;
            }
        };
        for (key, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                _ => {
                    self.mistakes.push(format!("{key}: write a string, a number or a boolean"));
                    continue;
                }
            };
            if known.contains(&key.as_str()) {
                self.file.insert(key, text);
            } else {
                let known = known.join(", ");
                self.mistakes.push(format!("{key}: no such setting; there are {known}"));
            }
        }
    }

    /// The value of the highest layer that has one. After a mistake it is the default, so that the
    /// other mistakes are found too.
    pub(super) fn get<T>(
        &mut self,
        key: &str,
        flag: &Option<String>,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        let value = flag.as_deref().or(self.file.get(key).map(String::as_str));
        if let Some(value) = value {
            match parse(value) {
                Ok(value) => return value,
                Err(why) => self.mistakes.push(format!("{key}: {why}")),
            }
        }
        match parse(default) {
            Ok(value) => value,
            Err(why) => unreachable!("the default of {key} is wrong: {why}"),
        }
    }

    /// A whole number within a range.
    pub(super) fn count(
        &mut self,
        key: &str,
        flag: &Option<String>,
        default: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> usize {
        self.get(key, flag, &default.to_string(), |value| match value.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(format!(
                "{value:?} is not a whole number from {} to {}",
                range.start(),
                range.end()
            )),
        })
    }
}

/// Parses a value; the message names it.
pub(super) fn parse<T: FromStr>(value: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| format!("{value:?} cannot be used: {error}"))
}
