//! The threads that own a network and do nothing but run it.

use super::Priority;
use super::job::Ticket;
use super::queue::{Batch, Queue};
use super::statistics::{Counters, count};
use crate::model::{self, Model, Network, Window, WindowScores};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// What a worker runs: the network, or in tests something that fails on purpose.
pub trait Forward {
    /// Scores windows, in order, and calls `between` when something else may be done in between.
    fn forward(&self, windows: &[&Window], between: &mut dyn FnMut()) -> Vec<WindowScores>;
}

impl Forward for Network {
    fn forward(&self, windows: &[&Window], between: &mut dyn FnMut()) -> Vec<WindowScores> {
        Network::forward(self, windows, between)
    }
}

/// Makes what a worker runs, on the worker's own thread.
pub type MakeForward = dyn Fn() -> Box<dyn Forward> + Send + Sync;

/// What a worker needs to know.
#[derive(Clone)]
pub struct WorkerContext {
    /// Where windows come from.
    pub queue: Arc<Queue>,
    /// What concludes from the scores of windows.
    pub model: Arc<Model>,
    /// What scores windows.
    pub make: Arc<MakeForward>,
    /// Where everything is counted.
    pub counters: Arc<Counters>,
    /// How many workers there are.
    pub workers: usize,
    /// Threads that libtorch may use within one forward.
    pub threads: usize,
    /// Most tokens of a batch.
    pub batch_tokens: usize,
}

/// Starts a worker. It drops `ready` once it has its network, and ends when the queue is closed
/// and empty.
pub fn start(
    index: usize,
    context: WorkerContext,
    ready: Sender<()>,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(format!("score-{index}")).spawn(move || run(&context, ready))
}

fn run(context: &WorkerContext, ready: Sender<()>) {
    // libtorch keeps this number for each thread that calls it.
    model::set_thread_count(context.threads);
    let mut forward = (context.make)();
    drop(ready);
    while let Some(batch) = context.queue.take(context.batch_tokens, context.workers) {
        if context.score(forward.as_ref(), batch).is_err() {
            // Whatever state the panic left the network in, the next batch gets a new one.
            forward = (context.make)();
        }
    }
}

/// The network has panicked.
struct Failed;

impl WorkerContext {
    /// Scores a batch. Between the layers of a bulk batch those are scored who look at a screen.
    fn score(&self, forward: &dyn Forward, batch: Batch) -> Result<(), Failed> {
        let started = Instant::now();
        let mut interrupted = Duration::ZERO;
        let mut outcome = Ok(());
        let mut between = || {
            if batch.priority == Priority::Interactive || outcome.is_err() {
                return;
            }
            let began = Instant::now();
            if let Some(urgent) = self.queue.take_urgent(self.batch_tokens, self.workers) {
                count(&self.counters.interruptions);
                outcome = self.score(forward, urgent);
                interrupted += began.elapsed();
            }
        };
        let windows: Vec<_> = batch.tickets.iter().map(Ticket::window).collect();
        let scores = catch_unwind(AssertUnwindSafe(|| forward.forward(&windows, &mut between)));
        match scores {
            Ok(scores) => {
                self.note(&windows, started.elapsed().saturating_sub(interrupted));
                self.finish(batch.tickets, scores);
                outcome
            }
            Err(panic) => {
                self.give_back(batch.tickets, message(panic.as_ref()));
                Err(Failed)
            }
        }
    }

    fn note(&self, windows: &[&Window], time: Duration) {
        let tokens = windows.iter().map(|window| window.ids.len()).sum();
        self.queue.note_speed(tokens, time.as_secs_f64(), self.workers);
        self.counters.batch(windows.len(), tokens, Network::rows(tokens), time);
    }

    fn finish(&self, tickets: Vec<Ticket>, scores: Vec<WindowScores>) {
        for (ticket, scores) in tickets.into_iter().zip(scores) {
            // What is concluded is arithmetic on numbers that the network gave. Should it panic all
            // the same, this text goes without an answer, which says so, and the others get theirs.
            let done = catch_unwind(AssertUnwindSafe(|| ticket.finish(scores, &self.model)));
            match done {
                Ok(true) => count(&self.counters.texts),
                Ok(false) => {}
                Err(panic) => tracing::error!(
                    why = message(panic.as_ref()),
                    "concluding from a text's scores failed"
                ),
            }
        }
    }

    /// Each window of a batch that failed is tried once more, alone; one that fails alone, or
    /// again, fails its text.
    fn give_back(&self, tickets: Vec<Ticket>, why: &str) {
        count(&self.counters.failures);
        tracing::error!(windows = tickets.len(), why, "a batch failed in the network");
        let (second, first): (Vec<_>, Vec<_>) =
            tickets.into_iter().partition(|ticket| ticket.has_failed);
        second.into_iter().for_each(|ticket| ticket.fail(why));
        self.queue.try_again(first.into_iter());
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown reason")
}
