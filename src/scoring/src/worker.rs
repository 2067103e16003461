//! The threads that own a network and do nothing but run it.

use super::job::Ticket;
use super::queue::{Batch, Queue, Task};
use super::statistics::{Counters, count};
use super::{Priority, ScoringError};
use heartstrings_inference::{HelperPool, Model, Network, WindowScores};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Makes what a worker runs, on the worker's own thread.
pub type MakeNetwork = dyn Fn() -> Box<dyn Network> + Send + Sync;

/// What a worker needs to know.
#[derive(Clone)]
pub struct WorkerContext {
    /// Where windows come from.
    pub queue: Arc<Queue>,
    /// What concludes from the scores of windows.
    pub model: Arc<dyn Model>,
    /// What scores windows.
    pub make: Arc<MakeNetwork>,
    /// Where everything is counted.
    pub counters: Arc<Counters>,
    /// How many workers there are.
    pub workers: usize,
    /// Most tokens of a batch.
    pub batch_tokens: usize,
}

/// Starts a worker. It says through `ready` that it has its network, or why it has none, and ends
/// when the queue is closed and empty.
pub fn start(
    index: usize,
    context: WorkerContext,
    ready: Sender<Result<(), String>>,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(format!("score-{index}")).spawn(move || run(&context, ready))
}

fn run(context: &WorkerContext, ready: Sender<Result<(), String>>) {
    let made = context.network();
    let _living = made.is_ok().then(|| Living::new(context));
    // Whoever started us may have given up on another worker by now.
    let _ = ready.send(made.as_ref().map(|_| ()).map_err(Clone::clone));
    drop(ready);
    let Ok(mut forward) = made else { return };
    let team = Arc::new(HelperPool::default());
    while let Some(task) = context.queue.take(context.batch_tokens, context.workers) {
        let batch = match task {
            Task::Score(batch) => batch,
            Task::Help(team) => {
                team.help(|| context.queue.has_work());
                context.queue.helped(&team);
                continue;
            }
        };
        let scored = context.score(forward.as_ref(), &team, batch);
        context.queue.dismiss(&team);
        if scored.is_err() {
            // Whatever state the panic left the network in, the next batch gets a new one.
            match context.network() {
                Ok(new) => forward = new,
                Err(why) => {
                    let left = context.counters.workers.load(Ordering::Acquire).saturating_sub(1);
                    tracing::error!(
                        why,
                        left,
                        "a scoring thread ends for good; start the service again to have it back"
                    );
                    return;
                }
            }
        }
    }
}

/// A worker that is alive. However it ends, it is counted out; the last one fails what waits, so
/// that nobody waits for workers that are no more.
struct Living<'a>(&'a WorkerContext);

impl<'a> Living<'a> {
    fn new(context: &'a WorkerContext) -> Self {
        context.counters.workers.fetch_add(1, Ordering::AcqRel);
        Self(context)
    }
}

impl Drop for Living<'_> {
    fn drop(&mut self) {
        let before = self.0.counters.workers.fetch_sub(1, Ordering::AcqRel);
        if before == 1 && self.0.queue.give_up() {
            tracing::error!("no scoring thread is left; texts are refused until the next start");
        }
    }
}

/// The network has panicked.
struct Failed;

impl WorkerContext {
    /// Makes a network, or says why that fails.
    fn network(&self) -> Result<Box<dyn Network>, String> {
        catch_unwind(AssertUnwindSafe(|| (self.make)()))
            .map_err(|panic| format!("making the network failed: {}", message(panic.as_ref())))
    }

    /// Scores a batch. Between the layers of a bulk batch those are scored who look at a screen.
    fn score(
        &self,
        forward: &dyn Network,
        team: &Arc<HelperPool>,
        batch: Batch,
    ) -> Result<(), Failed> {
        let started = Instant::now();
        let mut interrupted = Duration::ZERO;
        let mut outcome = Ok(());
        let is_shared = forward.is_shared();
        if is_shared {
            self.queue.gather(team);
        }
        let (mut helpers, mut looks) = (0, 0);
        let mut between = || {
            if is_shared {
                self.queue.gather(team);
            }
            helpers += team.helpers();
            looks += 1;
            if batch.priority == Priority::Interactive || outcome.is_err() {
                return;
            }
            let began = Instant::now();
            if let Some(urgent) = self.queue.take_urgent(self.batch_tokens, self.workers) {
                count(&self.counters.interruptions);
                outcome = self.score(forward, team, urgent);
                interrupted += began.elapsed();
            }
        };
        let windows: Vec<_> = batch.tickets.iter().map(Ticket::window).collect();
        let scores =
            catch_unwind(AssertUnwindSafe(|| forward.forward(&windows, team, &mut between)));
        match scores {
            Ok(scores) => {
                let cores = 1.0 + helpers as f64 / f64::from(looks.max(1));
                let at_once = self.workers as f64 / cores;
                let time = started.elapsed().saturating_sub(interrupted);
                let tokens = windows.iter().map(|window| window.ids.len()).sum();
                // As many went on at the same time on average as had cores for it.
                self.queue.note_speed(tokens, time.as_secs_f64(), at_once);
                self.counters.batch(windows.len(), tokens, forward.rows(tokens), time);
                self.finish(batch.tickets, scores);
                outcome
            }
            Err(panic) => {
                self.give_back(batch.tickets, message(panic.as_ref()));
                Err(Failed)
            }
        }
    }

    fn finish(&self, tickets: Vec<Ticket>, scores: Vec<WindowScores>) {
        for (ticket, scores) in tickets.into_iter().zip(scores) {
            // What is concluded is arithmetic on numbers that the network gave. Should it panic all
            // the same, this text goes without an answer, which says so, and the others get theirs.
            let scored = || count(&self.counters.texts);
            let done = catch_unwind(AssertUnwindSafe(|| {
                ticket.finish(scores, self.model.as_ref(), scored)
            }));
            if done.is_err() {
                // What the panic says may hold the text, which is in no log; its own line says where.
                tracing::error!("concluding from a text's scores panicked");
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
        let failed = ScoringError::Failed(why.to_owned());
        second.into_iter().for_each(|ticket| ticket.fail(failed.clone()));
        self.queue.try_again(first.into_iter());
    }
}

/// What a panic of the network says. It has seen numbers only, so no text is in it.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown reason")
}
