//! The cluster of a data folder, through everything that happens to one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use urbis_cluster::{ClusterError, ClusterOptions, PrivateCluster, Search};

/// A folder for one test; what is left running in it is ended with it.
struct Home {
    folder: tempfile::TempDir,
    data: PathBuf,
}

impl Home {
    fn new() -> Self {
        Self::with_data("data")
    }

    fn with_data(below: &str) -> Self {
        // Root's temporary folders are closed to the user that runs PostgreSQL.
        let open = Permissions::from_mode(0o711);
        let folder = tempfile::Builder::new().permissions(open).tempdir().unwrap();
        let data = folder.path().join(below);
        Self { folder, data }
    }

    fn start(&self) -> PrivateCluster {
        PrivateCluster::start(&self.data, ClusterOptions::default()).unwrap()
    }

    fn start_error(&self, options: ClusterOptions) -> ClusterError {
        PrivateCluster::start(&self.data, options).unwrap_err()
    }

    fn pid_file(&self) -> PathBuf {
        self.data.join("pg/postmaster.pid")
    }

    fn postmaster(&self) -> String {
        fs::read_to_string(self.pid_file()).unwrap().lines().next().unwrap().to_owned()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Ok(text) = fs::read_to_string(self.pid_file()) else { return };
        let pid = text.lines().next().unwrap_or_default();
        if fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&self.data)) {
            kill("-QUIT", pid);
            wait_for("the server to end", || !Path::new(&format!("/proc/{pid}/cwd")).exists());
        }
        assert!(self.folder.path().exists());
    }
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn psql_output(url: &str, sql: &str, password: &str) -> Output {
    let mut command = Command::new("psql");
    command.args(["-XAtqw", "-c", sql, url]).env("PGPASSWORD", password);
    command.stdin(Stdio::null()).output().unwrap()
}

