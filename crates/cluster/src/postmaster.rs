//! The server process of a cluster: which one it is, whether it lives, and how to end it.
//!
//! A pid alone proves nothing, because pids are reused. Every process of a cluster has PGDATA as
//! its working folder, so `/proc/<pid>/cwd` tells ours from a stranger.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{ClusterError, files};

/// How long the children of a killed server may take to notice.
const LEFTOVER_DEADLINE: Duration = Duration::from_secs(30);

/// Pause between two looks at a process.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A living server, as its `postmaster.pid` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    /// Process id.
    pub(crate) pid: u32,
    /// Port, also part of the socket's name.
    pub(crate) port: u16,
    /// Folder of the socket.
    pub(crate) socket_dir: PathBuf,
    /// First TCP address, empty where there is none.
    pub(crate) listen: String,
    /// Whether it lets clients in: not while it starts, recovers or stops.
    pub(crate) ready: bool,
}

impl Postmaster {
    /// The living server of this PGDATA, if any.
    pub(crate) fn of(pgdata: &Path) -> Option<Self> {
        let text = fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
        let postmaster = Self::parse(&text)?;
        works_in(postmaster.pid, pgdata).then_some(postmaster)
    }

    /// Lines: pid, PGDATA, start time, port, socket folder, TCP address, shared memory, state.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            port: lines.get(3)?.parse().ok()?,
            socket_dir: lines.get(4)?.into(),
            listen: (*lines.get(5)?).to_owned(),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Asks for a fast shutdown and waits; past the deadline asks for an immediate one (what was
    /// committed stays: the next start recovers it) and waits once more.
    ///
    /// # Errors
    ///
    /// [`ClusterError::NotStopped`] where the process outlives both.
    pub(crate) fn stop(&self, pgdata: &Path, deadline: Duration) -> Result<(), ClusterError> {
        for signal in [Signal::INT, Signal::QUIT] {
            self.signal(signal);
            if wait_until(deadline, || !works_in(self.pid, pgdata)) {
                return Ok(());
            }
        }
        Err(ClusterError::NotStopped { pid: self.pid, waited_s: 2 * deadline.as_secs() })
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        // A process that ended just now is what the caller waits for anyway.
        pid.map_or(Ok(()), |pid| kill_process(pid, signal)).ok();
    }
}

/// Makes way for a start: waits for the children of a dead server and removes what names its pid.
///
/// PostgreSQL itself refuses to start while that pid exists, be it a stranger that got the same
/// number or a dead process that nobody has reaped. Nobody works in PGDATA and the caller holds
/// the folder's lock, so the files are stale whatever the pid now is.
///
/// # Errors
///
/// [`ClusterError::Leftovers`] where the children stay.
pub(crate) fn clear_dead_server(
    pgdata: &Path,
    socket_dir: &Path,
    port: u16,
) -> Result<(), ClusterError> {
    if !wait_until(LEFTOVER_DEADLINE, || processes_in(pgdata).is_empty()) {
        let pids = processes_in(pgdata);
        return Err(ClusterError::Leftovers { folder: pgdata.into(), pids });
    }
    remove_stale(&pgdata.join("postmaster.pid"))?;
    remove_stale(&socket_dir.join(format!(".s.PGSQL.{port}")))?;
    remove_stale(&socket_dir.join(format!(".s.PGSQL.{port}.lock")))
}

fn remove_stale(path: &Path) -> Result<(), ClusterError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(files("remove stale", path)(cause))
        }
        _ => Ok(()),
    }
}

/// Waits until no initdb or pg_ctl works for this folder: they outlive a `kill -9` of who
/// started them. The server itself is not waited for.
///
/// # Errors
///
/// [`ClusterError::Leftovers`] where it stays.
pub(crate) fn wait_for_programs(folder: &Path) -> Result<(), ClusterError> {
    let told = || processes().filter(|pid| is_told(*pid, folder)).collect::<Vec<_>>();
    if wait_until(LEFTOVER_DEADLINE, || told().is_empty()) {
        return Ok(());
    }
    Err(ClusterError::Leftovers { folder: folder.into(), pids: told() })
}

fn is_told(pid: u32, folder: &Path) -> bool {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = command.split(|byte| *byte == 0);
    let is_server = words.next().is_some_and(|program| program.ends_with(b"postgres"));
    !is_server && words.any(|word| word == folder.as_os_str().as_bytes())
}

fn works_in(pid: u32, pgdata: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == pgdata)
}

fn processes_in(pgdata: &Path) -> Vec<u32> {
    processes().filter(|pid| works_in(*pid, pgdata)).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|process| process.file_name().to_str()?.parse().ok())
}

fn wait_until(deadline: Duration, done: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > deadline {
            return false;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_line_by_line() {
        let text = "4242\n/data/pg\n1700000000\n5432\n/data/run\n127.0.0.1\n  123 456\nready   \n";
        let expected = Postmaster {
            pid: 4242,
            port: 5432,
            socket_dir: "/data/run".into(),
            listen: "127.0.0.1".into(),
            ready: true,
        };
        assert_eq!(Postmaster::parse(text), Some(expected.clone()));
        let starting = text.replace("ready   ", "starting");
        assert_eq!(Postmaster::parse(&starting), Some(Postmaster { ready: false, ..expected }));
    }

    #[test]
    fn a_half_written_pid_file_is_no_server() {
        assert_eq!(Postmaster::parse("4242\n/data/pg\n"), None);
    }
}
