//! How well languages are told: reads lines of a language's code, a tab and a text from standard
//! input, and prints, by the length of the texts, the share with the right tag and the share that is
//! said to be in a language that is not supported, for English and for all others.

use heartstrings_text::language::detect;
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::time::{Duration, Instant};

fn main() -> io::Result<()> {
    let supported = ["en".to_owned()];
    let mut counts: BTreeMap<(bool, usize), [usize; 3]> = BTreeMap::new();
    let (mut time, mut texts) = (Duration::ZERO, 0);
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Some((language, text)) = line.split_once('\t') else { continue };
        let start = Instant::now();
        let found = detect(text, &supported);
        time += start.elapsed();
        texts += 1;
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let longest = [10, 20, 40, 80].into_iter().find(|most| letters <= *most).unwrap_or(999);
        let counted = counts.entry((language == "en", longest)).or_default();
        counted[0] += 1;
        counted[1] += usize::from(found.tag == language);
        counted[2] += usize::from(found.is_unsupported);
    }
    for ((is_english, longest), [all, right, unsupported]) in counts {
        let name = if is_english { "English" } else { "others" };
        let share = |count: usize| 100.0 * count as f64 / all as f64;
        let (right, unsupported) = (share(right), share(unsupported));
        println!(
            "{name}, up to {longest} letters: {all} texts, tag right {right:.1} %, not supported {unsupported:.2} %"
        );
    }
    println!("{:.0} µs a text", time.as_secs_f64() * 1e6 / f64::from(texts.max(1)));
    Ok(())
}