fn psql(url: &str, sql: &str) -> String {
    let output = psql_output(url, sql, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn what_was_committed_is_there_after_a_stop_and_a_start() {
    let home = Home::new();
    let cluster = home.start();
    psql(&cluster.database_url(), "CREATE TABLE kept AS SELECT 7 AS n");
    assert_eq!(psql(&cluster.database_url(), "SHOW server_encoding"), "UTF8");
    assert_eq!(psql(&cluster.database_url(), "SHOW synchronous_commit"), "on");
    assert_eq!(psql(&cluster.database_url(), "SHOW listen_addresses"), "");
    assert_eq!(
        psql(&cluster.database_url(), "SELECT ST_AsText('POINT(1 2)'::geometry)"),
        "POINT(1 2)"
    );
    let pid = home.postmaster();
    cluster.stop().unwrap();
    assert!(!Path::new(&format!("/proc/{pid}/cwd")).exists());
    assert_eq!(PrivateCluster::running_url(&home.data), None);

    let cluster = home.start();
    assert!(!cluster.was_adopted());
    assert_eq!(PrivateCluster::running_url(&home.data), Some(cluster.database_url()));
    assert_eq!(psql(&cluster.database_url(), "SELECT n FROM kept"), "7");
    cluster.stop().unwrap();
}

#[test]
fn a_killed_server_is_recovered() {
    let home = Home::new();
    let cluster = home.start();
    psql(&cluster.database_url(), "CREATE TABLE kept AS SELECT 7 AS n");
    kill("-KILL", &home.postmaster());
    drop(cluster);
    let cluster = home.start();
    assert!(!cluster.was_adopted());
    assert_eq!(psql(&cluster.database_url(), "SELECT n FROM kept"), "7");
    cluster.stop().unwrap();
}

#[test]
fn a_server_that_died_is_started_again_and_a_living_one_left_alone() {
    let home = Home::new();
    let cluster = home.start();
    let pid = home.postmaster();
    assert!(!cluster.revive().unwrap());
    assert_eq!(home.postmaster(), pid);
    psql(&cluster.database_url(), "CREATE TABLE kept AS SELECT 7 AS n");

    kill("-KILL", &pid);
    wait_for("the server to end", || !Path::new(&format!("/proc/{pid}/cwd")).exists());
    assert_eq!(PrivateCluster::running_url(&home.data), None);
    assert!(cluster.revive().unwrap());
    assert_ne!(home.postmaster(), pid);
    assert_eq!(PrivateCluster::running_url(&home.data), Some(cluster.database_url()));
    assert_eq!(psql(&cluster.database_url(), "SELECT n FROM kept"), "7");
    cluster.stop().unwrap();
}

#[test]
fn an_orphan_is_adopted_with_its_sessions() {
    let home = Home::new();
    let cluster = home.start();
    let pid = home.postmaster();
    // What a kill -9 of our process does: the lock goes, the server stays.
    drop(cluster);
    let cluster = home.start();
    assert!(cluster.was_adopted());
    assert_eq!(home.postmaster(), pid);
    assert_eq!(psql(&cluster.database_url(), "SELECT 1"), "1");
    cluster.stop().unwrap();
}

#[test]
fn a_stale_pid_file_that_names_a_living_stranger_does_no_harm() {
    let home = Home::new();
    let cluster = home.start();
    let pid_file = fs::read_to_string(home.pid_file()).unwrap();
    cluster.stop().unwrap();
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    let rest = pid_file.split_once('\n').unwrap().1;
    fs::write(home.pid_file(), format!("{}\n{rest}", stranger.id())).unwrap();

    let cluster = home.start();
    assert!(!cluster.was_adopted());
    cluster.stop().unwrap();

    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was ended");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_second_start_on_one_folder_is_refused_and_names_the_first() {
    let home = Home::new();
    let cluster = home.start();
    let error = home.start_error(ClusterOptions::default());
    assert_eq!(error.code(), "cluster_in_use");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert_eq!(psql(&cluster.database_url(), "SELECT 1"), "1");
    cluster.stop().unwrap();
}

#[test]
fn an_initdb_that_was_cut_short_is_begun_anew() {
    let home = Home::new();
    fs::create_dir_all(home.data.join("pg.new")).unwrap();
    fs::write(home.data.join("pg.new/PG_VERSION"), "15\n").unwrap();
    fs::write(home.data.join("lock"), "1\n").unwrap();
    fs::set_permissions(&home.data, Permissions::from_mode(0o755)).unwrap();
    let cluster = home.start();
    assert!(!home.data.join("pg.new").exists());
    cluster.stop().unwrap();
}

#[test]
fn an_initdb_that_outlives_a_kill_is_waited_for() {
    let home = Home::new();
    let unfinished = home.data.join("pg.new");
    fs::create_dir_all(&unfinished).unwrap();
    fs::write(home.data.join("lock"), "1\n").unwrap();
    fs::set_permissions(&home.data, Permissions::from_mode(0o755)).unwrap();
    // Writes a file a moment for a second, as initdb does.
    let script = "for i in $(seq 50); do : >\"$0/$i\"; sleep 0.02; done";
    let mut orphan = Command::new("sh").args(["-c", script]).arg(&unfinished).spawn().unwrap();
    let cluster = home.start();
    assert!(orphan.try_wait().unwrap().is_some_and(|status| status.success()));
    cluster.stop().unwrap();
}

#[test]
fn a_long_path_gets_a_short_socket_elsewhere() {
    let home = Home::with_data(&format!("{}/{}", "a".repeat(100), "dữ liệu".repeat(6)));
    let cluster = home.start();
    let url = cluster.database_url();
    assert_eq!(psql(&url, "SELECT 1"), "1");
    let socket_dir = psql(&url, "SHOW unix_socket_directories");
    assert!(socket_dir.len() + "/.s.PGSQL.5432".len() <= 107, "{socket_dir}");
    assert_eq!(fs::metadata(&socket_dir).unwrap().mode() & 0o777, 0o700);
    cluster.stop().unwrap();
    fs::remove_dir_all(socket_dir).unwrap();
}

#[test]
fn two_folders_do_not_touch_each_other() {
    let (first, second) = (Home::new(), Home::new());
    let kept = first.start();
    let pid = first.postmaster();
    let other = second.start();
    assert_ne!(kept.database_url(), other.database_url());
    other.stop().unwrap();
    assert_eq!(first.postmaster(), pid);
    assert_eq!(psql(&kept.database_url(), "SELECT 1"), "1");
    kept.stop().unwrap();
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_left_alone() {
    let home = Home::new();
    fs::create_dir(&home.data).unwrap();
    fs::write(home.data.join("PG_VERSION"), "15\n").unwrap();
    let before = fs::metadata(&home.data).unwrap();
    let error = home.start_error(ClusterOptions::default());
    assert_eq!(error.code(), "data_folder_foreign");
    let after = fs::metadata(&home.data).unwrap();
    assert_eq!((before.uid(), before.mode()), (after.uid(), after.mode()));
    assert_eq!(fs::read_dir(&home.data).unwrap().count(), 1);
}

#[test]
fn tcp_is_open_only_when_asked_for_and_only_with_the_password() {
    let home = Home::new();
    let address = free_address();
    let options = ClusterOptions { listen: Some(address), ..ClusterOptions::default() };
    let cluster = PrivateCluster::start(&home.data, options).unwrap();
    let (told, password_file) = cluster.tcp().unwrap();
    assert_eq!(told, address);
    assert_eq!(fs::metadata(&password_file).unwrap().mode() & 0o777, 0o600);
    let password = fs::read_to_string(password_file).unwrap();
    psql(
        &cluster.database_url(),
        "CREATE SCHEMA layer; CREATE TABLE layer.road AS SELECT 7 AS n; \
         CREATE TABLE public.other AS SELECT 7 AS n; \
         GRANT UPDATE ON layer.road TO urbis_editor",
    );

    let by_tcp = format!("postgres://qgis@{address}/urbis");
    let edit = psql_output(&by_tcp, "UPDATE layer.road SET n = 8 RETURNING n", &password);
    assert_eq!(String::from_utf8_lossy(&edit.stdout).trim(), "8");
    let read = psql_output(&by_tcp, "SELECT n FROM public.other", &password);
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "7");
    assert!(!psql_output(&by_tcp, "UPDATE public.other SET n = 8", &password).status.success());
    assert!(!psql_output(&by_tcp, "SELECT 1", "wrong").status.success());
    assert!(!psql_output(&by_tcp, "DROP TABLE layer.road", &password).status.success());
    let superuser = format!("postgres://urbis@{address}/urbis");
    assert!(!psql_output(&superuser, "SELECT 1", &password).status.success());

    // A folder of an older program, whose role might write everything.
    psql(&cluster.database_url(), "GRANT pg_write_all_data TO qgis");
    drop(cluster);
    let options = ClusterOptions { listen: Some(address), ..ClusterOptions::default() };
    let cluster = PrivateCluster::start(&home.data, options).unwrap();
    assert!(!psql_output(&by_tcp, "UPDATE public.other SET n = 8", &password).status.success());

    // An orphan with TCP is not what the next start asks for: it comes back without.
    drop(cluster);
    let cluster = home.start();
    assert!(!cluster.was_adopted());
    assert!(!psql_output(&by_tcp, "SELECT 1", &password).status.success());
    cluster.stop().unwrap();
}

#[test]
fn a_password_file_that_a_crash_left_empty_is_made_anew() {
    let home = Home::new();
    home.start().stop().unwrap();
    fs::write(home.data.join("pg.password"), "").unwrap();
    fs::write(home.data.join("pg.password.new"), "half").unwrap();
    let address = free_address();
    let options = ClusterOptions { listen: Some(address), ..ClusterOptions::default() };
    let cluster = PrivateCluster::start(&home.data, options).unwrap();
    let (_, password_file) = cluster.tcp().unwrap();
    assert_eq!(fs::metadata(&password_file).unwrap().mode() & 0o777, 0o600);
    let password = fs::read_to_string(password_file).unwrap();
    assert_eq!(password.len(), 32);
    assert!(!home.data.join("pg.password.new").exists());
    let by_tcp = format!("postgres://qgis@{address}/urbis");
    assert!(psql_output(&by_tcp, "SELECT 1", &password).status.success());
    cluster.stop().unwrap();
}

#[test]
fn a_closed_folder_above_the_data_is_named() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return; // Only root hands the cluster to another user.
    }
    let home = Home::with_data("closed/data");
    let closed = home.data.parent().unwrap();
    fs::create_dir(closed).unwrap();
    fs::set_permissions(closed, Permissions::from_mode(0o700)).unwrap();
    let error = home.start_error(ClusterOptions::default());
    assert_eq!(error.code(), "data_folder_unreachable");
    assert!(error.to_string().contains(&format!("'{}' is closed", closed.display())), "{error}");
}

