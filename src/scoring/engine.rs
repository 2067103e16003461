//! The scorer that ships: a model, a queue and worker threads.

use super::job::Job;
use super::queue::{Places, Queue};
use super::statistics::{Counters, Statistics, count};
use super::worker::{self, MakeForward, WorkerContext};
use super::{Priority, Scorer, ScoringError};
use crate::analysis::Analysis;
use crate::model::{Card, Model};
use crate::review::Text;
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::Instrument;

/// Settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that each own a network.
    pub workers: usize,
    /// Threads that libtorch may use within one forward.
    pub threads_per_worker: usize,
    /// Most tokens of a batch. Larger ones give hardly more throughput, smaller ones let a
    /// short text wait less.
    pub batch_tokens: usize,
    /// Most tokens that wait.
    pub queue_tokens: usize,
    /// How long somebody who looks at a screen waits for one text; bulk work waits as long as it
    /// takes.
    pub deadline: Duration,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers: cores,
            threads_per_worker: 1,
            batch_tokens: 512,
            queue_tokens: 131_072,
            deadline: Duration::from_secs(60),
        }
    }
}

/// Scores texts with a [`Model`] on threads of its own, outside any async runtime.
pub struct Engine {
    model: Arc<Model>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: EngineOptions,
    workers: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Engine {
    /// Starts the worker threads and waits until each has its network.
    pub fn start(model: Model, options: &EngineOptions) -> std::io::Result<Self> {
        let model = Arc::new(model);
        let networks = Arc::clone(&model);
        Self::start_with(model, options, Arc::new(move || Box::new(networks.network())))
    }

    /// Starts with something else in the place of the model's network.
    pub(super) fn start_with(
        model: Arc<Model>,
        options: &EngineOptions,
        make: Arc<MakeForward>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(options.queue_tokens));
        let counters = Arc::new(Counters::default());
        let context = WorkerContext {
            queue: Arc::clone(&queue),
            model: Arc::clone(&model),
            make,
            counters: Arc::clone(&counters),
            workers: options.workers,
            threads: options.threads_per_worker,
            batch_tokens: options.batch_tokens,
        };
        let (ready, all_ready) = mpsc::channel();
        let workers = (0..options.workers.max(1))
            .map(|index| worker::start(index, context.clone(), ready.clone()))
            .collect::<Result<_, _>>()?;
        drop(ready);
        // Nothing is ever sent: this returns when the last worker has dropped its end.
        let _ = all_ready.recv();
        let workers = Arc::new(Mutex::new(workers));
        Ok(Self { model, queue, counters, options: options.clone(), workers })
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

    async fn answer(
        &self,
        text: &Text,
        language: Option<&str>,
        priority: Priority,
    ) -> Result<Analysis, ScoringError> {
        self.wait_for_room(priority, |queue| queue.check(priority)).await?;
        // Cutting up a long text takes tens of milliseconds: too long for an async thread.
        let (model, text) = (Arc::clone(&self.model), text.clone());
        let language = language.map(str::to_owned);
        let prepared =
            tokio::task::spawn_blocking(move || model.prepare(text.as_str(), language.as_deref()));
        let document = prepared
            .await
            .map_err(|error| ScoringError::Failed(error.to_string()))?
            .map_err(ScoringError::Failed)?;
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
        let answer = self.answer(text, language, priority).instrument(span);
        let answer = match priority {
            Priority::Bulk => answer.await,
            Priority::Interactive => {
                let deadline = self.options.deadline;
                tokio::time::timeout(deadline, answer).await.unwrap_or_else(|_| {
                    let retry_after = self.queue.seconds_of_work();
                    Err(ScoringError::TooSlow { seconds: deadline.as_secs(), retry_after })
                })
            }
        };
        if let Err(ScoringError::QueueFull { .. } | ScoringError::TooSlow { .. }) = &answer {
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
