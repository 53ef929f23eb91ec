//! The cluster of one data folder: made once, started, adopted, stopped.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::binaries::{Binaries, Search};
use crate::error::{ClusterError, files};
use crate::folder::{Claim, Folder};
use crate::postmaster::{Postmaster, clear_dead_server, wait_for_programs};
use crate::program;
use crate::psql::{Psql, URBIS};
use crate::settings::{Purpose, Settings};
use crate::socket::make_socket_folder;

/// How long a start may take: recovery after a crash included.
const START_DEADLINE: Duration = Duration::from_secs(300);

/// How long a fast shutdown may take before it becomes an immediate one.
const STOP_DEADLINE: Duration = Duration::from_secs(60);

/// A log past this size is set aside at the next start; one older log is kept.
const LOG_LIMIT_BYTES: u64 = 64 << 20;

/// How many of the log's last bytes an error message carries.
const LOG_TAIL_BYTES: usize = 1500;

/// How to run a cluster.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Where PostgreSQL's programs are.
    pub search: Search,
    /// Address for TCP clients such as QGIS; none where absent. The role is `qgis`, which
    /// reads every table but keys, and owns none; as a member of `urbis_editor` it writes what the
    /// migrations grant to that: the layers.
    pub listen: Option<SocketAddr>,
    /// Folder for the socket where the data folder's path is too long, usually
    /// `XDG_RUNTIME_DIR`.
    pub runtime_dir: Option<PathBuf>,
}

/// A running PostgreSQL + PostGIS cluster that belongs to one data folder.
///
/// Dropped without [`Self::stop`] it runs on, and the next start adopts it: that is what
/// happens to it anyway when this process is killed.
#[derive(Debug)]
pub struct PrivateCluster {
    folder: Folder,
    psql: Psql,
    listen: Option<SocketAddr>,
    adopted: bool,
    _claim: Claim,
}

impl PrivateCluster {
    /// Starts the cluster of `data_dir`, or takes over the one that a killed process left
    /// running; makes folder, cluster and database where they are missing.
    ///
    /// Blocks for as long as initdb (seconds) or crash recovery takes.
    ///
    /// # Errors
    ///
    /// [`ClusterError::AlreadyRunning`] where another process has the folder; every other
    /// variant but `NotStopped` for what its text says. A cluster of another folder is never
    /// touched.
    pub fn start(data_dir: &Path, options: ClusterOptions) -> Result<Self, ClusterError> {
        Self::start_for(data_dir, options, Purpose::Keep)
    }

    pub(crate) fn start_for(
        data_dir: &Path,
        options: ClusterOptions,
        purpose: Purpose,
    ) -> Result<Self, ClusterError> {
        let account = Account::choose()?;
        let folder = Folder::open(data_dir, &account)?;
        let claim = folder.claim()?;
        let binaries = match folder.major() {
            Some(major) => Binaries::of_major(&options.search, major, &folder.root)?,
            None => Binaries::newest(&options.search)?,
        };
        if !folder.cluster().exists() {
            make_cluster(&folder, &binaries, &account)?;
        }
        let socket_dir = make_socket_folder(&folder, &account, options.runtime_dir.as_deref())?;
        let settings = Settings { purpose, socket_dir: &socket_dir, listen: options.listen };
        settings.write(&folder.cluster(), &account)?;
        let port = settings.port();
        let bin_dir = binaries.bin_dir;
        let psql = Psql { bin_dir, account, socket_dir, port };

        let adopted = adopt(&folder, &psql, options.listen)?;
        if !adopted {
            start_server(&folder, &psql)?;
        }
        let cluster = Self { folder, psql, listen: options.listen, adopted, _claim: claim };
        cluster.make_database()?;
        cluster.make_tcp_role()?;
        Ok(cluster)
    }

    /// URL of the server that runs for this folder and lets clients in, whichever process
    /// started it.
    pub fn running_url(data_dir: &Path) -> Option<String> {
        let root = data_dir.canonicalize().ok()?;
        let postmaster = Postmaster::of(&root.join("pg"))?;
        let Postmaster { socket_dir, port, ready: true, .. } = postmaster else { return None };
        let bin_dir = PathBuf::new();
        Some(Psql { bin_dir, account: Account::Ourselves, socket_dir, port }.url(URBIS))
    }

