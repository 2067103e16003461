//! Writes the normal form of each text of standard input to standard output, so that training reads
//! texts as the service does. A line is a text as a JSON string, in and out.

use heartstrings_text::Reading;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        serde_json::to_writer(&mut out, Reading::of(&text).text())?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
