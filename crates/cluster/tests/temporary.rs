//! The cluster for tests: usable from a `static`, and gone with its process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use urbis_cluster::TemporaryCluster;

/// Runs the test `child` of this very binary in a process of its own.
const CHILD_MARK: &str = "URBIS_CLUSTER_TEST_CHILD";

fn psql(url: &str, sql: &str) -> String {
    let output = Command::new("psql").args(["-XAtqc", sql, url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_database_is_fresh_and_has_postgis() {
    static CLUSTER: OnceLock<TemporaryCluster> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| TemporaryCluster::start().unwrap());
    let urls: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| cluster.create_database())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for url in &urls {
        assert_eq!(psql(url, "SELECT postgis_lib_version() LIKE '3.%'"), "t");
        psql(url, "CREATE TABLE only_here (i int)");
    }
}

#[test]
fn nothing_is_left_when_the_process_is_killed() {
    if std::env::var_os(CHILD_MARK).is_some() {
        let cluster = TemporaryCluster::start().unwrap();
        println!("folder={}", cluster.folder().display());
        std::thread::park();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nothing_is_left_when_the_process_is_killed", "--nocapture"])
        .env(CHILD_MARK, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let folder = std::io::BufRead::lines(stdout)
        .find_map(|line| Some(line.unwrap().split_once("folder=")?.1.to_owned()))
        .unwrap();
    let pid_file = Path::new(&folder).join("city/pg/postmaster.pid");
    let pid = std::fs::read_to_string(pid_file).unwrap().lines().next().unwrap().to_owned();
    assert!(Path::new("/proc").join(&pid).exists());

    child.kill().unwrap();
    child.wait().unwrap();

    wait_for("the folder to go", || !Path::new(&folder).exists());
    let command_line = Path::new("/proc").join(&pid).join("cmdline");
    wait_for("the server to go", || {
        std::fs::read_to_string(&command_line).is_ok_and(|text| text.is_empty())
            || !command_line.exists()
    });
}
