//! The lines of a streamed body: newline-delimited JSON in constant memory.

use super::body::BODY_BYTES;
use crate::admission::body_memory::{BodyMemory, HeldBytes};
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// A timer that fires later than this after its deadline was not polled meanwhile.
const LATE: Duration = Duration::from_secs(1);

/// Bytes without a line after which the reader of a body yields.
const YIELD_AFTER: usize = 128 << 10;
/// How long it yields. A thread of the runtime polls its other sockets only when it is idle, or after
/// 61 polls of its tasks; a body that never pauses would delay all other connections as long.
const YIELD_TIME: Duration = Duration::from_millis(1);

/// A line without its end.
pub struct Line {
    /// What it says.
    pub bytes: Vec<u8>,
    /// The memory that it takes.
    pub held: HeldBytes,
}

/// Tells a slow client from one that waits for the answers to its lines.
pub struct Pace {
    unanswered: Cell<usize>,
    answered_at: Cell<Instant>,
}

impl Pace {
    /// No line is unanswered.
    pub fn start() -> Rc<Self> {
        Rc::new(Self { unanswered: Cell::new(0), answered_at: Cell::new(Instant::now()) })
    }

    /// A line has come.
    pub fn took(&self) {
        self.unanswered.set(self.unanswered.get() + 1);
    }

    /// A line is answered.
    pub fn answered(&self) {
        self.unanswered.set(self.unanswered.get().saturating_sub(1));
        self.answered_at.set(Instant::now());
    }
}

/// The lines of a body, without their ends; empty ones are left out. A line that is too long, or for
/// which there is no memory, is a problem in its place, and reading goes on after it. A body that
/// breaks off ends in a problem, and so does one of which no whole line comes within `line_time`,
/// even when single bytes do. Time in which the client may be waiting for the service does not count:
/// while not all of its lines are answered, or while nothing reads its body.
pub fn lines(
    payload: Payload,
    memory: &BodyMemory,
    pace: Rc<Pace>,
    line_time: Duration,
) -> impl Stream<Item = Result<Line, Problem>> + use<> {
    Reader {
        payload,
        most: BODY_BYTES,
        buffer: BytesMut::new(),
        held: memory.begin(),
        searched: 0,
        skipping: false,
        ended: false,
        pace,
        line_time,
    }
    .stream()
}

struct Reader {
    payload: Payload,
    /// Most bytes of a line, without its end.
    most: usize,
    buffer: BytesMut,
    /// The memory of the buffer.
    held: HeldBytes,
    /// Bytes of the buffer that hold no line end.
    searched: usize,
    /// Whether the end of a line that was refused is still to come; until then all is thrown away.
    skipping: bool,
    ended: bool,
    pace: Rc<Pace>,
    line_time: Duration,
}

impl Reader {
    fn stream(self) -> impl Stream<Item = Result<Line, Problem>> {
        stream::unfold(self, |mut reader| async move {
            let line = reader.next().await?;
            Some((line, reader))
        })
    }

    async fn next(&mut self) -> Option<Result<Line, Problem>> {
        let (mut since, mut fruitless) = (Instant::now(), 0);
        loop {
            while let Some(place) = self.buffer[self.searched..].iter().position(|b| *b == b'\n') {
                let line = self.buffer.split_to(self.searched + place + 1);
                self.searched = 0;
                if let Some(line) = self.line(&line) {
                    return Some(line);
                }
            }
            self.searched = self.buffer.len();
            // One more for a carriage return before the end.
            if self.buffer.len() > self.most + 1 {
                self.skip();
                return Some(Err(too_long()));
            }
            if self.ended {
                let rest = self.buffer.split();
                self.searched = 0;
                return self.line(&rest);
            }
            if fruitless >= YIELD_AFTER {
                fruitless = 0;
                sleep(YIELD_TIME).await;
            }
            match self.chunk(&mut since).await {
                Ok(Some(Ok(chunk))) => {
                    fruitless += chunk.len();
                    if let Err(problem) = self.take(chunk) {
                        return Some(Err(problem));
                    }
                }
                Ok(None) => self.ended = true,
                Ok(Some(Err(error))) => return self.break_off(Kind::Malformed, &error.to_string()),
                Err(_) => return self.break_off(Kind::Timeout, "no whole line came for too long"),
            }
        }
    }

    /// What is between two line ends; nothing when it is empty.
    fn line(&mut self, line: &[u8]) -> Option<Result<Line, Problem>> {
        let held = self.held.split(line.len());
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > self.most {
            return Some(Err(too_long()));
        }
        match line.trim_ascii() {
            [] => None,
            line => Some(Ok(Line { bytes: line.to_vec(), held })),
        }
    }

    /// The next bytes of the body, or that the client has made us wait for too long since a moment.
    async fn chunk(
        &mut self,
        since: &mut Instant,
    ) -> Result<Option<Result<Bytes, PayloadError>>, TooSlow> {
        loop {
            let deadline = (*since).max(self.pace.answered_at.get()) + self.line_time;
            if let Ok(chunk) = timeout_at(deadline, self.payload.next()).await {
                return Ok(chunk);
            }
            let now = Instant::now();
            if self.pace.unanswered.get() > 0 || now > deadline + LATE {
                *since = now;
            } else if self.pace.answered_at.get() + self.line_time <= now {
                return Err(TooSlow);
            }
        }
    }

