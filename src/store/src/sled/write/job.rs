//! Operations on their way through the writer, each with whoever waits for its reply.

use super::group::Group;
use crate::StoreError;
use tokio::sync::oneshot;

/// Something to write.
pub trait Operation: Send + 'static {
    /// What whoever asked for it gets.
    type Reply: Send + 'static;

    /// Whether it needs room on the disk. Those that do are refused when the disk is full.
    const NEEDS_ROOM: bool = false;
    /// Whether it is the last one.
    const CLOSES: bool = false;

    /// Adds its changes to a group.
    fn apply(self, group: &mut Group<'_>) -> Result<Self::Reply, StoreError>;
}

/// The reply to an operation, or why there is none.
pub type Outcome<R> = Result<R, StoreError>;

/// An operation and whoever waits for its reply.
struct Waiting<O: Operation> {
    operation: Option<O>,
    outcome: Option<Outcome<O::Reply>>,
    reply: oneshot::Sender<Outcome<O::Reply>>,
}

/// An operation of any kind and whoever waits for its reply.
pub trait Job: Send {
    /// [`Operation::NEEDS_ROOM`].
    fn needs_room(&self) -> bool;
    /// [`Operation::CLOSES`].
    fn closes(&self) -> bool;
    /// Adds its changes to a group, and keeps the reply until the group is on disk.
    fn apply(&mut self, group: &mut Group<'_>);
    /// Keeps the reason for which it is not done.
    fn refuse(&mut self, reason: StoreError);
    /// What it met that a disk or log which can be read does not give.
    fn unread(&self) -> Option<&StoreError>;
    /// Replies, given whether its group is on disk.
    fn reply(self: Box<Self>, commit: &Result<(), StoreError>);
}

/// A job, and where its reply will come.
pub fn job<O: Operation>(operation: O) -> (Box<dyn Job>, oneshot::Receiver<Outcome<O::Reply>>) {
    let (reply, receiver) = oneshot::channel();
    (Box::new(Waiting { operation: Some(operation), outcome: None, reply }), receiver)
}

impl<O: Operation> Job for Waiting<O> {
    fn needs_room(&self) -> bool {
        O::NEEDS_ROOM
    }

    fn closes(&self) -> bool {
        O::CLOSES
    }

    fn apply(&mut self, group: &mut Group<'_>) {
        self.outcome = self.operation.take().map(|operation| operation.apply(group));
    }

    fn refuse(&mut self, reason: StoreError) {
        self.outcome = Some(Err(reason));
    }

    fn unread(&self) -> Option<&StoreError> {
        let failed = self.outcome.as_ref()?.as_ref().err();
        failed.filter(|error| matches!(error, StoreError::Io(_)))
    }

    fn reply(self: Box<Self>, commit: &Result<(), StoreError>) {
        let outcome = match (self.outcome, commit) {
            (None | Some(Ok(_) | Err(StoreError::Io(_))), Err(error)) => Err(error.clone()),
            // An operation that failed on its own keeps its own reason.
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(StoreError::Io("an operation was left out".into())),
        };
        // The client may have gone; what it asked for is done all the same.
        let _ = self.reply.send(outcome);
    }
}
