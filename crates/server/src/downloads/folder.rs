//! The node's own folder for files that are sent.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What the names of nodes' folders begin with.
const PREFIX: &str = "urbis-downloads-";

/// Name of the file that is locked while a node lives.
const LOCK: &str = "lock";

/// A folder that nobody else reads and that is gone when the node ends.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Removes the folder where it is dropped.
    _folder: TempDir,
    /// Tells other nodes that this one lives.
    _lock: File,
}

impl Folder {
    /// Makes a folder below another, and removes those of nodes that are gone.
    pub fn open(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        for entry in fs::read_dir(parent)?.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                remove_if_left(&entry.path());
            }
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { path: folder.path().to_owned(), _folder: folder, _lock: lock })
    }

    /// A folder for one file.
    pub fn for_one(&self) -> io::Result<TempDir> {
        tempfile::tempdir_in(&self.path)
    }

    /// Where a file lies that is kept for more than one request.
    pub fn kept(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Removes it with all that is in it.
    pub fn remove(&self) {
        if let Err(cause) = fs::remove_dir_all(&self.path) {
            tracing::debug!(%cause, "the folder of downloads stays");
        }
    }
}

/// A folder whose lock nobody holds.
fn remove_if_left(path: &Path) {
    let is_left = File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
    if is_left && let Err(cause) = fs::remove_dir_all(path) {
        tracing::debug!(%cause, "an old folder of downloads stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_node_left_is_cleared_away_and_what_a_living_one_has_stays() {
        let parent = tempfile::tempdir().unwrap();
        let living = Folder::open(parent.path()).unwrap();
        let left = parent.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("half.gpkg"), "x").unwrap();
        let other = Folder::open(parent.path()).unwrap();
        assert!(!left.exists());
        assert!(living.path.exists() && other.path.exists());
        drop((living, other));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
