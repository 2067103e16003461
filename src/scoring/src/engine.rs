//! The scorer that ships: a model, a queue and worker threads.

use super::job::Job;
use super::queue::{Places, Queue};
use super::statistics::{Counters, Statistics, count};
use super::worker::{self, MakeNetwork, WorkerContext};
use super::{Priority, Scorer, ScoringError};
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

/// Bytes of a text up to which it is cut up on the spot, in a tenth of a millisecond or so, if somebody
/// looks at a screen: waking another thread and coming back takes as long.
const SHORT_TEXT: usize = 512;

/// Settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that each own a network.
    pub workers: usize,
    /// Threads that the network may use within one operation.
    pub threads_per_worker: usize,
    /// Most tokens of a batch. Larger ones give hardly more throughput, smaller ones let a
    /// short text wait less.
    pub batch_tokens: usize,
    /// Most tokens that wait.
    pub queue_tokens: usize,
    /// Longest expected wait of whoever looks at a screen; beyond that a text is refused. Half of it
    /// from then on, until none was refused for as long.
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

/// Scores texts with a [`Model`] on threads of its own, outside any async runtime.
pub struct Engine {
    model: Arc<dyn Model>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: EngineOptions,
    /// Places for those that cut up long texts.
    cutting: Arc<Semaphore>,
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

    /// Starts with something else in the place of the model's network.
    pub(super) fn start_with(
        model: Arc<dyn Model>,
        options: &EngineOptions,
        make: Arc<MakeNetwork>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(options.queue_tokens, options.queue_time));
        let counters = Arc::new(Counters::default());
        let context = WorkerContext {
            queue: Arc::clone(&queue),
            model: Arc::clone(&model),
            make,
            counters: Arc::clone(&counters),
            workers: options.workers,
            batch_tokens: options.batch_tokens,
        };
        // What fails from here on drops the engine, which ends those that were started.
        let workers = Arc::default();
        let cutting = Arc::new(Semaphore::new(options.workers.max(1)));
        let engine = Self { model, queue, counters, options: options.clone(), cutting, workers };
        let (ready, all_ready) = mpsc::channel();
        for index in 0..options.workers.max(1) {
            let worker = worker::start(index, context.clone(), ready.clone())?;
            engine.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
        drop(ready);
        // Each worker sends once; the end comes when the last of them has.
        all_ready.iter().collect::<Result<(), String>>().map_err(std::io::Error::other)?;
        Ok(engine)
    }

    /// Waits for the threads to end. The process must not end before: libtorch takes its
    /// globals down at exit, under the feet of whoever still uses them.
    fn join(workers: &Mutex<Vec<JoinHandle<()>>>) {
        let mut workers = workers.lock().unwrap_or_else(PoisonError::into_inner);
        for worker in workers.drain(..) {
            if worker.join().is_err() {
                tracing::error!("a scoring thread ended in a panic");
            }
        }
    }

    /// Tries until the queue has room for bulk work; whoever looks at a screen is told at once.
    async fn wait_for_room<T>(
        &self,
        priority: Priority,
        attempt: impl Fn(&Queue) -> Result<T, ScoringError>,
    ) -> Result<T, ScoringError> {
        loop {
            let room = self.queue.room();
            tokio::pin!(room);
            room.as_mut().enable();
            match attempt(&self.queue) {
                Err(ScoringError::QueueFull { .. }) if priority == Priority::Bulk => room.await,
                other => return other,
            }
        }
    }

    /// Cuts a text up: a short one on the spot, a long one, which takes up to a tenth of a second, on a
    /// thread that may block. No more of these run than there are workers, so that the threads are free
    /// for others.
    async fn prepare(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Document, ScoringError> {
        let (model, text) = (Arc::clone(&self.model), text.clone());
        let language = language.map(str::to_owned);
        let is_short = text.as_str().len() <= SHORT_TEXT && priority == Priority::Interactive;
        let cut = move || model.prepare(text.as_str(), language.as_deref());
        // What a panic says may hold the text, which is in no log; the panic's own line says where.
        let failed = || ScoringError::Failed("cutting it up panicked".into());
        if is_short {
            let cut = catch_unwind(AssertUnwindSafe(cut)).map_err(|_| failed())?;
            return cut.map_err(ScoringError::Failed);
        }
        let place = Arc::clone(&self.cutting).acquire_owned().await;
        let cut = tokio::task::spawn_blocking(move || {
            // It is kept until the work is done, also when the client has gone meanwhile.
            let _place = place;
            cut()
        });
        cut.await.map_err(|_| failed())?.map_err(ScoringError::Failed)
    }

    async fn answer(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        self.wait_for_room(priority, |queue| queue.check(priority)).await?;
        let document = self.prepare(text, language, priority).await?;
        let (job, answer) = Job::new(document, priority);
        let places = self.wait_for_room(priority, |queue| queue.push(&job)).await?;
        let mut waiting = Waiting { engine: self, places: Some(places) };
        // The queue's tickets are what keeps the job alive from here on.
        drop(job);
        let answer = answer.await;
        waiting.places = None;
        answer
            .unwrap_or_else(|_| Err(ScoringError::Failed("it was given up; send it again".into())))
    }
}

/// A text in the queue. Dropped before it has its answer, it leaves the queue.
struct Waiting<'a> {
    engine: &'a Engine,
    places: Option<Places>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(places) = self.places.take() {
            self.engine.queue.forget(&places);
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
            queue_seconds: self.queue.seconds_of_work(),
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
