//! A text that is being scored.

use super::ScoringError;
use crate::analysis::Analysis;
use crate::model::{Document, Model, Window, WindowScores};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// What is sent back for a text.
pub type Answer = Result<Analysis, ScoringError>;

/// A document with the scores that its windows have so far.
pub struct Job {
    document: Document,
    state: Mutex<State>,
}

struct State {
    scores: Vec<Option<WindowScores>>,
    answer: Option<oneshot::Sender<Answer>>,
}

/// One window of a job, on its way through queue and worker.
#[derive(Clone)]
pub struct Ticket {
    job: Arc<Job>,
    window: usize,
}

impl Job {
    /// A job and the receiver of its answer. Dropping the receiver abandons the job.
    pub fn new(document: Document) -> (Arc<Job>, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let scores = vec![None; document.windows.len()];
        let state = Mutex::new(State { scores, answer: Some(sender) });
        (Arc::new(Job { document, state }), receiver)
    }

    /// Tokens that the encoder will read for this job, framing tokens included.
    pub fn cost(&self) -> usize {
        self.document.windows.iter().map(|w| w.ids.len()).sum()
    }

    /// A ticket for each window.
    pub fn tickets(self: &Arc<Self>) -> impl Iterator<Item = Ticket> + '_ {
        (0..self.document.windows.len()).map(|window| Ticket { job: Arc::clone(self), window })
    }

    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool {
        match &self.lock().answer {
            Some(sender) => sender.is_closed(),
            None => true,
        }
    }

    // A thread that panicked while it held the lock left no half-made state behind: each change
    // is a single assignment.
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// What the network reads.
    pub fn window(&self) -> &Window {
        &self.job.document.windows[self.window]
    }

    /// Tokens of the window, framing tokens included.
    pub fn cost(&self) -> usize {
        self.window().ids.len()
    }

    /// Whether scoring it would be for nobody.
    pub fn is_abandoned(&self) -> bool {
        self.job.is_abandoned()
    }

    /// Files the window's scores; the last one of a job sends the analysis.
    pub fn finish(self, scores: WindowScores, model: &Model) {
        let done = {
            let mut state = self.job.lock();
            state.scores[self.window] = Some(scores);
            let all: Option<Vec<WindowScores>> = state.scores.iter().cloned().collect();
            all.and_then(|all| state.answer.take().map(|answer| (all, answer)))
        };
        if let Some((all, answer)) = done {
            // A failed send means that the client has gone; there is nobody left to tell.
            let _ = answer.send(Ok(model.conclude(&self.job.document, &all)));
        }
    }

    /// Gives the job up.
    pub fn fail(self, why: &str) {
        if let Some(answer) = self.job.lock().answer.take() {
            let _ = answer.send(Err(ScoringError::Failed(why.to_owned())));
        }
    }
}
