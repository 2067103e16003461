//! Writes the normal form of each line of standard input to standard output, line by line, so
//! that training reads texts as the service does.

use heartstrings_text::Reading;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", Reading::of(&line?).text().replace('\n', " "))?;
    }
    out.flush()
}
