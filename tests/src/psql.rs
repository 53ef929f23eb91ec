//! SQL as a planner's tool sends it: through the `psql` client, not through our own code.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Runs SQL and gives its rows as unaligned text, columns parted by `|`.
///
/// # Panics
///
/// When psql fails.
pub fn psql(database_url: &str, sql: &str) -> String {
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database_url, "-c", sql])
        .output()
        .expect("psql starts");
    assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("psql writes UTF-8").trim_end().to_owned()
}

/// A psql session that stays open, for transactions that are held.
#[derive(Debug)]
pub struct Session {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    /// Opens a session.
    pub fn open(database_url: &str) -> Self {
        let mut child = Command::new("psql")
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database_url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql starts");
        let stdin = child.stdin.take().expect("stdin is piped");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self { child, stdin, stdout }
    }

    /// Runs one statement and waits until the server has done it.
    pub fn run(&mut self, sql: &str) {
        writeln!(self.stdin, "{sql};\n\\echo done").expect("psql reads");
        self.stdin.flush().expect("psql reads");
        let mut line = String::new();
        while line.trim_end() != "done" {
            line.clear();
            let read = self.stdout.read_line(&mut line).expect("psql writes");
            assert!(read > 0, "psql ended at: {sql}");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The session may have ended already; what counts is that no process stays.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
