//! Commands that need a database: what they print, how they end, what they leave.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod import;
mod key;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use urbis_cluster::TemporaryCluster;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

static CLUSTER: LazyLock<TemporaryCluster> =
    LazyLock::new(|| TemporaryCluster::start().expect("a cluster for the tests starts"));

fn urbis(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
    command.args(args).current_dir(ROOT).env_remove("DATABASE_URL").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    urbis(args).output().unwrap()
}

fn reports(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn psql(url: &str, sql: &str) {
    let output = Command::new("psql").args(["-XAtq", "-c", sql, url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A running `urbis up`, asked to end when the test does.
struct Up {
    child: Child,
    operator_key: String,
}

impl Up {
    fn start(data_dir: &str) -> Self {
        Self::start_with(&["--data-dir", data_dir])
    }

    /// Runs until it has printed its addresses; what it logs waits in the pipe.
    fn start_with(args: &[&str]) -> Self {
        let mut child = urbis(&[&["up", "--listen", "127.0.0.1:0"], args].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut up = Self { child, operator_key: String::new() };
        let lines: Vec<String> = stdout.lines().map_while(Result::ok).take(2).collect();
        let [map, operator] = &lines[..] else { panic!("up ended without addresses: {lines:?}") };
        assert!(map.starts_with("Map: http://127.0.0.1:"), "{map}");
        let (page, key) = operator.split_once("#key=").unwrap();
        assert_eq!(page, map.replace("Map: ", "Operator: "));
        key.clone_into(&mut up.operator_key);
        up
    }

    fn end(&mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }

    fn log(&mut self) -> String {
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.end();
        }
    }
}
