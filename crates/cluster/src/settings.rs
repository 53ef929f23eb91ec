//! The server's settings, written anew at every start; `ALTER SYSTEM` still wins over them.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use crate::account::Account;
use crate::error::{ClusterError, files};

/// Port where no TCP is asked for; it only names the socket.
pub(crate) const DEFAULT_PORT: u16 = 5432;

const MIB: u64 = 1 << 20;

/// What the cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Keeps a city: what is committed stays.
    Keep,
    /// Thrown away with its test: nothing is flushed to the disk.
    Test,
}

/// What differs from one cluster to the next.
#[derive(Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) socket_dir: &'a Path,
    pub(crate) listen: Option<SocketAddr>,
}

impl Settings<'_> {
    /// Port of the socket, and of TCP where that was asked for.
    pub(crate) fn port(&self) -> u16 {
        self.listen.map_or(DEFAULT_PORT, |address| address.port())
    }

    /// Writes `urbis.conf`, `pg_hba.conf` and the line that includes the former.
    pub(crate) fn write(&self, pgdata: &Path, account: &Account) -> Result<(), ClusterError> {
        let text = self.text(memory_bytes());
        for (name, text) in [("urbis.conf", text.as_str()), ("pg_hba.conf", self.access())] {
            let path = pgdata.join(name);
            fs::write(&path, text).map_err(files("write", &path))?;
            account.own(&path)?;
        }
        include_ours(&pgdata.join("postgresql.conf"))
    }

    fn text(&self, memory: u64) -> String {
        let host = self.listen.map_or_else(String::new, |address| address.ip().to_string());
        let socket_dir = self.socket_dir.display().to_string().replace('\'', "''");
        let mut text = String::from("# Written by urbis at every start; see ALTER SYSTEM.\n");
        let mut set = |name: &str, value: &str| {
            writeln!(text, "{name} = '{value}'").expect("a String takes every write");
        };
        set("listen_addresses", &host);
        set("port", &self.port().to_string());
        set("unix_socket_directories", &socket_dir);
        set("unix_socket_permissions", "0700");
        set("timezone", "UTC");
        set("log_timezone", "UTC");
        set("log_line_prefix", "%m [%p] %q%u@%d ");
        set("max_connections", "200");
        set("jit", "off");
        match self.purpose {
            Purpose::Keep => keep(&mut set, memory),
            Purpose::Test => discard(&mut set),
        }
        text
    }

    /// The socket's folder is closed to others, so whoever reaches it may come in. By TCP come those
    /// with a password: an editor, and who reads the views of a class.
    const fn access(&self) -> &'static str {
        if self.listen.is_some() {
            "local all all trust\n\
             host urbis qgis,+urbis_open,+urbis_internal,+urbis_restricted all scram-sha-256\n"
        } else {
            "local all all trust\n"
        }
    }
}

/// Sized for a machine that also holds the city in the node's memory.
fn keep(set: &mut impl FnMut(&str, &str), memory: u64) {
    let mib = |bytes: u64| format!("{}MB", bytes / MIB);
    set("shared_buffers", &mib((memory / 8).clamp(64 * MIB, 4096 * MIB)));
    set("effective_cache_size", &mib((memory / 2).max(128 * MIB)));
    set("maintenance_work_mem", &mib((memory / 32).clamp(64 * MIB, 1024 * MIB)));
    set("work_mem", "32MB");
    set("random_page_cost", "1.1");
    set("synchronous_commit", "on");
    set("wal_compression", "on");
    set("max_wal_size", "4GB");
    set("checkpoint_timeout", "15min");
}

fn discard(set: &mut impl FnMut(&str, &str)) {
    set("shared_buffers", "64MB");
    set("fsync", "off");
    set("synchronous_commit", "off");
    set("full_page_writes", "off");
    set("max_wal_size", "1GB");
    set("autovacuum_naptime", "10s");
}

fn include_ours(path: &Path) -> Result<(), ClusterError> {
    const LINE: &str = "include_if_exists = 'urbis.conf'";
    let text = fs::read_to_string(path).map_err(files("read", path))?;
    if text.lines().any(|line| line == LINE) {
        return Ok(());
    }
    fs::write(path, format!("{text}\n{LINE}\n")).map_err(files("write", path))
}

/// Memory of the machine; a small one where it cannot be told.
fn memory_bytes() -> u64 {
    const UNKNOWN: u64 = 2048 * MIB;
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok())
        .map_or(UNKNOWN, |kib: u64| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_address_there_is_no_tcp() {
        let settings =
            Settings { purpose: Purpose::Keep, socket_dir: Path::new("/it's/run"), listen: None };
        let text = settings.text(8 << 30);
        assert!(text.contains("listen_addresses = ''\n"), "{text}");
        assert!(text.contains("unix_socket_directories = '/it''s/run'\n"), "{text}");
        assert!(text.contains("shared_buffers = '1024MB'\n"), "{text}");
        assert_eq!(settings.access(), "local all all trust\n");
    }
}
