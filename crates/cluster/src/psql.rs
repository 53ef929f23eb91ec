//! Asks a server by `psql`, so that this crate needs no database driver.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;
use crate::program;

/// Name of the superuser role and of the database.
pub(crate) const URBIS: &str = "urbis";

/// A running server, as a client sees it.
#[derive(Debug, Clone)]
pub(crate) struct Psql {
    pub(crate) bin_dir: PathBuf,
    pub(crate) account: Account,
    pub(crate) socket_dir: PathBuf,
    pub(crate) port: u16,
}

impl Psql {
    /// Runs statements, stops at the first error; returns what they print, unaligned.
    ///
    /// # Errors
    ///
    /// [`ClusterError::ProgramFailed`] with the server's words.
    pub(crate) fn run(&self, database: &str, sql: &str) -> Result<String, ClusterError> {
        let mut command = program::command(&self.bin_dir, "psql", &self.account);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
        command.arg("-h").arg(&self.socket_dir);
        command.args(["-p", &self.port.to_string(), "-U", URBIS, "-d", database]);
        Ok(program::feed(command, sql)?.trim().to_owned())
    }

    /// URL that libpq, sqlx and GDAL understand.
    pub(crate) fn url(&self, database: &str) -> String {
        let host = percent_encode(&self.socket_dir);
        let database = percent_encode(Path::new(database));
        format!("postgres://{URBIS}@localhost:{}/{database}?host={host}", self.port)
    }
}

/// Encodes all but what every URL reader takes literally in a query.
fn percent_encode(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut encoded = String::new();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes every write");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_survives_blanks_and_vietnamese_letters() {
        let psql = Psql {
            bin_dir: "/bin".into(),
            account: Account::Ourselves,
            socket_dir: "/dữ liệu/run".into(),
            port: 5432,
        };
        let expected = "postgres://urbis@localhost:5432/urbis?host=/d%E1%BB%AF%20li%E1%BB%87u/run";
        assert_eq!(psql.url("urbis"), expected);
    }
}
