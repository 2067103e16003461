//! What a run says, on standard output and in `docs/BENCHMARKS.md`.
//!
//! Each section stands there between two marks, `<!-- begin: NAME -->` and `<!-- end: NAME -->`. A run
//! replaces what is between those of the sections that it has run; everything else stays.

use std::path::{Path, PathBuf};

/// The file that is written: `HEARTSTRINGS_BENCH_OUT`, or `docs/BENCHMARKS.md`.
fn file() -> PathBuf {
    let chosen = std::env::var_os("HEARTSTRINGS_BENCH_OUT").map(PathBuf::from);
    chosen.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/BENCHMARKS.md"))
}

/// Prints a section and puts it into the file.
pub fn publish(name: &str, settings: &str, body: &str) {
    let text = format!("{}; {settings}.\n\n{}\n", conditions(), body.trim());
    println!("\n### {name}\n\n{text}");
    let path = file();
    let written = std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|old| replace(&old, name, &text))
        .and_then(|new| std::fs::write(&path, new).map_err(|error| error.to_string()));
    if let Err(why) = written {
        eprintln!("bench: {} does not get the section {name}: {why}", path.display());
    }
}

/// A document with `text` between the marks of the section `name`.
pub fn replace(document: &str, name: &str, text: &str) -> Result<String, String> {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let missing = |mark: &str| format!("it has no line {:?}; put one in", mark.trim());
    let (before, rest) = document.split_once(&begin).ok_or_else(|| missing(&begin))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

/// A table in Markdown. Its rows are printed as they come, so that a long run shows that it lives.
pub struct Table(String);

impl Table {
    /// A table with these heads; all columns but the first hold numbers.
    pub fn new(heads: &[&str]) -> Self {
        println!("\n{}", heads.join(" | "));
        let rule = heads.iter().skip(1).map(|_| " ---: |").collect::<String>();
        Self(format!("| {} |\n| --- |{rule}\n", heads.join(" | ")))
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        println!("{}", cells.join(" | "));
        self.0 += &format!("| {} |\n", cells.join(" | "));
    }

    /// The table as text.
    pub fn text(self) -> String {
        self.0
    }
}

/// When and on what a run was made.
fn conditions() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let mut fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(name, _)| name.trim() == key);
        found.map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let flags = value("flags");
    let has = |flag: &&str| flags.split(' ').any(|word| word == *flag);
    let known = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"];
    let known: Vec<&str> = known.into_iter().filter(has).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{}, {cores} cores of {} (family {}, model {}: {})",
        today(),
        value("model name"),
        value("cpu family"),
        value("model"),
        known.join(", ")
    )
}

/// The date in UTC as `YYYY-MM-DD`.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}
