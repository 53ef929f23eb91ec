//! Exit codes, and which error ends with which.

use std::process::ExitCode;

use urbis_ingest::IngestError;
use urbis_store::StoreError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// It did what was asked.
    Done = 0,
    /// It could not.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// No node runs.
    NotRunning = 3,
    /// The data must be looked at: faults found, conflicts, too many rejects.
    Data = 4,
}

/// Shown below `--help`.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong command line or configuration
  3  no node is running
  4  the data needs a look: a check found faults, an import found conflicts or too many rejects

Every setting is a flag, an environment variable or a key of one TOML file (--config), and the
first of these wins; urbis.example.toml shows every key with its default.";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A mistake in a flag, a variable or the configuration file.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl Exit {
    /// The exit code that this error asks for.
    pub fn of(error: &anyhow::Error) -> Self {
        if error.is::<UsageError>() {
            return Self::Usage;
        }
        let is_data = matches!(
            error.downcast_ref(),
            Some(StoreError::Conflicts { .. } | StoreError::TooManyRejects { .. })
        ) || matches!(error.downcast_ref(), Some(IngestError::TooManyRejects { .. }));
        if is_data { Self::Data } else { Self::Failed }
    }
}
