//! Chooses where the server's socket lies: its path may have 107 bytes at most.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;
use crate::folder::Folder;

/// `sun_path` has 108 bytes, the last is 0.
const LONGEST_PATH: usize = 107;

/// The longest name that PostgreSQL gives a socket; its lock file is `.lock` longer, but that
/// is a plain file.
const LONGEST_NAME: usize = "/.s.PGSQL.65535".len();

/// Makes the socket's folder, closed to all but the account, and returns it.
///
/// `<data>/run` where that is short enough, else a folder whose name is made from the data
/// folder's path, so that the next start finds the same one.
pub(crate) fn make_socket_folder(
    folder: &Folder,
    account: &Account,
    runtime_dir: Option<&Path>,
) -> Result<PathBuf, ClusterError> {
    let chosen = choose(&folder.root, runtime_dir);
    refuse_stranger(&chosen, account)?;
    Folder::make_private(&chosen, account)?;
    account.require_reach(&chosen)?;
    Ok(chosen)
}

fn choose(root: &Path, runtime_dir: Option<&Path>) -> PathBuf {
    let beside = root.join("run");
    if fits(&beside) {
        return beside;
    }
    let uid = rustix::process::geteuid();
    let hash = fnv1a(root.as_os_str().as_bytes());
    if uid.is_root() {
        return PathBuf::from(format!("/run/urbis-{hash:016x}"));
    }
    let name = format!("urbis-{}-{hash:016x}", uid.as_raw());
    match runtime_dir.map(|dir| dir.join(&name)) {
        Some(path) if fits(&path) && path.parent().is_some_and(Path::is_dir) => path,
        _ => Path::new("/tmp").join(name),
    }
}

fn fits(folder: &Path) -> bool {
    folder.as_os_str().len() + LONGEST_NAME <= LONGEST_PATH
}

/// In /tmp anyone may have made the folder before us.
fn refuse_stranger(path: &Path, account: &Account) -> Result<(), ClusterError> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    let ours = rustix::process::geteuid().as_raw();
    let owner_known =
        found.uid() == ours || account.ids_to_take().is_some_and(|(uid, _)| uid == found.uid());
    if found.is_dir() && owner_known {
        return Ok(());
    }
    Err(ClusterError::ForeignFolder {
        folder: path.into(),
        found: "a file, a link or another user's folder".into(),
    })
}

/// FNV-1a, 64 bit: stable between releases, unlike the standard library's hasher.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_folder_keeps_its_socket_beside_the_data() {
        assert_eq!(choose(Path::new("/var/lib/urbis"), None), Path::new("/var/lib/urbis/run"));
    }

    #[test]
    fn every_choice_leaves_room_for_the_socket_name() {
        for length in 1..300 {
            let root = PathBuf::from(format!("/{}", "d".repeat(length)));
            let long_runtime = PathBuf::from(format!("/{}", "r".repeat(200)));
            for runtime in [None, Some(Path::new("/run/user/1000")), Some(&*long_runtime)] {
                let chosen = choose(&root, runtime);
                assert!(fits(&chosen), "{} for a root of {length} bytes", chosen.display());
            }
        }
    }

    #[test]
    fn fnv1a_gives_the_published_values() {
        // http://www.isthe.com/chongo/tech/comp/fnv/ test vectors.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
