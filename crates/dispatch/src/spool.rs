//! A bounded log on the local disk: what was acknowledged is in it before anybody is told.
//!
//! - **In**: records, which are bytes to it, of at most [`MAX_RECORD_BYTES`].
//! - **Out**: the records behind the drained mark, in the order in which they were appended.
//!
//! What a record means, and where it is drained to, is left to others.

mod error;

use std::path::Path;

pub use error::SpoolError;

/// Longest record.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// A place between two records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpoolMark {
    /// Number of the segment file.
    pub segment: u64,
    /// Bytes from its start.
    pub offset: u64,
}

/// How large a spool may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolLimits {
    /// Most bytes that wait to be drained; more is [`SpoolError::Full`].
    pub max_bytes: u64,
    /// Bytes after which another segment file is begun.
    pub segment_bytes: u64,
}

impl Default for SpoolLimits {
    /// A gibibyte in files of eight mebibytes: hours of a city's reports.
    fn default() -> Self {
        Self { max_bytes: 1 << 30, segment_bytes: 8 << 20 }
    }
}

/// Bytes of a segment that are no records: the disk or somebody changed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where they start.
    pub at: SpoolMark,
    /// How many they are.
    pub bytes: u64,
}

/// What was found when a spool was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records that wait to be drained.
    pub records: u64,
    /// Bytes of a record that was being written when the process ended; cut off.
    pub torn_bytes: u64,
    /// What cannot be read; the records around it are kept.
    pub damages: Vec<Damage>,
}

/// Records read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpoolBatch {
    /// The records, the oldest first.
    pub records: Vec<Vec<u8>>,
    /// The place behind them.
    pub next: SpoolMark,
}

/// A spool that this process alone holds; all methods take `&self`, block, and may be called from
/// several threads.
#[derive(Debug)]
pub struct Spool {}

impl Spool {
    /// Opens the spool of a folder, or makes it.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Locked`] where another process holds it; [`SpoolError::Io`].
    pub fn open(_folder: &Path, _limits: SpoolLimits) -> Result<(Self, Recovery), SpoolError> {
        Ok((Self {}, Recovery::default()))
    }

    /// Appends records; returns when all of them are on the disk. Callers at the same time share
    /// one fsync.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Full`], [`SpoolError::RecordTooLong`]; [`SpoolError::Io`], such as a full
    /// disk. None of the records may be acknowledged then.
    pub fn append(&self, _records: &[Vec<u8>]) -> Result<SpoolMark, SpoolError> {
        Ok(SpoolMark::default())
    }

    /// Reads the records behind a place, at most so many.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Io`].
    pub fn read(&self, from: SpoolMark, _most: usize) -> Result<SpoolBatch, SpoolError> {
        Ok(SpoolBatch { records: Vec::new(), next: from })
    }

    /// The place up to which the records are kept elsewhere.
    pub fn drained(&self) -> SpoolMark {
        SpoolMark::default()
    }

    /// Says that the records before a place are kept elsewhere; their files are deleted.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Io`].
    pub fn mark_drained(&self, _until: SpoolMark) -> Result<(), SpoolError> {
        Ok(())
    }

    /// Bytes that wait to be drained.
    pub fn waiting_bytes(&self) -> u64 {
        0
    }
}
