//! Why a text was not scored.

/// Why a text was not scored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoringError {
    /// The queue is full; it should have space in about `retry_after` seconds.
    #[error("too many texts are waiting to be scored; try again in {retry_after} s")]
    QueueFull {
        /// Whole seconds, at least 1.
        retry_after: u64,
    },
    /// The text was not scored within the time that an interactive request may wait.
    #[error(
        "the text was not scored within {seconds} s, because others were before it; try again in \
         {retry_after} s, or send it in a batch, which waits as long as it takes"
    )]
    TooSlow {
        /// How long it has waited, in whole seconds.
        seconds: u64,
        /// Whole seconds, at least 1.
        retry_after: u64,
    },
    /// The service is stopping.
    #[error("scoring has stopped because the service is stopping")]
    Closed,
    /// Every scoring thread has ended.
    #[error(
        "nothing scores any more: every scoring thread has failed, and the log says why; the service \
         must be started again"
    )]
    NoWorkers,
    /// The model failed on this text.
    #[error("the model failed on this text: {0}")]
    Failed(String),
}
