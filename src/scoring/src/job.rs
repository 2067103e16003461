//! A text that is being scored.

use super::error::ScoringError;
use super::scorer::Priority;
use heartstrings_core::analysis::Analysis;
use heartstrings_inference::{Document, Model, Window, WindowScores};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The result of scoring a text.
pub type Answer = Result<Analysis, ScoringError>;

/// A document with the scores of its windows so far.
pub struct Job {
    document: Document,
    priority: Priority,
    state: Mutex<State>,
}

struct State {
    scores: Vec<Option<WindowScores>>,
    answer: Option<oneshot::Sender<Answer>>,
}

/// One window of a job, as an entry of the queue.
pub struct Entry {
    job: Arc<Job>,
    window: usize,
    /// Whether the network has failed on a batch with this window in it.
    pub has_failed: bool,
}

impl Job {
    /// A job and the receiver of its answer. Dropping the receiver abandons the job.
    pub fn new(document: Document, priority: Priority) -> (Arc<Job>, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let scores = vec![None; document.windows.len()];
        let state = Mutex::new(State { scores, answer: Some(sender) });
        (Arc::new(Job { document, priority, state }), receiver)
    }

    /// Tokens that the encoder will read for this job, framing tokens included.
    pub fn cost(&self) -> usize {
        self.document.windows.iter().map(|w| w.ids.len()).sum()
    }

    /// Priority of the request.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// A queue entry for each window.
    pub fn entries(self: &Arc<Self>) -> impl Iterator<Item = Entry> + '_ {
        let entry = |window| Entry { job: Arc::clone(self), window, has_failed: false };
        (0..self.document.windows.len()).map(entry)
    }

    /// Whether the client no longer waits for the answer.
    fn is_abandoned(&self) -> bool {
        match &self.lock().answer {
            Some(sender) => sender.is_closed(),
            None => true,
        }
    }

    // Each change is a single assignment, so a poisoned lock holds good state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// The input of the network.
    pub fn window(&self) -> &Window {
        &self.job.document.windows[self.window]
    }

    /// Tokens of the window, framing tokens included.
    pub fn cost(&self) -> usize {
        self.window().ids.len()
    }

    /// Priority of the request.
    pub fn priority(&self) -> Priority {
        self.job.priority
    }

    /// Whether the client no longer waits for the answer.
    pub fn is_abandoned(&self) -> bool {
        self.job.is_abandoned()
    }

    /// Records the window's scores. The last window of a job sends the analysis, and calls `scored` just
    /// before, so that a client with an answer finds it in the statistics.
    pub fn finish(self, scores: WindowScores, model: &dyn Model, scored: impl FnOnce()) {
        let done = {
            let mut state = self.job.lock();
            state.scores[self.window] = Some(scores);
            let is_complete = state.scores.iter().all(Option::is_some);
            let all = |state: &mut State| state.scores.drain(..).flatten().collect::<Vec<_>>();
            is_complete.then(|| (all(&mut state), state.answer.take()))
        };
        let Some((scores, Some(answer))) = done else { return };
        let analysis = model.postprocess(&self.job.document, &scores);
        if !answer.is_closed() {
            scored();
            // A failed send means that the client has disconnected.
            let _ = answer.send(Ok(analysis));
        }
    }

    /// Fails the job, whatever becomes of its other windows.
    pub fn fail(self, why: ScoringError) {
        if let Some(answer) = self.job.lock().answer.take() {
            let _ = answer.send(Err(why));
        }
    }
}
