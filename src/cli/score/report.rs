//! An analysis for people, in a terminal.

use crate::cli::terminal::{bar, harmless, one_line};
use anstyle::{AnsiColor, Style};
use heartstrings_core::analysis::{Analysis, EMOTIONS, Label, Warning};
use std::io::{Result, Write};

/// Characters of a bar.
const BAR: usize = 20;
/// Scores nearer to zero than this are coloured as neutral.
const NEUTRAL: f64 = 0.25;

/// Writes the label, bars, emotions and the sentences with their scores.
pub fn write(out: &mut impl Write, text: &str, analysis: &Analysis) -> Result<()> {
    let sentiment = &analysis.sentiment;
    let score = sentiment.score.to_f64();
    let label = match sentiment.label {
        Label::Positive => "positive",
        Label::Neutral => "neutral",
        Label::Negative => "negative",
        Label::Mixed => "mixed",
    };
    let style = style(score);
    let bold = Style::new().bold();
    writeln!(
        out,
        "{bold}{label:<9}{bold:#} {style}{}{style:#} {score:+.2}  confidence {:.2}",
        bar((score + 1.0) / 2.0, BAR),
        sentiment.confidence.to_f64()
    )?;
    let intensity = analysis.intensity.to_f64();
    writeln!(out, "intensity {} {intensity:5.2}", bar(intensity, BAR))?;
    let emotions = analysis.emotions.listed().into_iter().map(|(index, probability)| {
        format!("{} {:.2}", EMOTIONS.get(index).unwrap_or(&"?"), probability.to_f64())
    });
    let emotions: Vec<_> = emotions.collect();
    if !emotions.is_empty() {
        writeln!(out, "emotions  {}", emotions.join(", "))?;
    }
    if analysis.warnings.contains(&Warning::LanguageNotSupported) {
        let language = one_line(&analysis.language, 35);
        writeln!(out, "the model does not know the language of the text ({language})")?;
    }
    writeln!(out)?;
    let characters: Vec<char> = text.chars().collect();
    for sentence in &analysis.sentences {
        let score = sentence.sentiment.score.to_f64();
        let style = self::style(score);
        let piece = characters.get(sentence.start as usize..sentence.end as usize);
        let piece: String = piece.unwrap_or_default().iter().collect();
        let piece = harmless(piece.trim()).replace('\n', "\n        ");
        writeln!(out, "{score:+.2}   {style}{piece}{style:#}")?;
    }
    writeln!(out)
}

/// Green for praise, red for complaint.
fn style(score: f64) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    if score >= NEUTRAL {
        colour(AnsiColor::Green)
    } else if score <= -NEUTRAL {
        colour(AnsiColor::Red)
    } else {
        Style::new()
    }
}
