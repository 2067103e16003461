//! The threads that run the network. Each owns one.

use super::error::ScoringError;
use super::job::Entry;
use super::queue::{Batch, Queue, Task};
use super::scorer::Priority;
use super::statistics::{Counters, count};
use heartstrings_inference::{HelperPool, Model, Network, WindowScores};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Makes the network of a worker, on the worker's own thread.
pub type NetworkFactory = dyn Fn() -> Box<dyn Network> + Send + Sync;

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerContext {
    /// The source of windows.
    pub queue: Arc<Queue>,
    /// Turns the scores of windows into an analysis.
    pub model: Arc<dyn Model>,
    /// Makes the worker's network.
    pub factory: Arc<NetworkFactory>,
    /// The engine's counters.
    pub counters: Arc<Counters>,
    /// Number of workers.
    pub workers: usize,
    /// Most tokens of a batch.
    pub batch_tokens: usize,
}

/// Starts a worker. It sends to `ready` once it has its network, or why it has none. It ends
/// when the queue is closed and empty.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    index: usize,
    context: WorkerContext,
    ready: Sender<Result<(), String>>,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(format!("score-{index}")).spawn(move || run(&context, ready))
}

fn run(context: &WorkerContext, ready: Sender<Result<(), String>>) {
    let made = context.network();
    let _alive = made.is_ok().then(|| AliveGuard::new(context));
    // The receiver is gone if another worker has failed to start.
    let _ = ready.send(made.as_ref().map(|_| ()).map_err(Clone::clone));
    drop(ready);
    let Ok(mut network) = made else { return };
    let pool = Arc::new(HelperPool::default());
    while let Some(task) = context.queue.take(context.batch_tokens, context.workers) {
        let batch = match task {
            Task::Score(batch) => batch,
            Task::Help(other) => {
                other.help(|| context.queue.has_work());
                context.queue.helper_left(&other);
                continue;
            }
        };
        let scored = context.score(network.as_ref(), &pool, batch);
        context.queue.dismiss_helpers(&pool);
        if scored.is_err() {
            // The panic may have left the network in a bad state, so the next batch gets a new one.
            match context.network() {
                Ok(new) => network = new,
                Err(why) => {
                    let left = context.counters.workers.load(Ordering::Acquire).saturating_sub(1);
                    tracing::error!(
                        why,
                        left,
                        "a scoring thread ends permanently; restart the service to get it back"
                    );
                    return;
                }
            }
        }
    }
}

/// Counts a worker as alive until it ends, in whatever way. The last worker to end fails all texts that wait, because
/// nothing would score them.
struct AliveGuard<'a>(&'a WorkerContext);

impl<'a> AliveGuard<'a> {
    fn new(context: &'a WorkerContext) -> Self {
        context.counters.workers.fetch_add(1, Ordering::AcqRel);
        Self(context)
    }
}

impl Drop for AliveGuard<'_> {
    fn drop(&mut self) {
        let before = self.0.counters.workers.fetch_sub(1, Ordering::AcqRel);
        if before == 1 && self.0.queue.fail_all() {
            tracing::error!(
                "no scoring thread is left; texts are refused until the service is restarted"
            );
        }
    }
}

/// The network has panicked.
struct Failed;

impl WorkerContext {
    /// Makes a network, or returns why that fails.
    fn network(&self) -> Result<Box<dyn Network>, String> {
        catch_unwind(AssertUnwindSafe(|| (self.factory)()))
            .map_err(|panic| format!("making the network failed: {}", message(panic.as_ref())))
    }

    /// Scores a batch. Between the layers of a bulk batch it scores interactive requests.
    fn score(
        &self,
        network: &dyn Network,
        pool: &Arc<HelperPool>,
        batch: Batch,
    ) -> Result<(), Failed> {
        let started = Instant::now();
        let mut interrupted = Duration::ZERO;
        let mut outcome = Ok(());
        let is_shared = network.is_shared();
        if is_shared {
            self.queue.request_help(pool);
        }
        let (mut helpers, mut samples) = (0, 0);
        let mut between = || {
            if is_shared {
                self.queue.request_help(pool);
            }
            helpers += pool.helpers();
            samples += 1;
            if batch.priority == Priority::Interactive || outcome.is_err() {
                return;
            }
            let began = Instant::now();
            if let Some(interactive) = self.queue.take_interactive(self.batch_tokens, self.workers)
            {
                count(&self.counters.interruptions);
                outcome = self.score(network, pool, interactive);
                interrupted += began.elapsed();
            }
        };
        let windows: Vec<_> = batch.entries.iter().map(Entry::window).collect();
        let scores =
            catch_unwind(AssertUnwindSafe(|| network.forward(&windows, pool, &mut between)));
        match scores {
            Ok(scores) => {
                let cores = 1.0 + helpers as f64 / f64::from(samples.max(1));
                let concurrent = self.workers as f64 / cores;
                let time = started.elapsed().saturating_sub(interrupted);
                let tokens = windows.iter().map(|window| window.ids.len()).sum();
                // This batch had `cores` cores, so the workers run this many of its kind at once on average.
                self.queue.record_speed(tokens, time.as_secs_f64(), concurrent);
                self.counters.batch(windows.len(), tokens, network.rows(tokens), time);
                self.finish(batch.entries, scores);
                outcome
            }
            Err(panic) => {
                self.retry_or_fail(batch.entries, message(panic.as_ref()));
                Err(Failed)
            }
        }
    }

    fn finish(&self, entries: Vec<Entry>, scores: Vec<WindowScores>) {
        for (entry, scores) in entries.into_iter().zip(scores) {
            // Postprocessing is arithmetic on the network's output. If it panics all the same, this text
            // fails and the others get their answers.
            let scored = || count(&self.counters.texts);
            let done = catch_unwind(AssertUnwindSafe(|| {
                entry.finish(scores, self.model.as_ref(), scored)
            }));
            if done.is_err() {
                // The message of the panic may hold the text, which must not be logged. The panic hook logs its location.
                tracing::error!("postprocessing a text's scores panicked");
            }
        }
    }

    /// Queues each window of a failed batch once more, alone. A window that fails a second time fails its text.
    fn retry_or_fail(&self, entries: Vec<Entry>, why: &str) {
        count(&self.counters.failures);
        tracing::error!(windows = entries.len(), why, "a batch failed in the network");
        let (second, first): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.has_failed);
        let failed = ScoringError::Failed(why.to_owned());
        second.into_iter().for_each(|entry| entry.fail(failed.clone()));
        self.queue.retry(first.into_iter());
    }
}

/// The message of a panic of the network. The network sees numbers only, so the message holds no text.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown reason")
}
