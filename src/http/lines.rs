//! Lines out of a body that streams in: newline-delimited JSON in constant memory.

use super::problem::{Kind, Problem};
use super::read::{BODY_BYTES, BODY_TIME};
use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

/// A line, or why there is none.
pub type Line = Result<Vec<u8>, Problem>;

/// The lines of a body, without their ends; empty ones are left out. A line that is too long is a
/// problem in its place, and reading goes on after it. A body that breaks off ends in a problem, and
/// so does one of which no whole line comes within [`BODY_TIME`]: bytes that drip do not count.
pub fn lines(payload: Payload) -> impl Stream<Item = Line> {
    let reader =
        Reader { payload, buffer: BytesMut::new(), searched: 0, skipping: false, ended: false };
    stream::unfold(reader, |mut reader| async move {
        let line = reader.next().await?;
        Some((line, reader))
    })
}

struct Reader {
    payload: Payload,
    buffer: BytesMut,
    /// Bytes of the buffer that hold no line end.
    searched: usize,
    /// Whether the line at the front was too long and its rest is thrown away.
    skipping: bool,
    ended: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Line> {
        let deadline = Instant::now() + BODY_TIME;
        loop {
            if let Some(place) = self.buffer[self.searched..].iter().position(|b| *b == b'\n') {
                let line = self.buffer.split_to(self.searched + place + 1);
                self.searched = 0;
                if std::mem::take(&mut self.skipping) {
                    continue;
                }
                match trimmed(&line) {
                    [] => continue,
                    line => return Some(Ok(line.to_vec())),
                }
            }
            self.searched = self.buffer.len();
            if self.skipping {
                self.buffer.clear();
                self.searched = 0;
            } else if self.buffer.len() > BODY_BYTES {
                self.skipping = true;
                let detail = format!("a line is larger than {} MiB", BODY_BYTES >> 20);
                return Some(Err(Problem::new(Kind::TooLarge, detail)));
            }
            if self.ended {
                return self.last();
            }
            match timeout_at(deadline, self.payload.next()).await {
                Ok(Some(Ok(chunk))) => self.buffer.extend_from_slice(&chunk),
                Ok(None) => self.ended = true,
                Ok(Some(Err(error))) => return self.break_off(Kind::Malformed, &error.to_string()),
                Err(_) => return self.break_off(Kind::Timeout, "no whole line came for too long"),
            }
        }
    }

    /// The line after the last line end.
    fn last(&mut self) -> Option<Line> {
        self.searched = 0;
        let rest = self.buffer.split();
        match trimmed(&rest) {
            [] => None,
            line if !self.skipping => Some(Ok(line.to_vec())),
            _ => None,
        }
    }

    fn break_off(&mut self, kind: Kind, why: &str) -> Option<Line> {
        self.ended = true;
        self.buffer.clear();
        self.searched = 0;
        let detail = format!("the body broke off ({why}); send the lines from here on again");
        Some(Err(Problem::new(kind, detail)))
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}
