//! Faults that keep a cluster from starting or stopping.

use std::path::{Path, PathBuf};

/// Why the cluster did not start, answer or stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// No PostgreSQL server is installed, or only one that is too old.
    #[error(
        "cannot find PostgreSQL {wanted} or newer (looked in {looked:?}): \
         install the packages postgresql-15 and postgresql-15-postgis-3"
    )]
    PostgresMissing {
        /// Oldest usable major version.
        wanted: u32,
        /// Folders that were looked at.
        looked: Vec<PathBuf>,
    },

    /// PostgreSQL is there, PostGIS is not.
    #[error(
        "PostgreSQL {major} in '{}' has no PostGIS (no '{}'): install the package \
         postgresql-{major}-postgis-3", .bin_dir.display(), .control_file.display()
    )]
    PostgisMissing {
        /// Major version of the server.
        major: u32,
        /// Folder of its programs.
        bin_dir: PathBuf,
        /// File that PostGIS would have brought.
        control_file: PathBuf,
    },

    /// The folder was made by a major version that is not installed.
    #[error(
        "cluster in '{}' was made by PostgreSQL {found}, only {known:?} is installed: install \
         postgresql-{found} and postgresql-{found}-postgis-3", .folder.display()
    )]
    VersionMissing {
        /// Data folder.
        folder: PathBuf,
        /// Major version that made it.
        found: u32,
        /// Installed major versions with PostGIS.
        known: Vec<u32>,
    },

    /// Another process runs the cluster of this folder.
    #[error(
        "data folder '{}' is already in use by process {pid}: stop it, or choose another --data-dir",
        .folder.display()
    )]
    AlreadyRunning {
        /// Data folder.
        folder: PathBuf,
        /// Process that holds the lock, `unknown` while it is just starting.
        pid: String,
    },

    /// The folder holds something else.
    #[error(
        "data folder '{}' is not empty and was not made by urbis (found '{found}'): choose \
         another --data-dir", .folder.display()
    )]
    ForeignFolder {
        /// Data folder.
        folder: PathBuf,
        /// One name in it.
        found: String,
    },

    /// PostgreSQL never runs as root, and there is nobody to run it as.
    #[error("cannot run PostgreSQL as root, and found neither user 'postgres' nor 'nobody'")]
    AccountMissing,

    /// The unprivileged user that runs PostgreSQL cannot reach the folder.
    #[error(
        "folder '{}' is closed to user '{user}', who runs PostgreSQL and must reach '{}': choose \
         another --data-dir, or 'chmod o+x' it", .closed.display(), .wanted.display()
    )]
    Unreachable {
        /// Who runs PostgreSQL.
        user: String,
        /// Folder without permission to pass.
        closed: PathBuf,
        /// Where the way leads.
        wanted: PathBuf,
    },

    /// A file or folder operation failed.
    #[error("cannot {action} '{}'", .path.display())]
    Files {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },

    /// One of PostgreSQL's programs failed.
    #[error("{program} failed with {status}: {output}")]
    ProgramFailed {
        /// Name of the program.
        program: String,
        /// Its exit status.
        status: String,
        /// What it said, and the end of the server's log where there is one.
        output: String,
    },

    /// Processes of a dead server do not go away.
    #[error(
        "processes {pids:?} of a dead server still use '{}': end them, then start again",
        .folder.display()
    )]
    Leftovers {
        /// PGDATA.
        folder: PathBuf,
        /// Their ids.
        pids: Vec<u32>,
    },

    /// The server did not stop in time.
    #[error("PostgreSQL (process {pid}) did not stop within {waited_s} s")]
    NotStopped {
        /// Process id of the postmaster.
        pid: u32,
        /// How long was waited.
        waited_s: u64,
    },
}

impl ClusterError {
    /// Stable code for logs and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PostgresMissing { .. } => "postgres_missing",
            Self::PostgisMissing { .. } => "postgis_missing",
            Self::VersionMissing { .. } => "postgres_version_missing",
            Self::AlreadyRunning { .. } => "cluster_in_use",
            Self::ForeignFolder { .. } => "data_folder_foreign",
            Self::AccountMissing => "cluster_account_missing",
            Self::Unreachable { .. } => "data_folder_unreachable",
            Self::Files { .. } => "cluster_files_failed",
            Self::ProgramFailed { .. } => "cluster_program_failed",
            Self::Leftovers { .. } => "cluster_leftovers",
            Self::NotStopped { .. } => "cluster_not_stopped",
        }
    }
}

/// Turns an I/O error into [`ClusterError::Files`].
pub(crate) fn files<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> ClusterError + 'a {
    move |cause| ClusterError::Files { action, path: path.into(), cause }
}
