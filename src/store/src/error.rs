//! What can go wrong in a store.
//!
//! Errors say what happened. What to do about it depends on who asks: the command line names its
//! commands, HTTP the way to send a request again.

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A sync failed, so what is on disk is unknown until a restart recovers it.
    #[error("writes have stopped because the disk failed ({0}); reads go on")]
    WritesStopped(String),
    /// The disk is full, or nearer to full than the configured floor allows.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// Too many writes wait.
    #[error("too many writes are waiting")]
    Busy,
    /// The store was closed.
    #[error("the store is closed because the service is stopping")]
    Closed,
    /// The cursor was not made by this store for this query.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// A record on disk is damaged.
    #[error("{what} is damaged in the store ({why})")]
    Damaged {
        /// What the record belongs to.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Reading or writing failed in some other way.
    #[error("the store failed: {0}")]
    Io(String),
}

/// Why a store could not be opened. Nothing was deleted in any of these cases.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// Its folder cannot be made.
    #[error("cannot make the folder {folder}: {why}")]
    NoFolder {
        /// The folder.
        folder: String,
        /// What the system said.
        why: String,
    },
    /// It has something already where a new store was to be made.
    #[error("{place} is not empty")]
    NotEmpty {
        /// Where it is.
        place: String,
    },
    /// Another process has it open.
    #[error("the database in {place} is open in another process")]
    InUse {
        /// Where it is.
        place: String,
    },
    /// It cannot be read.
    #[error("the database in {place} cannot be opened: {why}. Nothing was deleted")]
    Unreadable {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// It can be read, and lacks what was acknowledged.
    #[error("the database in {place} has lost reviews that were stored: {losses}")]
    Lost {
        /// Where it is.
        place: String,
        /// What is gone, as sentences.
        losses: String,
    },
    /// A rebuild of it has begun and not ended.
    #[error("a rebuild of the database in {place} was interrupted")]
    RebuildInterrupted {
        /// Where it is.
        place: String,
    },
    /// A rebuild would come upon what cannot be read.
    #[error(
        "nothing was rebuilt, because the database's log has a place that cannot be read ({0})"
    )]
    NotRebuilt(String),
    /// Something else; a sentence.
    #[error("{0}")]
    Failed(String),
}