    /// URL of the database `urbis`, by socket.
    pub fn database_url(&self) -> String {
        self.psql.url(URBIS)
    }

    /// Whether a server was found running and taken over.
    pub const fn was_adopted(&self) -> bool {
        self.adopted
    }

    /// Address for TCP clients, and the file that holds the password of role `qgis`.
    pub fn tcp(&self) -> Option<(SocketAddr, PathBuf)> {
        self.listen.map(|address| (address, self.folder.password_file()))
    }

    /// The server's log.
    pub fn log_file(&self) -> PathBuf {
        self.folder.log_file()
    }

    /// The data folder, absolute.
    pub fn data_dir(&self) -> &Path {
        &self.folder.root
    }

    pub(crate) const fn psql(&self) -> &Psql {
        &self.psql
    }

    /// Whether the server lives, ready or not. Costs two file reads.
    pub fn is_running(&self) -> bool {
        Postmaster::of(&self.folder.cluster()).is_some()
    }

    /// Starts the server again where it is gone, killed or stopped by whomever; says whether it
    /// was.
    ///
    /// Blocks for as long as the dead server's children and crash recovery take.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Leftovers`] where the children stay, [`ClusterError::ProgramFailed`] with
    /// the end of the log where it does not start.
    pub fn revive(&self) -> Result<bool, ClusterError> {
        // Somebody else's pg_ctl may be about to start it.
        wait_for_programs(&self.folder.cluster())?;
        if self.is_running() {
            return Ok(false);
        }
        start_server(&self.folder, &self.psql)?;
        Ok(true)
    }

    /// Stops the server: open transactions are rolled back, then it ends. Blocks until it did.
    ///
    /// # Errors
    ///
    /// [`ClusterError::NotStopped`] where it is still there past the deadline.
    pub fn stop(self) -> Result<(), ClusterError> {
        let pgdata = self.folder.cluster();
        match Postmaster::of(&pgdata) {
            Some(postmaster) => postmaster.stop(&pgdata, STOP_DEADLINE),
            None => Ok(()),
        }
    }

    /// Under a lock, because a psql outlives a `kill -9` of who started it, and may be at it still.
    fn make_database(&self) -> Result<(), ClusterError> {
        self.psql.run(
            "postgres",
            &format!(
                "SELECT pg_advisory_lock(1);\n\
                 SELECT 'CREATE DATABASE {URBIS}' WHERE NOT EXISTS \
                 (SELECT 1 FROM pg_database WHERE datname = '{URBIS}') \\gexec\n"
            ),
        )?;
        self.psql.run(
            URBIS,
            "SET client_min_messages = warning;\n\
             SELECT pg_advisory_lock(1);\n\
             CREATE EXTENSION IF NOT EXISTS postgis;\n",
        )?;
        Ok(())
    }

    /// Not a superuser: a planner's password must not reach the server's files. Nor may it write
    /// every table, as it could once: who inserts a key has all rights.
    fn make_tcp_role(&self) -> Result<(), ClusterError> {
        if self.listen.is_none() {
            return Ok(());
        }
        let password = read_or_make_password(&self.folder.password_file())?;
        let create = |role: &str, rights: &str| {
            format!(
                "SELECT 'CREATE ROLE {role} {rights}' \
                 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') \\gexec\n"
            )
        };
        let create = create("urbis_editor", "NOLOGIN") + &create("qgis", "LOGIN");
        self.psql.run(
            "postgres",
            &format!(
                "SELECT pg_advisory_lock(1);\n{create}ALTER ROLE qgis PASSWORD '{password}';\n\
                 GRANT pg_read_all_data, urbis_editor TO qgis;\n\
                 SET client_min_messages = error;\n\
                 REVOKE pg_write_all_data FROM qgis;\n"
            ),
        )?;
        Ok(())
    }
}

