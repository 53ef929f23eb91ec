//! The private PostgreSQL dies below a running node.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A node over one small layer; ended, with its PostgreSQL, when the test is.
struct Node {
    process: Child,
    folder: tempfile::TempDir,
}

impl Node {
    fn start() -> Self {
        // Root's temporary folders are closed to the user that runs PostgreSQL.
        let open = Permissions::from_mode(0o711);
        let folder = tempfile::Builder::new().permissions(open).tempdir().unwrap();
        let layers = folder.path().join("layers");
        fs::create_dir(&layers).unwrap();
        let layer = Path::new(ROOT).join("layers/admin_unit.toml");
        fs::copy(layer, layers.join("admin_unit.toml")).unwrap();

        let mut up = Self::urbis(&folder, &["up", "--listen", "127.0.0.1:0"]);
        let mut process = up.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let node = Self { process, folder };
        let line = stdout.lines().map_while(Result::ok).find(|line| line.starts_with("Map: "));
        assert!(line.is_some(), "up ended without an address");
        node
    }

    fn urbis(folder: &tempfile::TempDir, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
        command.args(args).arg("--layers").arg(folder.path().join("layers"));
        command.arg("--data-dir").arg(folder.path().join("data"));
        command.current_dir(ROOT).env_remove("DATABASE_URL").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        Self::urbis(&self.folder, args).output().unwrap()
    }

    fn import(&self) -> Output {
        self.run(&["import", "admin_unit", "data/danang/wards_2025.geojson", "--json"])
    }

    fn status(&self) -> Value {
        let output = self.run(&["status", "--json"]);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn pgdata(&self) -> PathBuf {
        self.folder.path().join("data/pg")
    }

    fn postmaster(&self) -> Option<String> {
        let text = fs::read_to_string(self.pgdata().join("postmaster.pid")).ok()?;
        text.lines().next().map(str::to_owned)
    }

    fn kill_postgres(&self) -> String {
        let pid = self.postmaster().unwrap();
        kill("-KILL", &pid);
        wait_for("the server's death", || !Path::new(&format!("/proc/{pid}/cwd")).exists());
        pid
    }

    /// The node knows that it is up to date, from a server that is not the one that died.
    fn wait_until_fresh(&self, dead: &str) {
        wait_for("a fresh city", || {
            let status = self.status();
            let is_fresh = status["age_ms"].as_u64().is_some_and(|age| age < 500);
            status["status"] == "ready" && is_fresh && self.postmaster().as_deref() != Some(dead)
        });
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            kill("-TERM", &self.process.id().to_string());
            self.process.wait().unwrap();
        }
    }
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(90), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_killed_postgres_comes_back_and_imports_wait_for_it() {
    let node = Node::start();
    let dead = node.kill_postgres();
    let imported = node.import();
    assert!(imported.status.success(), "{imported:?}");
    node.wait_until_fresh(&dead);

    // A server that cannot start: the node serves on, an import says what is the matter.
    let control = node.pgdata().join("global/pg_control");
    let aside = control.with_extension("aside");
    fs::rename(&control, &aside).unwrap();
    let dead = node.kill_postgres();
    let refused = node.import();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("is down") && !said.contains("in use"), "{said}");
    assert_eq!(node.status()["status"], "stale");
    assert!(node.status()["age_ms"].as_u64().unwrap() > 5_000);

    fs::rename(&aside, &control).unwrap();
    node.wait_until_fresh(&dead);
}
