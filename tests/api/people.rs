//! Commands for people, run as a person or a script would.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command of the binary on the store in `folder`.
pub fn person(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command
        .args(arguments)
        .arg("--store")
        .arg(format!("sled:{}", folder.display()))
        .args(["--free-disk-mib", "0"])
        .env("HEARTSTRINGS_PRECISION", "fp32")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// What came of a command.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Outcome {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Rows of an import: stored, known, refused.
    pub fn counts(&self) -> [u64; 3] {
        let json = self.json();
        ["stored", "known", "refused"].map(|name| json[name].as_u64().unwrap())
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command of the binary on the store in `folder`.
pub fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    person(folder, arguments).output().unwrap().into()
}

/// Imports a file without asking.
pub fn import(folder: &Path, file: &Path, arguments: &[&str]) -> Outcome {
    let file = file.to_str().unwrap();
    run(folder, &[&["import", "--yes", "--json", file], arguments].concat())
}

/// All reviews of a store as the export gives them, by id, without the times of receipt and with the
/// label alone of the analysis: with `fp32` the last digit of a score depends on the batch.
pub fn reviews(folder: &Path) -> Vec<Value> {
    let exported = run(folder, &["export"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let mut reviews: Vec<Value> = exported
        .out
        .lines()
        .map(|line| {
            let mut review: Value = serde_json::from_str(line).unwrap();
            let fields = review.as_object_mut().unwrap();
            fields.remove("received_at");
            fields.remove("updated_at");
            let analysis = fields.remove("analysis").unwrap();
            fields.insert("label".into(), analysis["sentiment"]["label"].clone());
            review
        })
        .collect();
    reviews.sort_by_key(|review| review["id"].as_str().unwrap().to_owned());
    reviews
}
