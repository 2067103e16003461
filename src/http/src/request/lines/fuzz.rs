//! BodyMemory of any bytes, cut anywhere, against the plainest reader of lines that there is.

use super::*;
use heartstrings_testing::growth::assert_linear;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Most bytes of a line here: little, so that many lines are around it.
const MOST: usize = 12;
/// Memory for a body here: more than any has.
const MEMORY: usize = 1 << 20;

// Waiting with a deadline wants a clock, though nothing waits here.
static CLOCK: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap_or_else(|error| panic!("no clock: {error}"))
});

/// What comes of a line: its bytes, or the code of its problem.
type Seen = Result<Vec<u8>, String>;

/// The lines of a body, as they were before anyone thought of pieces.
fn expected(body: &[u8], breaks_off: bool) -> Vec<Seen> {
    let mut lines = Vec::new();
    let mut pieces = body.split(|byte| *byte == b'\n').peekable();
    while let Some(piece) = pieces.next() {
        if breaks_off && pieces.peek().is_none() {
            // Where nothing can follow that would make it short enough, that is said first.
            lines.extend((piece.len() > MOST + 1).then(|| Err("payload-too-large".into())));
            lines.push(Err("malformed-request".into()));
            break;
        }
        let line = piece.strip_suffix(b"\r").unwrap_or(piece);
        match line.trim_ascii() {
            _ if line.len() > MOST => lines.push(Err("payload-too-large".into())),
            [] => {}
            line => lines.push(Ok(line.to_vec())),
        }
    }
    lines
}

/// The lines that the reader makes of a body that comes in pieces.
fn read(pieces: Vec<Vec<u8>>, breaks_off: bool, most: usize, memory: &BodyMemory) -> Vec<Seen> {
    let end = breaks_off.then_some(Err(PayloadError::Incomplete(None)));
    let pieces = pieces.into_iter().map(|piece| Ok(Bytes::from(piece))).chain(end);
    let reader = Reader {
        payload: Payload::Stream { payload: Box::pin(stream::iter(pieces)) },
        most,
        buffer: BytesMut::new(),
        held: memory.begin(),
        searched: 0,
        skipping: false,
        ended: false,
        pace: Pace::start(),
        line_time: Duration::from_secs(3_600),
    };
    let seen = reader.stream().map(|line| match line {
        Ok(line) => Ok(line.bytes),
        Err(problem) => Err(problem.to_string().split(':').next().unwrap_or_default().to_owned()),
    });
    CLOCK.block_on(seen.collect())
}

/// A body in pieces of these sizes, over and over; a last one takes the rest when all are empty.
fn cut(mut body: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle().take(body.len() * sizes.len().max(1)) {
        let (piece, rest) = body.split_at((*size).min(body.len()));
        pieces.push(piece.to_vec());
        body = rest;
        if body.is_empty() {
            break;
        }
    }
    pieces.push(body.to_vec());
    pieces
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => "[a-c]{0,15}".prop_map(String::into_bytes),
        4 => "[\n\r \t]{0,4}".prop_map(String::into_bytes),
        2 => "\r?\n".prop_map(String::into_bytes),
        1 => "[é感\u{1F62D}\u{85}\u{2028}]{1,4}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn fuzz_lines(
        body in bodies(),
        sizes in proptest::collection::vec(0..20usize, 0..6),
        breaks_off in any::<bool>(),
    ) {
        let memory = BodyMemory::new(MEMORY);
        let seen = read(cut(&body, &sizes), breaks_off, MOST, &memory);
        prop_assert_eq!(seen, expected(&body, breaks_off));
        prop_assert!(memory.begin().grow(MEMORY).is_ok(), "not all memory was given back");
    }
}

#[test]
fn fuzz_time_of_lines() {
    let units = ("[ab\n\r ]{1,9}|[ab]{1,9}", 64..2_000usize);
    assert_linear(
        units,
        |(unit, _)| unit,
        |(_, size), body| {
            read(cut(body.as_bytes(), &[*size]), false, BODY_BYTES, &BodyMemory::new(MEMORY));
        },
    );
}