    /// Adds bytes to the buffer, all of which has been looked through, or refuses the line that
    /// they belong to.
    fn take(&mut self, mut chunk: Bytes) -> Result<(), Problem> {
        let mut outcome = Ok(());
        if !self.skipping {
            outcome = self.held.grow(chunk.len());
            if outcome.is_ok() {
                self.buffer.extend_from_slice(&chunk);
                return Ok(());
            }
            self.skip();
        }
        if let Some(place) = chunk.iter().position(|b| *b == b'\n') {
            self.skipping = false;
            // A piece of a chunk more or less, which the connection had in its own buffer before.
            self.buffer.extend_from_slice(&chunk.split_off(place + 1));
        }
        outcome
    }

    /// Gives up the line at the front.
    fn skip(&mut self) {
        self.skipping = true;
        // Its memory too: what is only cleared stays allocated.
        self.buffer = BytesMut::new();
        self.searched = 0;
        drop(self.held.split(usize::MAX));
    }

    fn break_off(&mut self, kind: Kind, why: &str) -> Option<Result<Line, Problem>> {
        self.ended = true;
        self.skip();
        let detail = format!("the body broke off ({why}); send the lines from here on again");
        Some(Err(Problem::new(kind, detail)))
    }
}

/// The client has made us wait for too long.
struct TooSlow;

fn too_long() -> Problem {
    let detail = format!(
        "a line is larger than {} MiB; send what it says in smaller ones",
        BODY_BYTES >> 20
    );
    Problem::new(Kind::TooLarge, detail)
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    const MOMENT: Duration = Duration::from_millis(1);

    type Sender = mpsc::UnboundedSender<Result<Bytes, PayloadError>>;

    fn payload() -> (Sender, Payload) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let chunks = stream::unfold(receiver, async |mut receiver| {
            receiver.recv().await.map(|chunk| (chunk, receiver))
        });
        (sender, Payload::Stream { payload: Box::pin(chunks) })
    }

    fn send(sender: &Sender, bytes: &'static [u8]) {
        sender.send(Ok(Bytes::from_static(bytes))).unwrap();
    }

    /// What a test sees of a line: its bytes, or the code of its problem.
    fn seen(line: Option<Result<Line, Problem>>) -> String {
        match line {
            Some(Ok(line)) => String::from_utf8(line.bytes).unwrap(),
            Some(Err(problem)) => problem.to_string().split(':').next().unwrap().to_owned(),
            None => "end".into(),
        }
    }

    #[tokio::test]
    async fn a_client_that_waits_for_an_answer_is_not_called_slow() {
        let (sender, payload) = payload();
        let pace = Pace::start();
        let lines = lines(payload, &BodyMemory::new(1 << 20), pace.clone(), MOMENT);
        tokio::pin!(lines);
        send(&sender, b"one\ntw");
        assert_eq!(seen(lines.next().await), "one");
        pace.took();
        // As long as that line is with the model, the client's time stands still.
        assert!(timeout(100 * MOMENT, lines.next()).await.is_err(), "it was cut off");
        pace.answered();
        assert_eq!(seen(lines.next().await), "request-timeout");
        assert_eq!(seen(lines.next().await), "end");
    }

    #[tokio::test]
    async fn a_line_without_memory_is_refused_and_the_next_is_read() {
        let (sender, payload) = payload();
        let memory = BodyMemory::new(10);
        let lines = lines(payload, &memory, Pace::start(), Duration::from_secs(3_600));
        tokio::pin!(lines);
        send(&sender, b"one\n");
        let one = lines.next().await.unwrap().unwrap_or_else(|problem| panic!("{problem}"));
        for part in [&b"much t"[..], b"oo ", b"long\ntwo\nth", b"ree\n"] {
            send(&sender, part);
        }
        drop(sender);
        for expected in ["bodies-full", "two"] {
            assert_eq!(seen(lines.next().await), expected);
        }
        drop(one);
        assert_eq!(seen(lines.next().await), "three");
        assert_eq!(seen(lines.next().await), "end");
        assert!(memory.begin().grow(10).is_ok(), "all memory was given back");
    }

    #[tokio::test]
    async fn a_body_without_lines_lets_others_have_their_turn() {
        static NOTHING: [u8; 1 << 20] = [b'\n'; 1 << 20];
        static LONG: [u8; 3 << 20] = [b' '; 3 << 20];
        let (sender, payload) = payload();
        let lines =
            lines(payload, &BodyMemory::new(8 << 20), Pace::start(), Duration::from_secs(3_600));
        tokio::pin!(lines);
        for part in [&LONG[..], &LONG, b"\none\n", &NOTHING, b"two\n"] {
            send(&sender, part);
        }
        assert_eq!(seen(lines.next().await), "payload-too-large");
        for expected in ["one", "two"] {
            // All of it is there, so that only a rest can keep it from being read at once.
            assert!(futures_util::poll!(lines.next()).is_pending(), "no rest before {expected}");
            assert_eq!(seen(lines.next().await), expected);
        }
    }
}
