//! The scorer that ships: a model, a queue and worker threads.

use super::job::Job;
use super::queue::Queue;
use super::worker::{self, WorkerContext};
use super::{Scorer, ScoringError};
use crate::analysis::Analysis;
use crate::model::{Card, Model};
use crate::review::Text;
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

/// Settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that each own a network.
    pub workers: usize,
    /// Threads that libtorch may use within one forward.
    pub threads_per_worker: usize,
    /// Most tokens of a batch, padding included. Larger batches give a little more throughput,
    /// smaller ones let a short text wait less.
    pub batch_tokens: usize,
    /// Most tokens that wait.
    pub queue_tokens: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { workers: cores, threads_per_worker: 1, batch_tokens: 1_024, queue_tokens: 131_072 }
    }
}

/// Scores texts with a [`Model`] on threads of its own, outside any async runtime.
pub struct Engine {
    model: Arc<Model>,
    queue: Arc<Queue>,
    workers: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Engine {
    /// Starts the worker threads and waits until each has its network.
    pub fn start(model: Model, options: &EngineOptions) -> std::io::Result<Self> {
        let model = Arc::new(model);
        let queue = Arc::new(Queue::new(options.queue_tokens));
        let context = WorkerContext {
            queue: Arc::clone(&queue),
            model: Arc::clone(&model),
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
        Ok(Self { model, queue, workers: Arc::new(Mutex::new(workers)) })
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
}

#[async_trait]
impl Scorer for Engine {
    async fn score(&self, text: &Text, language: Option<&str>) -> Result<Analysis, ScoringError> {
        self.queue.check()?;
        // Cutting up a long text takes tens of milliseconds: too long for an async thread.
        let (model, text) = (Arc::clone(&self.model), text.clone());
        let language = language.map(str::to_owned);
        let prepared =
            tokio::task::spawn_blocking(move || model.prepare(text.as_str(), language.as_deref()));
        let document = prepared
            .await
            .map_err(|error| ScoringError::Failed(error.to_string()))?
            .map_err(ScoringError::Failed)?;
        let (job, answer) = Job::new(document);
        self.queue.push(&job)?;
        // The queue's tickets are what keeps the job alive from here on.
        drop(job);
        answer.await.unwrap_or_else(|_| Err(ScoringError::Failed("its worker has died".into())))
    }

    fn card(&self) -> &Card {
        self.model.card()
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
