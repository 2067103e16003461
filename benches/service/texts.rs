//! Texts to be scored.

use std::path::Path;

/// Sentences of which reviews are put together.
const SENTENCES: [&str; 8] = [
    "The story takes its time, and I was glad of every minute that it took.",
    "I bought it in March and it has worked every day since then.",
    "Nobody at the counter looked up when we came in, let alone said a word.",
    "The second half drags so badly that I checked my watch three times.",
    "It comes with two cables, a charger and a small printed manual.",
    "My daughter laughed until she cried, and so did everyone in our row.",
    "For this price I expected a good deal more than a plastic lid that cracks.",
    "The soup was hot, the bread was fresh, and the waiter remembered our names.",
];

/// A review of about so many words, a different one for each number.
pub fn made(number: usize, words: usize) -> String {
    let mut text = format!("Review number {number}.");
    let mut count = 3;
    let mut state = number;
    while count < words {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let sentence = SENTENCES[(state >> 33) % SENTENCES.len()];
        count += sentence.split(' ').count();
        text.push(' ');
        text.push_str(sentence);
    }
    text
}

/// From a line to a film critic's page: lengths as people write them.
pub fn mixed(number: usize) -> String {
    const WORDS: [usize; 10] = [6, 12, 12, 25, 25, 40, 60, 120, 250, 700];
    made(number, WORDS[number % WORDS.len()])
}

/// The first so many texts of a TSV file with a header and a column `text`.
pub fn read(path: &Path, count: usize) -> Vec<String> {
    let file = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    let mut lines = file.lines();
    let column = lines.next().and_then(|head| head.split('\t').position(|name| name == "text"));
    let column = column.expect("there is a column `text`");
    lines.filter_map(|line| line.split('\t').nth(column)).take(count).map(str::to_owned).collect()
}
