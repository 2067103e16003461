//! The threads that own a network and do nothing but run it.

use super::job::Ticket;
use super::queue::Queue;
use crate::model::{self, Model};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// What a worker needs to know.
#[derive(Clone)]
pub struct WorkerContext {
    /// Where windows come from.
    pub queue: Arc<Queue>,
    /// What scores them.
    pub model: Arc<Model>,
    /// How many workers there are.
    pub workers: usize,
    /// Threads that libtorch may use within one forward.
    pub threads: usize,
    /// Most tokens of a batch, padding included.
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
    let mut network = context.model.network();
    drop(ready);
    while let Some(batch) = context.queue.take(context.batch_tokens, context.workers) {
        let started = Instant::now();
        let windows: Vec<_> = batch.iter().map(Ticket::window).collect();
        match catch_unwind(AssertUnwindSafe(|| network.forward(&windows, &mut || ()))) {
            Ok(scores) => {
                let tokens = batch.iter().map(Ticket::cost).sum();
                context.queue.note_speed(tokens, started.elapsed().as_secs_f64(), context.workers);
                for (ticket, scores) in batch.into_iter().zip(scores) {
                    ticket.finish(scores, &context.model);
                }
            }
            Err(panic) => {
                let why = message(panic.as_ref());
                tracing::error!(windows = batch.len(), why, "a batch failed in the network");
                batch.into_iter().for_each(|ticket| ticket.fail(why));
                // Whatever state the panic left the network in, the next batch gets a new one.
                network = context.model.network();
            }
        }
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown reason")
}
