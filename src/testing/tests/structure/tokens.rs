//! From the text of a source file to its words and signs.

/// Words and signs of a source, without comments, texts and inline test modules.
pub fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens: Vec<String> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let next = rest.get(1).copied().unwrap_or(' ');
        match rest[0] {
            '/' if next == '/' => at += rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            '/' if next == '*' => {
                let end = rest.windows(2).position(|two| two == ['*', '/']);
                at += end.map_or(rest.len(), |end| end + 2);
            }
            '"' => at += 1 + quoted(&rest[1..]),
            'r' if (next == '"' || next == '#') && raw(rest).is_some() => {
                at += raw(rest).unwrap_or(1);
            }
            '\'' => {
                // A character, or the start of a lifetime.
                at += match rest {
                    [_, '\\', ..] => {
                        3 + rest[3..].iter().position(|c| *c == '\'').unwrap_or_default()
                    }
                    [_, _, '\'', ..] => 3,
                    _ => 1,
                };
            }
            c if c.is_alphanumeric() || c == '_' => {
                let word = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_');
                let word: String = word.collect();
                at += word.chars().count();
                tokens.push(word);
            }
            ':' if next == ':' => {
                tokens.push("::".into());
                at += 2;
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(c.into());
                }
                at += 1;
            }
        }
    }
    without_tests(tokens)
}

/// Length of the rest of a text, its end included.
fn quoted(rest: &[char]) -> usize {
    let mut at = 0;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// Length of a raw text.
fn raw(rest: &[char]) -> Option<usize> {
    let signs = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(1 + signs) == Some(&'"')).then_some(())?;
    let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', signs)).collect();
    let end: Vec<char> = end.chars().collect();
    let from = 2 + signs;
    let length = rest[from..].windows(end.len()).position(|part| part == end)?;
    Some(from + length + end.len())
}

fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let start: Vec<&str> = "# [ cfg ( test ) ] mod".split(' ').collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_test = tokens[at..].iter().map(String::as_str).take(start.len()).eq(start.clone());
        if is_test && tokens.get(at + start.len() + 1).is_some_and(|token| token == "{") {
            at = block_end(&tokens, at + start.len() + 1);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The place after the block that opens here.
fn block_end(tokens: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}
