//! The layers of the settings and how they are read.

use super::{KEYS, access, log, store};
use std::collections::BTreeMap;
use std::path::Path;

/// The keys that a settings file may have.
fn known() -> impl Iterator<Item = &'static str> {
    KEYS.iter().chain(access::KEYS).chain(log::KEYS).chain(store::KEYS).copied()
}

/// The layers under the flags, and what was found wrong so far.
#[derive(Default)]
pub(super) struct Layers {
    file: BTreeMap<String, String>,
    pub(super) mistakes: Vec<String>,
}

impl Layers {
    /// Reads the settings file: the named one, or the one in the working directory if there is one.
    pub(super) fn read_file(&mut self, named: Option<&Path>) {
        let path = named.unwrap_or(Path::new("heartstrings.toml"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            // Only a file that somebody asked for must be there.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return,
            Err(error) => {
                self.mistakes.push(format!("config: cannot read {}: {error}", path.display()));
                return;
            }
        };
        let table: toml::Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                self.mistakes.push(format!("config: {} is not TOML: {error}", path.display()));
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
            if known().any(|known| known == key) {
                self.file.insert(key, text);
            } else {
                let known = known().collect::<Vec<_>>().join(", ");
                self.mistakes.push(format!("{key}: no such setting; there are {known}"));
            }
        }
    }

    /// The value of the highest layer that has one. After a mistake the default stands in, so
    /// that the others are still found.
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
