//! A throw-away cluster for tests: in memory where possible, gone when its process is.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{ClusterError, files};
use crate::private::{ClusterOptions, PrivateCluster};
use crate::settings::Purpose;

/// Waits for its standard input to end, which it does when the test process ends in any way;
/// then kills the server and removes the folder (`$1`).
const WATCHER: &str = r#"
cat >/dev/null
pid=$(head -n 1 "$1/city/pg/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// Database that every other one is copied from.
const TEMPLATE: &str = "template_postgis";

/// A cluster that lives as long as its process.
///
/// It may rest in a `static`: what ends it is not a destructor but a watcher process, which
/// sees the test process die, be it by a panic or by `kill -9`.
#[derive(Debug)]
pub struct TemporaryCluster {
    // Field order is drop order: the lock goes before the watcher removes it.
    cluster: PrivateCluster,
    watcher: Watcher,
    databases: AtomicU32,
    copying: Mutex<()>,
}

impl TemporaryCluster {
    /// Makes and starts a fresh cluster, which takes some seconds.
    ///
    /// # Errors
    ///
    /// As [`PrivateCluster::start`].
    pub fn start() -> Result<Self, ClusterError> {
        Self::start_with(ClusterOptions::default())
    }

    /// As [`Self::start`], with options.
    ///
    /// # Errors
    ///
    /// As [`PrivateCluster::start`].
    pub fn start_with(options: ClusterOptions) -> Result<Self, ClusterError> {
        let watcher = Watcher::start()?;
        let data_dir = watcher.folder.join("city");
        let cluster = PrivateCluster::start_for(&data_dir, options, Purpose::Test)?;
        let sql = format!("CREATE DATABASE {TEMPLATE} TEMPLATE urbis IS_TEMPLATE true");
        cluster.psql().run("postgres", &sql)?;
        Ok(Self { cluster, watcher, databases: AtomicU32::new(0), copying: Mutex::new(()) })
    }

    /// URL of a database of this cluster, whether it exists or not.
    pub fn url(&self, database: &str) -> String {
        self.cluster.psql().url(database)
    }

    /// Makes a fresh, empty database with PostGIS and returns its URL.
    ///
    /// # Panics
    ///
    /// When the server is gone or the disk is full: for a test both are failures.
    pub fn create_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        // One copy at a time: a template may have no second user. A panic in here leaves
        // nothing half done in our memory, so a poisoned lock is still a lock.
        let copying = self.copying.lock();
        let sql = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy");
        self.cluster.psql().run("postgres", &sql).expect("a running cluster copies a template");
        drop(copying);
        self.url(&name)
    }

    /// Folder that is removed in the end; a test may keep files of its own in it.
    pub fn folder(&self) -> &Path {
        &self.watcher.folder
    }
}

/// A shell that outlives us by a moment.
#[derive(Debug)]
struct Watcher {
    folder: PathBuf,
    process: Child,
}

impl Watcher {
    fn start() -> Result<Self, ClusterError> {
        let folder = make_folder()?;
        let process = Command::new("/bin/sh")
            .args(["-c", WATCHER, "urbis-test-watcher"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Not in our group: what kills the tests must not kill it.
            .process_group(0)
            .spawn()
            .map_err(files("start /bin/sh to watch", &folder))?;
        Ok(Self { folder, process })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Nothing can be done about a watcher that cannot be waited for.
        self.process.wait().ok();
    }
}

/// In memory where the machine has a file system for that, else where temporary files go:
/// `TMPDIR`, or `/tmp`.
fn make_folder() -> Result<PathBuf, ClusterError> {
    let shared_memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("urbis-").permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    let made = if has_room(shared_memory) {
        builder.tempdir_in(shared_memory).or_else(|_| builder.tempdir())
    } else {
        builder.tempdir()
    };
    let folder = made.map_err(files("make a temporary folder in", &std::env::temp_dir()))?;
    Ok(folder.keep())
}

/// A cluster with a city takes a few hundred megabytes; containers often get 64.
fn has_room(folder: &Path) -> bool {
    const NEEDED: u64 = 1 << 30;
    rustix::fs::statvfs(folder).is_ok_and(|found| found.f_bavail * found.f_frsize > NEEDED)
}
