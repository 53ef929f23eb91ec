//! The data folder: whose it is, who may use it, what lies where.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::{ClusterError, files};

/// Paths of one data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The folder itself, absolute, without links.
    pub(crate) root: PathBuf,
}

/// The right to run the cluster of a folder; given back when dropped or when the process dies.
#[derive(Debug)]
pub(crate) struct Claim {
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing, and finds its real path.
    ///
    /// # Errors
    ///
    /// [`ClusterError::ForeignFolder`] where it holds somebody else's files.
    pub(crate) fn open(path: &Path, account: &Account) -> Result<Self, ClusterError> {
        let fresh = !path.exists();
        fs::create_dir_all(path).map_err(files("make data folder", path))?;
        let root = path.canonicalize().map_err(files("resolve data folder", path))?;
        let folder = Self { root };
        if fresh || !folder.lock_file().exists() {
            folder.refuse_foreign()?;
            account.own(&folder.root)?;
        }
        account.require_reach(&folder.root)?;
        Ok(folder)
    }

    fn refuse_foreign(&self) -> Result<(), ClusterError> {
        let entries = fs::read_dir(&self.root).map_err(files("list data folder", &self.root))?;
        let mut names = entries.flatten().map(|entry| entry.file_name());
        // A fresh volume holds lost+found.
        match names.find(|name| name != "lost+found") {
            None => Ok(()),
            Some(name) => Err(ClusterError::ForeignFolder {
                folder: self.root.clone(),
                found: name.to_string_lossy().into_owned(),
            }),
        }
    }

    /// Takes the folder for this process.
    ///
    /// # Errors
    ///
    /// [`ClusterError::AlreadyRunning`] names the process that has it.
    pub(crate) fn claim(&self) -> Result<Claim, ClusterError> {
        let path = self.lock_file();
        let mut options = File::options();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut lock = opened.map_err(files("open lock file", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.in_use(&mut lock)),
            Err(TryLockError::Error(cause)) => return Err(files("lock", &path)(cause)),
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            writeln!(lock, "{}", std::process::id())
        };
        write(&mut lock).map_err(files("write lock file", &path))?;
        Ok(Claim { _lock: lock })
    }

    fn in_use(&self, lock: &mut File) -> ClusterError {
        let mut text = String::new();
        let pid = match lock.read_to_string(&mut text) {
            Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => "unknown".to_owned(),
        };
        ClusterError::AlreadyRunning { folder: self.root.clone(), pid }
    }

    /// Makes a folder that only the account may enter.
    pub(crate) fn make_private(path: &Path, account: &Account) -> Result<(), ClusterError> {
        fs::create_dir_all(path).map_err(files("make", path))?;
        let closed = Permissions::from_mode(0o700);
        fs::set_permissions(path, closed).map_err(files("close", path))?;
        account.own(path)
    }

    /// Held locked while a process runs the cluster.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// PGDATA.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.root.join("pg")
    }

    /// Where initdb works until it is done.
    pub(crate) fn unfinished_cluster(&self) -> PathBuf {
        self.root.join("pg.new")
    }

    /// The server's log.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Password of the role that may come over TCP.
    pub(crate) fn password_file(&self) -> PathBuf {
        self.root.join("pg.password")
    }

    /// Major version that made the cluster, where there is one.
    pub(crate) fn major(&self) -> Option<u32> {
        fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?.trim().parse().ok()
    }
}
