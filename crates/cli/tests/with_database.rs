//! Commands that need a database: what they print, how they end, what they leave.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
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

fn numbers(report: &Value) -> [u64; 6] {
    ["read", "inserted", "updated", "unchanged", "closed", "conflicts"]
        .map(|name| report[name].as_u64().unwrap())
}

fn psql(url: &str, sql: &str) {
    let output = Command::new("psql").args(["-XAtq", "-c", sql, url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Three wards in a file whose name the layer's definition knows.
fn wards(folder: &Path) -> String {
    let mut few: Value = serde_json::from_str(
        &fs::read_to_string(Path::new(ROOT).join("data/danang/wards_2025.geojson")).unwrap(),
    )
    .unwrap();
    few["features"].as_array_mut().unwrap().truncate(3);
    let path = folder.join("wards_2025.geojson");
    fs::write(&path, few.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_import_reports_and_a_second_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    let import = |more: &[&str]| {
        let args = ["import", "admin_unit", &file, "--json", "--database-url", &url];
        run(&[&args[..], more].concat())
    };
    let first = import(&[]);
    assert!(first.status.success(), "{first:?}");
    assert_eq!(numbers(&reports(&first)[0]), [3, 3, 0, 0, 0, 0]);
    assert_eq!(numbers(&reports(&import(&["--dry-run"]))[0]), [3, 0, 0, 3, 0, 0]);
    assert_eq!(numbers(&reports(&import(&[]))[0]), [3, 0, 0, 3, 0, 0]);
}

#[test]
fn a_conflict_ends_with_4_until_somebody_decides() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    let import = |more: &[&str]| {
        let args = ["import", "admin_unit", &file, "--json", "--database-url", &url];
        run(&[&args[..], more].concat())
    };
    assert!(import(&[]).status.success());
    psql(&url, "UPDATE layer.admin_unit SET name = 'đã sửa'");
    let mut changed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    changed["features"].as_array_mut().unwrap().remove(0);
    fs::write(&file, changed.to_string()).unwrap();

    let refused = import(&[]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert!(refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--take source"), "{refused:?}");
    let tried = import(&["--dry-run"]);
    assert_eq!(tried.status.code(), Some(4), "{tried:?}");
    assert_eq!(reports(&tried)[0]["conflicts"], 1);
    let taken = import(&["--take", "source"]);
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!(reports(&taken)[0]["closed"], 1);
}

#[test]
fn a_missing_file_or_clip_publishes_nothing_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    for args in [
        &["import", "admin_unit", "/nowhere/wards_2025.geojson"][..],
        &["import", "admin_unit", &file, "--clip", "admin_unit:none"],
    ] {
        let output = run(&[args, &["--database-url", &url]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "), "{output:?}");
    }
}

#[test]
fn an_unreachable_database_is_an_error_without_its_password() {
    let url = "postgres://me:secret@127.0.0.1:1/urbis";
    let output = run(&["migrate", "--database-url", url]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot connect") && !said.contains("secret"), "{said}");
}

/// A running `urbis up`, asked to end when the test does.
struct Up(Child);

impl Up {
    fn start(data_dir: &str) -> Self {
        let mut child = urbis(&["up", "--listen", "127.0.0.1:0", "--data-dir", data_dir])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let up = Self(child);
        let line = stdout.lines().map_while(Result::ok).find(|line| line.starts_with("Map: "));
        assert!(line.is_some(), "up ended without an address");
        up
    }

    fn end(&mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.end();
        }
    }
}

#[test]
fn an_import_beside_a_running_node_uses_its_database_and_one_without_starts_it_for_itself() {
    // Root's temporary folders are closed to the user that runs PostgreSQL.
    let open = Permissions::from_mode(0o711);
    let folder = tempfile::Builder::new().permissions(open).tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let data_dir = data_dir.to_str().unwrap();
    let args = ["import", "--city", "data/danang", "--json", "--data-dir", data_dir];
    let read = |output: Output| {
        assert!(output.status.success(), "{output:?}");
        let inserted = |report: &Value| report["inserted"].as_u64().unwrap();
        reports(&output).iter().map(inserted).sum::<u64>()
    };

    let mut up = Up::start(data_dir);
    assert_eq!(read(run(&args)), 0, "the node had imported the city already");
    let status = run(&["status", "--json", "--data-dir", data_dir]);
    assert_eq!(reports(&status)[0]["status"], "ready");
    assert_eq!(up.end(), Some(0));

    assert_eq!(read(run(&args)), 0);
    assert!(!Path::new(data_dir).join("pg/postmaster.pid").exists(), "PostgreSQL was stopped");
    assert!(!Path::new(data_dir).join("urbis.json").exists());
}
