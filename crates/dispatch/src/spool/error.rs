//! Why the spool did not do what it was asked.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the spool did not do what it was asked. What was asked to be kept is not acknowledged.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// The disk or the file system refused, such as where it is full.
    #[error("cannot {doing} '{}'", .path.display())]
    Io {
        /// What was being done, such as `write`.
        doing: &'static str,
        /// The file or the folder.
        path: PathBuf,
        /// What the system said; shared by all whose records were in one write.
        #[source]
        cause: Arc<io::Error>,
    },

    /// Another process holds the spool.
    #[error("another process uses the spool in '{}'", .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },

    /// The spool is as large as it may grow.
    #[error("{waiting} bytes wait in the spool, the limit is {limit}")]
    Full {
        /// Bytes that wait to be drained.
        waiting: u64,
        /// Most of them.
        limit: u64,
    },

    /// A record is longer than the spool takes.
    #[error("a record has {found} bytes, the limit is {limit}")]
    RecordTooLong {
        /// Its length.
        found: usize,
        /// Longest record.
        limit: usize,
    },
}

impl SpoolError {
    /// Says whether the disk has no room.
    pub(super) fn is_full_disk(&self) -> bool {
        let is_full = |cause: &io::Error| cause.kind() == io::ErrorKind::StorageFull;
        matches!(self, Self::Io { cause, .. } if is_full(cause))
    }

    /// Stable code for answers, logs and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "spool_failed",
            Self::Locked { .. } => "spool_locked",
            Self::Full { .. } => "spool_full",
            Self::RecordTooLong { .. } => "spool_record_too_long",
        }
    }
}
