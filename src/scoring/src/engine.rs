//! The engine: a model, a queue and worker threads.

use super::error::ScoringError;
use super::job::Job;
use super::queue::{Queue, QueuedJob};
use super::scorer::{Priority, Scorer};
use super::statistics::{Counters, Statistics, count};
use super::worker::{self, NetworkFactory, WorkerContext};
use async_trait::async_trait;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::{Card, Document, Model};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument;

/// Most bytes of an interactive text that is tokenized on the calling thread. That takes about a tenth of a
/// millisecond; to hand it to another thread would take as long.
const MAX_INLINE_BYTES: usize = 512;

/// Settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that each own a network.
    pub workers: usize,
    /// Threads that the network may use within one operation.
    pub threads_per_worker: usize,
    /// Most tokens of a batch. Larger batches give hardly more throughput; with smaller ones a
    /// short text waits less.
    pub batch_tokens: usize,
    /// Most tokens that wait.
    pub queue_tokens: usize,
    /// Longest expected queueing delay of an interactive request; beyond it the request is refused. After a
    /// refusal the limit is half of it, until no request has been refused for this time.
    pub queue_time: Duration,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers: cores,
            threads_per_worker: 1,
            batch_tokens: 512,
            queue_tokens: 131_072,
            queue_time: Duration::from_secs(4),
        }
    }
}

/// A scorer that runs a [`Model`] on threads of its own, outside any async runtime.
pub struct Engine {
    model: Arc<dyn Model>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: EngineOptions,
    /// Limits how many texts are tokenized on blocking threads at once.
    tokenizing: Arc<Semaphore>,
    workers: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Engine {
    /// Starts the worker threads and waits until each has its network.
    ///
    /// # Errors
    /// When a thread cannot be started or cannot make its network.
    pub fn start(model: Arc<dyn Model>, options: &EngineOptions) -> std::io::Result<Self> {
        let networks = Arc::clone(&model);
        let threads = options.threads_per_worker;
        Self::start_with(model, options, Arc::new(move || networks.network(threads)))
    }

    /// As [`Self::start`], with other networks than the model's.
    pub(super) fn start_with(
        model: Arc<dyn Model>,
        options: &EngineOptions,
        factory: Arc<NetworkFactory>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(options.queue_tokens, options.queue_time));
        let counters = Arc::new(Counters::default());
        let context = WorkerContext {
            queue: Arc::clone(&queue),
            model: Arc::clone(&model),
            factory,
            counters: Arc::clone(&counters),
            workers: options.workers,
            batch_tokens: options.batch_tokens,
        };
        // An error from here on drops the engine, which ends the workers that were started.
        let workers = Arc::default();
        let tokenizing = Arc::new(Semaphore::new(options.workers.max(1)));
        let engine = Self { model, queue, counters, options: options.clone(), tokenizing, workers };
        let (ready, all_ready) = mpsc::channel();
        for index in 0..options.workers.max(1) {
            let worker = worker::start(index, context.clone(), ready.clone())?;
            engine.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
        drop(ready);
        // Each worker sends once; the iterator ends after the last one.
        all_ready.iter().collect::<Result<(), String>>().map_err(std::io::Error::other)?;
        Ok(engine)
    }

    /// Waits for the threads to end. The process must not exit before: at exit libtorch destroys its
    /// globals, which a running thread may still use.
    fn join(workers: &Mutex<Vec<JoinHandle<()>>>) {
        let mut workers = workers.lock().unwrap_or_else(PoisonError::into_inner);
        for worker in workers.drain(..) {
            if worker.join().is_err() {
                tracing::error!("a scoring thread ended in a panic");
            }
        }
    }

    /// Repeats `attempt` until the queue has space for bulk work. An interactive request fails at once.
    async fn wait_for_space<T>(
        &self,
        priority: Priority,
        attempt: impl Fn(&Queue) -> Result<T, ScoringError>,
    ) -> Result<T, ScoringError> {
        loop {
            let space_freed = self.queue.space_freed();
            tokio::pin!(space_freed);
            space_freed.as_mut().enable();
            match attempt(&self.queue) {
                Err(ScoringError::QueueFull { .. }) if priority == Priority::Bulk => {
                    space_freed.await;
                }
                other => return other,
            }
        }
    }

    /// Cuts a text into windows: a short one on the calling thread, a long one, which takes up to a tenth of a second,
    /// on a blocking thread. At most as many of these run as there are workers, which leaves blocking threads
    /// for other tasks.
    async fn prepare(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Document, ScoringError> {
        let (model, text) = (Arc::clone(&self.model), text.clone());
        let language = language.map(str::to_owned);
        let is_short = text.as_str().len() <= MAX_INLINE_BYTES && priority == Priority::Interactive;
        let prepare = move || model.prepare(text.as_str(), language.as_deref());
        // The message of a panic may hold the text, which must not be logged. The panic hook logs its location.
        let failed = || ScoringError::Failed("tokenizing it panicked".into());
        if is_short {
            let prepared = catch_unwind(AssertUnwindSafe(prepare)).map_err(|_| failed())?;
            return prepared.map_err(ScoringError::Failed);
        }
        let permit = Arc::clone(&self.tokenizing).acquire_owned().await;
        let prepared = tokio::task::spawn_blocking(move || {
            // Held until the work is done, even if the client disconnects meanwhile.
            let _permit = permit;
            prepare()
        });
        prepared.await.map_err(|_| failed())?.map_err(ScoringError::Failed)
    }

    async fn answer(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        self.wait_for_space(priority, |queue| queue.check(priority)).await?;
        let document = self.prepare(text, language, priority).await?;
        let (job, answer) = Job::new(document, priority);
        let queued = self.wait_for_space(priority, |queue| queue.push(&job)).await?;
        let mut guard = CancelOnDrop { engine: self, queued: Some(queued) };
        // From here on the queue's entries keep the job alive.
        drop(job);
        let answer = answer.await;
        guard.queued = None;
        answer.unwrap_or_else(|_| {
            Err(ScoringError::Failed("it was dropped from the queue; send it again".into()))
        })
    }
}

/// Removes a text from the queue if it is dropped before the answer.
struct CancelOnDrop<'a> {
    engine: &'a Engine,
    queued: Option<QueuedJob>,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(queued) = self.queued.take() {
            self.engine.queue.cancel(&queued);
            count(&self.engine.counters.abandoned);
        }
    }
}

#[async_trait]
impl Scorer for Engine {
    async fn score(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        let span = tracing::info_span!("score", bytes = text.as_str().len());
        let answer = self.answer(text, language, priority).instrument(span).await;
        if let Err(ScoringError::QueueFull { .. }) = &answer {
            count(&self.counters.rejected);
        }
        answer
    }

    fn card(&self) -> &Card {
        self.model.card()
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            queue_tokens: self.queue.tokens() as u64,
            queue_capacity_tokens: self.options.queue_tokens as u64,
            queue_seconds: self.queue.backlog_seconds(),
            ..self.counters.read()
        }
    }

    async fn close(&self) {
        self.queue.close();
        let workers = Arc::clone(&self.workers);
        if let Err(error) = tokio::task::spawn_blocking(move || Self::join(&workers)).await {
            tracing::error!(%error, "waiting for the scoring threads failed");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue.close();
        Self::join(&self.workers);
    }
}
