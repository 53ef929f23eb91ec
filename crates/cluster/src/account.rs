//! Who runs the server: ourselves, or an unprivileged user where we are root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use crate::error::{ClusterError, files};

/// Users that root may become, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The user that PostgreSQL runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user that we run as.
    Ourselves,
    /// Another one, because PostgreSQL refuses to run as root.
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    /// Chooses the user.
    ///
    /// # Errors
    ///
    /// [`ClusterError::AccountMissing`] where we are root and no candidate exists.
    pub(crate) fn choose() -> Result<Self, ClusterError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let passwd = Path::new("/etc/passwd");
        let users = fs::read_to_string(passwd).map_err(files("read", passwd))?;
        CANDIDATES
            .iter()
            .find_map(|name| find_user(&users, name))
            .ok_or(ClusterError::AccountMissing)
    }

    /// User and group id to take on, where they are not ours already.
    pub(crate) const fn ids_to_take(&self) -> Option<(u32, u32)> {
        match self {
            Self::Ourselves => None,
            Self::Other { uid, gid, .. } => Some((*uid, *gid)),
        }
    }

    /// Gives a file or folder to the account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), ClusterError> {
        let Some((uid, gid)) = self.ids_to_take() else { return Ok(()) };
        chown(path, Some(uid), Some(gid)).map_err(files("give to PostgreSQL's user", path))
    }

    /// Proves that the account can pass through every folder down to `path`.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Unreachable`] names the first closed folder.
    pub(crate) fn require_reach(&self, path: &Path) -> Result<(), ClusterError> {
        let Self::Other { name, uid, gid } = self else { return Ok(()) };
        let mut ways: Vec<&Path> = path.ancestors().collect();
        ways.reverse();
        for way in ways {
            let found = fs::metadata(way).map_err(files("look at", way))?;
            let pass = match (found.uid() == *uid, found.gid() == *gid) {
                (true, _) => 0o100,
                (false, true) => 0o010,
                (false, false) => 0o001,
            };
            if found.mode() & pass == 0 {
                return Err(ClusterError::Unreachable {
                    user: name.clone(),
                    closed: PathBuf::from(way),
                    wanted: path.into(),
                });
            }
        }
        Ok(())
    }
}

/// Reads `name:password:uid:gid:...`.
fn find_user(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        if parts.next() != Some(name) {
            return None;
        }
        let uid = parts.nth(1)?.parse().ok()?;
        let gid = parts.next()?.parse().ok()?;
        Some(Account::Other { name: name.into(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "postgresql:x:1:1::/:\npostgres:x:101:104:PostgreSQL,,,:/var:/bin/bash\n";
        let expected = Account::Other { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(find_user(users, "postgres"), Some(expected));
        assert_eq!(find_user(users, "nobody"), None);
    }
}