/// Makes PGDATA in one step as far as anyone can see: initdb works beside it, then a rename.
fn make_cluster(
    folder: &Folder,
    binaries: &Binaries,
    account: &Account,
) -> Result<(), ClusterError> {
    let unfinished = folder.unfinished_cluster();
    if unfinished.exists() {
        wait_for_programs(&unfinished)?;
        fs::remove_dir_all(&unfinished).map_err(files("remove unfinished", &unfinished))?;
    }
    Folder::make_private(&unfinished, account)?;
    let mut initdb = program::command(&binaries.bin_dir, "initdb", account);
    initdb.arg("-D").arg(&unfinished).args(["-U", URBIS, "--encoding=UTF8"]);
    initdb.args(["--locale=C.UTF-8", "--auth=trust", "--data-checksums"]);
    program::run(initdb)?;
    let pgdata = folder.cluster();
    fs::rename(&unfinished, &pgdata).map_err(files("rename the new cluster to", &pgdata))?;
    let root = fs::File::open(&folder.root).map_err(files("open", &folder.root))?;
    root.sync_all().map_err(files("flush", &folder.root))
}

/// Takes over a running server if it listens where we want it to; else stops it.
fn adopt(folder: &Folder, psql: &Psql, listen: Option<SocketAddr>) -> Result<bool, ClusterError> {
    let pgdata = folder.cluster();
    wait_for_programs(&pgdata)?;
    let Some(found) = Postmaster::of(&pgdata) else { return Ok(false) };
    let host = listen.map_or_else(String::new, |address| address.ip().to_string());
    let as_wanted =
        found.socket_dir == psql.socket_dir && found.port == psql.port && found.listen == host;
    if as_wanted && answers(psql) {
        return Ok(true);
    }
    found.stop(&pgdata, STOP_DEADLINE)?;
    Ok(false)
}

/// A server that was killed with its process may still be recovering.
fn answers(psql: &Psql) -> bool {
    let start = Instant::now();
    while start.elapsed() < STOP_DEADLINE {
        if psql.run("postgres", "SELECT 1").is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

fn start_server(folder: &Folder, psql: &Psql) -> Result<(), ClusterError> {
    let pgdata = folder.cluster();
    clear_dead_server(&pgdata, &psql.socket_dir, psql.port)?;
    let log = folder.log_file();
    prepare_log(&log, &psql.account)?;
    let mut pg_ctl = program::command(&psql.bin_dir, "pg_ctl", &psql.account);
    pg_ctl.args(["start", "-w", "-s", "-t", &START_DEADLINE.as_secs().to_string()]);
    pg_ctl.arg("-D").arg(&pgdata).arg("-l").arg(&log);
    program::run(pg_ctl).map_err(|error| with_log_tail(error, &log))?;
    Ok(())
}

fn prepare_log(log: &Path, account: &Account) -> Result<(), ClusterError> {
    if fs::metadata(log).is_ok_and(|found| found.len() > LOG_LIMIT_BYTES) {
        fs::rename(log, log.with_extension("log.1")).map_err(files("set aside", log))?;
    }
    let opened = fs::File::options().create(true).append(true).mode(0o600).open(log);
    opened.map_err(files("open log", log))?;
    account.own(log)
}

fn with_log_tail(error: ClusterError, log: &Path) -> ClusterError {
    let ClusterError::ProgramFailed { program, status, output } = error else { return error };
    let text = fs::read(log).unwrap_or_default();
    let tail = String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_TAIL_BYTES)..]);
    let output = format!("{output}\nend of '{}':\n{}", log.display(), tail.trim());
    ClusterError::ProgramFailed { program, status, output }
}

/// 32 hexadecimal digits, made once, readable by the owner alone; the file appears whole.
fn read_or_make_password(path: &Path) -> Result<String, ClusterError> {
    // An empty one is what a crash leaves of a file that was not flushed.
    match fs::read_to_string(path) {
        Ok(known) if !known.trim().is_empty() => return Ok(known.trim().to_owned()),
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            return Err(files("read", path)(cause));
        }
        _ => {}
    }
    let mut bytes = [0_u8; 16];
    let random = Path::new("/dev/urandom");
    let mut source = fs::File::open(random).map_err(files("open", random))?;
    source.read_exact(&mut bytes).map_err(files("read", random))?;
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let unfinished = path.with_extension("password.new");
    write_private(&unfinished, &password).map_err(files("write", &unfinished))?;
    fs::rename(&unfinished, path).map_err(files("rename the new password to", path))?;
    Ok(password)
}

/// The caller holds the folder's lock, so what is there already is of a process that died.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut file = fs::File::options().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
