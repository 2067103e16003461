//! A batch without end: so many lines through `create_reviews` that whatever is kept of each would
//! show.

use crate::helpers::Server;
use futures_util::StreamExt;
use reqwest::{Body, Method};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines of a chunk.
const CHUNK: usize = 500;
/// One line in so many is a new review; the store keeps an index of those in memory.
const NEW: usize = 100;
/// What memory may grow by after the first tenth, besides what new reviews take in the store.
const GROWTH: usize = 48 << 20;
/// What a new review takes in the store's caches and index, at most.
const PER_REVIEW: usize = 4 << 10;

/// What a line is, and what it is answered with.
fn line(number: usize, chunk: &mut String) -> u16 {
    let (id, status) = match number % 5 {
        _ if number.is_multiple_of(NEW) => (format!("n{number}"), 201),
        0 | 1 => (format!("n{}", number / NEW * NEW), 200),
        2 => {
            chunk.push_str("{\"subject\": \"film\", \"text\": 7}\n");
            return 422;
        }
        3 => {
            chunk.push_str("this is no JSON\n");
            return 400;
        }
        // The hundred before is stored long since: of two that come together either could be first.
        _ => {
            let Some(id) = (number / NEW).checked_sub(1).map(|hundred| hundred * NEW) else {
                chunk.push_str("[]\n");
                return 422;
            };
            writeln!(chunk, "{{\"id\":\"n{id}\",\"subject\":\"film\",\"text\":\"Other words.\"}}")
                .unwrap();
            return 409;
        }
    };
    writeln!(chunk, "{{\"id\":\"{id}\",\"subject\":\"film\",\"text\":\"I love it!\"}}").unwrap();
    status
}

/// The statuses that lines have, as they are sent.
fn expected(lines: usize) -> BTreeMap<u16, usize> {
    let (mut counts, mut scrap) = (BTreeMap::new(), String::new());
    for number in 0..lines {
        *counts.entry(line(number, &mut scrap)).or_default() += 1;
        scrap.clear();
    }
    counts
}

/// Sends that many lines in one request. Each is stored or refused on its own, all are answered in
/// order, and memory stays as it was after the first of them.
pub async fn all(lines: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &[]);
    let chunks = (0..lines.div_ceil(CHUNK)).map(move |chunk| {
        let mut text = String::new();
        for number in chunk * CHUNK..lines.min((chunk + 1) * CHUNK) {
            line(number, &mut text);
        }
        Ok::<_, std::io::Error>(text)
    });
    let request = server.request(Method::POST, "/v1/reviews/batch");
    let request = request.header("Content-Type", "application/x-ndjson");
    let request = request.body(Body::wrap_stream(futures_util::stream::iter(chunks)));
    let mut answer = request.send().await.unwrap().bytes_stream();
    let (mut rest, mut counts, mut number) = (Vec::new(), BTreeMap::new(), 0);
    let (mut before, mut most) = (0, 0);
    while let Some(piece) = answer.next().await {
        rest.extend_from_slice(&piece.unwrap());
        let end = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        for line in rest.drain(..end).collect::<Vec<_>>().split_inclusive(|byte| *byte == b'\n') {
            let text = std::str::from_utf8(line).unwrap();
            let rest = text.strip_prefix(&format!("{{\"index\":{number},\"status\":"));
            let status = rest.and_then(|rest| rest.get(..3)).and_then(|text| text.parse().ok());
            let status: u16 = status.unwrap_or_else(|| panic!("line {number}: {text}"));
            *counts.entry(status).or_default() += 1;
            number += 1;
            if number == lines / 10 {
                before = server.resident_bytes();
            } else if number % 1_000 == 0 && number > lines / 10 {
                most = most.max(server.resident_bytes());
            }
        }
    }
    assert_eq!(number, lines, "every line is answered");
    assert_eq!(counts, expected(lines), "each line has its status");
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], counts[&201], "each is stored once");
    let grown = most.saturating_sub(before);
    println!(
        "{lines} lines in one batch: {counts:?}; memory {} MiB after a tenth, at most {} MiB more",
        before >> 20,
        grown >> 20
    );
    assert!(grown < GROWTH + counts[&201] * PER_REVIEW, "memory grew by {} MiB", grown >> 20);
}
