//! Made-up data comes on request alone, once, and stays the same.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use urbis_cluster::TemporaryCluster;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const LAYERS: [&str; 9] = [
    "building_permit",
    "camera",
    "flood_hazard",
    "land_use_plan",
    "landslide_site",
    "parcel",
    "road_closure",
    "road_line",
    "works_site",
];

fn urbis(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
    command.args(args).current_dir(ROOT).env_remove("DATABASE_URL").stdin(Stdio::null());
    command.env_remove("URBIS_WITH_SYNTHETIC");
    command
}

/// The layer files of what is made up and of what it grows around, and no others: the rest of the
/// city only takes time.
fn few_layers() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for layer in LAYERS.iter().chain(&["road_segment", "admin_unit"]) {
        let file = format!("{layer}.toml");
        fs::copy(Path::new(ROOT).join("layers").join(&file), folder.path().join(&file)).unwrap();
    }
    folder
}

fn import(url: &str, layers: &str, options: &[&str]) -> Vec<Value> {
    let import = ["import", "--city", "data/danang", "--json", "--database-url", url];
    let output = urbis(&[&import[..], &["--layers", layers], options].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The reports of made-up sources.
fn made_up(reports: Vec<Value>) -> Vec<Value> {
    let is_made_up = |report: &Value| report["source"].as_str().unwrap().starts_with("synthetic/");
    reports.into_iter().filter(is_made_up).collect()
}

/// Starts `urbis up`, stops it once the map is there, and gives its log.
fn up(url: &str, layers: &str, data_dir: &Path) -> String {
    let folder = data_dir.to_str().unwrap();
    let up = ["up", "--database-url", url, "--data-dir", folder, "--listen", "127.0.0.1:0"];
    let mut command = urbis(&[&up[..], &["--layers", layers, "--with-synthetic"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut text = String::new();
        errors.read_to_string(&mut text).unwrap();
        text
    });
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = lines.map(|line| line.unwrap());
    let is_up = said.any(|line| line.starts_with("Map: "));
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let ended = child.wait().unwrap();
    let log = log.join().unwrap();
    assert!(is_up && ended.success(), "{log}");
    log
}

#[test]
fn made_up_data_comes_on_request_alone_once_and_stays_the_same() {
    let cluster = TemporaryCluster::start().unwrap();
    let url = cluster.create_database();
    let folder = few_layers();
    let files = folder.path().to_str().unwrap();
    assert_eq!(made_up(import(&url, files, &[])), Vec::<Value>::new());

    let first = made_up(import(&url, files, &["--with-synthetic"]));
    let layers: BTreeSet<&str> = first.iter().map(|it| it["layer"].as_str().unwrap()).collect();
    assert_eq!(layers, BTreeSet::from(LAYERS));
    for report in &first {
        assert!(report["read"].as_u64() > Some(0), "{report}");
        assert_eq!(report["inserted"], report["read"], "{report}");
        assert_eq!((&report["rejected"], &report["flagged"]), (&0.into(), &0.into()), "{report}");
    }
    for report in made_up(import(&url, files, &["--with-synthetic"])) {
        assert_eq!(report["unchanged"], report["read"], "{report}");
        assert_eq!(report["closed"], 0, "{report}");
    }

    let data_dir = tempfile::tempdir().unwrap();
    let log = up(&url, files, data_dir.path());
    assert!(log.contains("NOT real"), "{log}");
    for layer in LAYERS {
        assert!(log.contains(layer), "{layer} is not imported: {log}");
        let kept = data_dir.path().join(format!("synthetic/{layer}.geojson"));
        assert!(fs::read_to_string(kept).unwrap().contains("\"source\":\"synthetic\""));
    }
    let log = up(&url, files, data_dir.path());
    assert!(!log.contains("imported made-up data"), "a second start imports again: {log}");
}
