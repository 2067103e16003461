//! The bounded, fair queue between requests and workers.
//!
//! It is bounded by tokens, because the time of a forward grows with tokens: a thousand one-line texts and
//! one long text count the same. When the queue is full, a request is refused at once with the time
//! after which there should be space, instead of a longer and longer delay for all. A request is also refused if
//! its expected delay, by the speed so far, is too long. So an accepted request waits about equally long under any
//! load ([`load_shedder`]).
//!
//! It is fair. Interactive requests and bulk work are two lanes that share four to one when
//! both have work. The virtual time of a lane is the tokens it was served, times its weight; the lane that is
//! behind is served next. In the interactive lane the earliest virtual deadline goes first ([`lane`]): a short text
//! that arrives after a long document overtakes all of it but its next window, and the number of tokens that may
//! overtake a long text is bounded. Bulk work is first come, first served.
//!
//! No core is idle while a text waits for its answer: if there are fewer windows than workers, the idle
//! workers help the others ([`help_requests`]).

mod batch;
mod bounded;
mod help_requests;
mod lane;
mod load_shedder;
mod schedule;

pub use batch::Batch;
pub use bounded::{Queue, QueuedJob, Task};
