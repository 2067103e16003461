//! A text that is being scored.

use super::{Priority, ScoringError};
use heartstrings_core::analysis::Analysis;
use heartstrings_inference::{Document, Model, Window, WindowScores};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What is sent back for a text.
pub type Answer = Result<Analysis, ScoringError>;

/// A document with the scores that its windows have so far.
pub struct Job {
    document: Document,
    priority: Priority,
    state: Mutex<State>,
}

struct State {
    scores: Vec<Option<WindowScores>>,
    answer: Option<oneshot::Sender<Answer>>,
}

/// One window of a job, on its way through queue and worker.
pub struct Ticket {
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

    /// Who waits for it.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// A ticket for each window.
    pub fn tickets(self: &Arc<Self>) -> impl Iterator<Item = Ticket> + '_ {
        let ticket = |window| Ticket { job: Arc::clone(self), window, has_failed: false };
        (0..self.document.windows.len()).map(ticket)
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
    fn lock(&self) -> MutexGuard<'_, State> {
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

    /// Who waits for it.
    pub fn priority(&self) -> Priority {
        self.job.priority
    }

    /// Whether scoring it would be for nobody.
    pub fn is_abandoned(&self) -> bool {
        self.job.is_abandoned()
    }

    /// Files the window's scores; the last one of a job sends the analysis, and calls `scored` just
    /// before: whoever has an answer and then looks at what is counted finds it there.
    pub fn finish(self, scores: WindowScores, model: &dyn Model, scored: impl FnOnce()) {
        let done = {
            let mut state = self.job.lock();
            state.scores[self.window] = Some(scores);
            let is_whole = state.scores.iter().all(Option::is_some);
            let all = |state: &mut State| state.scores.drain(..).flatten().collect::<Vec<_>>();
            is_whole.then(|| (all(&mut state), state.answer.take()))
        };
        let Some((scores, Some(answer))) = done else { return };
        let analysis = model.conclude(&self.job.document, &scores);
        if !answer.is_closed() {
            scored();
            // A failed send means that the client has gone; there is nobody left to tell.
            let _ = answer.send(Ok(analysis));
        }
    }

    /// Gives the job up.
    pub fn fail(self, why: ScoringError) {
        if let Some(answer) = self.job.lock().answer.take() {
            let _ = answer.send(Err(why));
        }
    }
}