/// A folder with programs that only know their version.
fn fake_programs(home: &Home, major: u32) -> ClusterOptions {
    let bin_dir = home.folder.path().join("bin");
    fs::create_dir(&bin_dir).unwrap();
    let share = home.folder.path().join("share");
    for program in ["initdb", "pg_ctl", "postgres", "psql", "pg_config"] {
        let path = bin_dir.join(program);
        let script = format!(
            "#!/bin/sh\ncase $1 in --sharedir) echo '{}';; *) echo 'postgres (PostgreSQL) {major}.1';; esac\n",
            share.display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let search = Search { only: Some(bin_dir), also: Vec::new() };
    ClusterOptions { search, ..ClusterOptions::default() }
}

#[test]
fn a_missing_postgis_names_its_package() {
    let home = Home::new();
    let options = fake_programs(&home, 16);
    let error = home.start_error(options);
    assert_eq!(error.code(), "postgis_missing");
    assert!(error.to_string().contains("package postgresql-16-postgis-3"), "{error}");
}

#[test]
fn a_missing_or_old_postgres_names_the_packages() {
    let home = Home::new();
    let options = fake_programs(&home, 14);
    let error = home.start_error(options);
    assert_eq!(error.code(), "postgres_missing");
    assert!(error.to_string().contains("postgresql-15 and postgresql-15-postgis-3"), "{error}");
}

#[test]
fn a_cluster_of_another_version_names_the_package_that_reads_it() {
    let home = Home::new();
    home.start().stop().unwrap();
    fs::write(home.data.join("pg/PG_VERSION"), "99\n").unwrap();
    let error = home.start_error(ClusterOptions::default());
    assert_eq!(error.code(), "postgres_version_missing");
    assert!(error.to_string().contains("postgresql-99-postgis-3"), "{error}");
}
