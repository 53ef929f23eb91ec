//! `urbis up`: a private cluster, the bundled city, the map, and the way down.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use urbis_tests::{urbis, wait_for};

struct Up {
    child: Child,
    url: String,
}

impl Up {
    fn start(data_dir: &Path, options: &[&str]) -> Self {
        let mut child = urbis()
            .args(["up", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("urbis starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped"))
            .lines()
            .map_while(Result::ok);
        let url = lines
            .find_map(|line| line.split_once("http://").map(|(_, rest)| format!("http://{rest}")))
            .expect("the map's address is printed");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: url.trim_end().trim_end_matches('/').to_owned() }
    }

    fn signal(&mut self, name: &str) -> std::process::ExitStatus {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.child.wait().expect("urbis can be waited for")
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal("-TERM");
        }
    }
}

fn status(data_dir: &Path) -> serde_json::Value {
    let output = urbis().args(["status", "--json", "--data-dir"]).arg(data_dir).output();
    let output = output.expect("urbis starts");
    serde_json::from_slice(&output.stdout).unwrap_or(serde_json::Value::Null)
}

fn postmaster(data_dir: &Path) -> Option<u32> {
    let find = Command::new("pgrep").args(["-f", &data_dir.display().to_string()]).output().ok()?;
    let pids = String::from_utf8(find.stdout).ok()?;
    pids.lines().filter_map(|pid| pid.parse().ok()).find(|pid| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.split(|byte| *byte == 0).next().is_some_and(|name| name.ends_with(b"postgres"))
    })
}

#[test]
fn up_serves_the_bundled_city_survives_kill_9_and_stops_cleanly() {
    let folder = folder();
    let data_dir = folder.path().join("data");

    let mut up = Up::start(&data_dir, &["--without-fleet"]);
    let shown = status(&data_dir);
    for member in ["revision", "layers", "listen", "database_url"] {
        assert!(!shown[member].is_null(), "no {member} in {shown}");
    }
    assert_eq!(ready(&up)["layers"]["admin_unit"], 94);
    assert_eq!(ready(&up)["layers"]["parcel"], 0, "nothing is made up unless it is asked for");
    let postgres = postmaster(&data_dir).expect("a private postmaster runs");
    let operator = operator_key(&data_dir);
    assert_eq!(class_of(&up, &operator), "restricted");

    let second =
        urbis().args(["up", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data_dir).output();
    let second = second.expect("urbis starts");
    assert!(!second.status.success(), "a second up on one folder is refused");
    assert!(String::from_utf8_lossy(&second.stderr).contains("already"), "{second:?}");

    up.signal("-KILL");
    assert_eq!(postmaster(&data_dir), Some(postgres), "the postmaster is an orphan now");
    let mut up = Up::start(&data_dir, &["--without-fleet"]);
    assert_eq!(postmaster(&data_dir), Some(postgres), "the orphan is adopted");
    assert_eq!(ready(&up)["layers"]["admin_unit"], 94);

    assert_eq!(operator_key(&data_dir), operator, "one operator key for good");
    assert_eq!(class_of(&up, &operator), "restricted");

    let ended = up.signal("-INT");
    assert!(ended.success(), "Ctrl-C ended with {ended}");
    assert_eq!(postmaster(&data_dir), None, "the postmaster stops with the node");
    let gone = urbis().args(["status", "--json", "--data-dir"]).arg(&data_dir).status();
    assert!(!gone.expect("urbis starts").success(), "status of a stopped node fails");
}

#[test]
fn up_drives_a_simulated_fleet_over_the_bundled_city() {
    let folder = folder();
    let up = Up::start(&folder.path().join("data"), &[]);
    ready(&up);
    let places = wait_for("a fleet", || Some(places(&up)).filter(|places| !places.is_empty()));
    // One that stands reports one and the same place.
    let has_moved = |now: &Places| {
        now.iter().any(|(id, place)| places.get(id).is_some_and(|before| before != place))
    };
    wait_for("a unit to drive", || Some(self::places(&up)).filter(has_moved));
}

/// Where units are that said so, by their ids.
type Places = BTreeMap<String, serde_json::Value>;

/// All of them are simulated.
fn places(up: &Up) -> Places {
    let answer = ureq::get(format!("{}/live/units", up.url)).call();
    let text = answer.expect("units are shown").body_mut().read_to_string().expect("text");
    let units: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let units = units["features"].as_array().expect("features");
    let place = |unit: &serde_json::Value| {
        assert_eq!(unit["properties"]["is_simulated"], true, "{unit}");
        let id = unit["properties"]["unit_id"].as_str().expect("an id").to_owned();
        (id, unit["geometry"]["coordinates"].clone())
    };
    units.iter().map(place).filter(|(_, place)| !place.is_null()).collect()
}

/// A temporary folder that the database's own user can reach.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
    folder
}

/// The key that `up` keeps for whoever runs it, and for nobody else.
fn operator_key(data_dir: &Path) -> String {
    let path = data_dir.join("operator.key");
    let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().expect("it was made"));
    assert_eq!(mode & 0o777, 0o600);
    std::fs::read_to_string(path).expect("text").trim().to_owned()
}

fn class_of(up: &Up, key: &str) -> String {
    let mut answer = ureq::get(format!("{}/layers", up.url))
        .header("Authorization", format!("Bearer {key}"))
        .call()
        .expect("the key is good");
    let layers: serde_json::Value =
        serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON");
    layers["class"].as_str().expect("a class").to_owned()
}

fn ready(up: &Up) -> serde_json::Value {
    wait_for("the node to be ready", || {
        let mut answer = ureq::get(format!("{}/health/ready", up.url)).call().ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    })
}
