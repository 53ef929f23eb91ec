//! The operator's key: a file in the data folder that only its owner reads, the same from start to
//! start.
//!
//! Whoever reads the file sees and may do everything on the node, so it is made with mode 0600
//! from its first byte on, and its text goes to standard output alone, never to the log.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use urbis_model::{KeyScope, Openness};
use urbis_store::{KeySecret, NewKey, Store, StoreError};

/// Name of the file in the data folder.
const FILE_NAME: &str = "operator.key";

/// Read and written by the owner alone.
const MODE: u32 = 0o600;

/// Longest file that is read as a key, bytes.
const MAX_LEN: u64 = 200;

/// Makes sure that the key of the data folder opens everything: makes the file where there is
/// none, the key where the database does not know it or knows less of it, and both anew where it
/// was revoked.
///
/// # Errors
///
/// Where the file holds no key or cannot be read or written, and where the database refuses it;
/// the message says what to do.
pub async fn ensure_operator_key(data_dir: &Path, store: &Store) -> anyhow::Result<KeySecret> {
    let path = data_dir.join(FILE_NAME);
    let wanted = everything();
    let secret = read_or_make(&path)?;
    match store.ensure_key(&wanted, &secret).await {
        Ok(_) => Ok(secret),
        Err(StoreError::KeyRevoked { id }) => {
            tracing::info!(key.id = id, "the operator's key was revoked, makes another");
            fs::remove_file(&path)
                .with_context(|| format!("cannot remove '{}'", path.display()))?;
            let secret = read_or_make(&path)?;
            store.ensure_key(&wanted, &secret).await?;
            Ok(secret)
        }
        Err(error @ StoreError::KeySecretDiffers { .. }) => {
            Err(anyhow::Error::new(error).context(advice(&path, "cannot be used")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Without a scope for each layer: `admin` implies them, those of later layers, too.
fn everything() -> NewKey {
    let scopes = vec![KeyScope::Read, KeyScope::Ingest, KeyScope::Dispatch, KeyScope::Admin];
    NewKey { level: Openness::Restricted, scopes, label: "operator".into() }
}

fn read_or_make(path: &Path) -> anyhow::Result<KeySecret> {
    match read(path)? {
        Some(secret) => Ok(secret),
        None => make(path),
    }
}

fn advice(path: &Path, fault: &str) -> String {
    let hint = "remove the file, and the next start makes a new one";
    format!("the operator's key in '{}' {fault}: {hint}", path.display())
}

/// The key of the file; `None` where there is no file.
fn read(path: &Path) -> anyhow::Result<Option<KeySecret>> {
    let file = match fs::File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("cannot read '{}'", path.display()))?,
    };
    close_to_others(&file, path)?;
    let mut text = String::new();
    let readable = file.take(MAX_LEN).read_to_string(&mut text).is_ok();
    let secret = readable.then(|| KeySecret::parse(text.trim_end()).ok()).flatten();
    secret.map(Some).with_context(|| advice(path, "is damaged"))
}

/// Takes from all but the owner what a copy or a careless hand gave them; says so once, since the
/// next start finds nothing to take.
fn close_to_others(file: &fs::File, path: &Path) -> anyhow::Result<()> {
    let metadata = file.metadata().with_context(|| format!("cannot read '{}'", path.display()))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & !MODE == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(MODE))
        .with_context(|| format!("cannot close '{}' to others", path.display()))?;
    tracing::warn!(
        path = %path.display(),
        mode = format!("{mode:o}"),
        "the operator's key was open to others until now: revoke it if somebody may have read it"
    );
    Ok(())
}

/// Makes a key and its file. A start of another node may have been faster: then its key is taken.
fn make(path: &Path) -> anyhow::Result<KeySecret> {
    let secret = KeySecret::generate()?;
    // The id of another drawn key: no name that was there before, by chance or design.
    let suffix = KeySecret::generate()?;
    let unfinished = Unfinished(path.with_extension(format!("key.{}", suffix.id())));
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        write_new(&unfinished.0, &secret)?;
        // A link appears whole, and never in the place of another.
        match fs::hard_link(&unfinished.0, path) {
            Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => {
                // Some shared folders have no links: there a reader may see half a key, once.
                write_new(path, &secret)
            }
            linked => linked,
        }
    };
    match write() {
        Ok(()) => Ok(secret),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && path.exists() => {
            read(path)?.with_context(|| advice(path, "came and went"))
        }
        Err(cause) => Err(cause).with_context(|| format!("cannot write '{}'", path.display())),
    }
}

/// Writes a key to a file that is not there yet.
fn write_new(path: &Path, secret: &KeySecret) -> io::Result<()> {
    let mut options = fs::File::options();
    let mut file = options.write(true).create_new(true).mode(MODE).open(path)?;
    writeln!(file, "{}", secret.reveal())?;
    file.sync_all()
}

/// A file that goes when it is done with, whatever came of it.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Never made is as good as removed.
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_its_owners_alone_and_gives_its_key_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join(FILE_NAME);
        assert!(read(&path).unwrap().is_none());
        let made = make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(read(&path).unwrap().unwrap().reveal(), made.reveal());
        let names = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "nothing else is left");
        // A second maker takes what is there.
        assert_eq!(make(&path).unwrap().reveal(), made.reveal());
    }

    #[test]
    fn a_file_that_others_could_read_is_closed_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let made = make(&path).unwrap().reveal();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        for (lax, kept) in [(0o644, MODE), (0o660, MODE), (0o777, MODE), (0o400, 0o400)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(lax)).unwrap();
            assert_eq!(read(&path).unwrap().unwrap().reveal(), made);
            assert_eq!(mode(), kept, "{lax:o}");
        }
    }

    #[test]
    fn a_new_file_is_written_whole_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let (one, other) = (KeySecret::generate().unwrap(), KeySecret::generate().unwrap());
        write_new(&path, &one).unwrap();
        assert!(write_new(&path, &other).is_err());
        assert_eq!(read(&path).unwrap().unwrap().reveal(), one.reveal());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
    }

    #[test]
    fn a_damaged_file_says_what_to_do_and_not_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let half = make(&folder.path().join("other.key")).unwrap().reveal()[..40].to_owned();
        for contents in [half.as_bytes(), b"", b"\xff\xfe", &[b'a'; 1000]] {
            fs::write(&path, contents).unwrap();
            let said = format!("{:#}", read(&path).unwrap_err());
            assert!(said.contains("damaged") && said.contains("remove the file"), "{said}");
            assert!(!said.contains(&half), "{said}");
        }
    }
}
