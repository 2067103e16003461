//! What can be wrong with the file of a backup.

/// Why a backup could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Writing or reading failed.
    #[error("the backup cannot be written or read: {0}")]
    Io(#[from] std::io::Error),
    /// It is not a backup, or not a complete one.
    #[error("this is not a whole backup: {0}; use another copy")]
    Broken(String),
    /// The process that wrote it gave up; its reason.
    #[error("the backup was given up: {0}")]
    GivenUp(String),
}

impl FormatError {
    /// [`FormatError::Broken`] with this reason.
    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}
