//! What is shown of a file before it is imported.

use super::Opened;
use crate::cli::terminal::one_line;
use heartstrings_core::review::ReviewDraft;
use heartstrings_service::now;

/// Rows that are shown.
const ROWS: usize = 3;
/// Characters of a text that are shown.
const TEXT_CHARS: usize = 100;

/// Shows what a file is, which column is taken for what, and its first rows as they would be
/// stored.
pub fn file(file: &Opened) {
    let Opened { input, plan } = file;
    eprintln!("{}: {}", one_line(input.name(), 200), input.shape());
    let mapping = plan.mapping();
    for (field, source) in mapping.fields() {
        let note = match field {
            "rating" => format!(" (on the scale {})", plan.scale()),
            "date" => match plan.day_first() {
                Some(true) => " (the day comes first)".into(),
                Some(false) => " (the month comes first)".into(),
                None => String::new(),
            },
            _ => String::new(),
        };
        eprintln!("  {field:<9} {}{note}", one_line(&source.to_string(), 80));
    }
    if mapping.id.is_none() {
        eprintln!("  {:<9} made from the content", "id");
    }
    for (key, column) in &mapping.metadata {
        eprintln!("  {:<9} {} as {}", "metadata", one_line(column, 80), one_line(key, 80));
    }
    let is_used = |name: &&String| {
        mapping.fields().iter().any(|(_, source)| source.column() == Some(name))
            || mapping.metadata.iter().any(|(_, column)| &column == name)
    };
    let unused: Vec<_> = input.columns().iter().filter(|name| !is_used(name)).collect();
    if !unused.is_empty() {
        let names: Vec<_> = unused.iter().map(|name| one_line(name, 40)).collect();
        eprintln!("  {:<9} {}", "not used", one_line(&names.join(", "), 400));
    }
    for record in input.sample().take(ROWS) {
        match plan.import(record.clone(), now()) {
            Ok(import) => row(record.line, &import.draft),
            Err(refused) => {
                let reasons = one_line(&refused.reasons.join("; "), 300);
                eprintln!("\n  line {}: would be refused: {reasons}", refused.line);
            }
        }
    }
    eprintln!();
}

fn row(line: u64, draft: &ReviewDraft) {
    let mut parts = vec![one_line(&draft.subject, 60)];
    parts.extend(draft.rating.map(|stars| format!("{stars} of 5 stars")));
    parts.extend(draft.written_at.clone());
    parts.extend(draft.title.as_deref().map(|title| one_line(title, 60)));
    eprintln!("\n  line {line}: {}\n    {}", parts.join(" · "), one_line(&draft.text, TEXT_CHARS));
}
