//! A made-up city goes into a database of its own, or into files.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::process::{Command, Output, Stdio};

use urbis_cluster::TemporaryCluster;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const LAYERS: [&str; 6] =
    ["parcel", "building", "road_segment", "utility_node", "turn_restriction", "road_barrier"];

/// Features of a layer, by what the command said.
fn count(output: &Output, layer: &str) -> u64 {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{layer}: "))).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Three cells of the lattice.
fn synth(options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
    command.args(["synth", "--seed", "1", "--scale", "0.001"]).args(options);
    // Nobody meant this database.
    command.env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing");
    command.current_dir(ROOT).stdin(Stdio::null()).output().unwrap()
}

fn hash(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().find(|line| line.starts_with("hash ")).unwrap().to_owned()
}

#[test]
fn a_city_goes_into_an_empty_database_once_and_never_beside_others() {
    let cluster = TemporaryCluster::start().unwrap();
    let url = cluster.create_database();
    let loaded = synth(&["--database-url", &url]);
    assert_eq!(hash(&loaded), hash(&synth(&[])));
    let again = synth(&["--database-url", &url]);
    assert_eq!(again.status.code(), Some(1));
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(told.contains("a database of its own"), "{told}");
}

#[test]
fn files_hold_what_a_database_would() {
    let folder = tempfile::tempdir().unwrap();
    let written = synth(&["--to", folder.path().to_str().unwrap(), "--trace-seconds", "3"]);
    assert_eq!(hash(&written), hash(&synth(&["--threads", "1"])));
    for layer in LAYERS {
        let bytes = fs::read(folder.path().join(format!("{layer}.fgb"))).unwrap();
        assert_eq!(&bytes[..3], b"fgb", "{layer}");
    }
    let lines = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap().lines().count();
    // Ten vehicles for three seconds, below a head.
    assert_eq!(lines("traces.csv"), 31);
    assert!(lines("flaws.csv") > 1);
}

/// What a program says; it has to be there and to succeed.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_geopackage_holds_the_features_of_every_layer() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let options = ["--to", to, "--trace-seconds", "1", "--format", "gpkg"];
    let written = synth(&options);
    assert_eq!(hash(&written), hash(&synth(&[])));
    let path = folder.path().join("city.gpkg");
    for layer in LAYERS {
        let count = count(&written, layer);
        let told = said("ogrinfo", &["-so", path.to_str().unwrap(), layer]);
        assert!(
            count > 0 && told.contains(&format!("Feature Count: {count}\n")),
            "{layer}: {told}"
        );
    }
}

#[test]
fn a_road_network_is_osm_that_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let written = synth(&["--to", to, "--trace-seconds", "1", "--format", "pbf"]);
    let [streets, turns, barriers] =
        ["road_segment", "turn_restriction", "road_barrier"].map(|layer| count(&written, layer));
    let path = folder.path().join("roads.osm.pbf");
    let path = path.to_str().unwrap();
    let layer = |name: &str, filter: &str| {
        let told = said("ogrinfo", &["-q", "-geom=NO", path, name, "-where", filter]);
        told.lines().filter(|line| line.starts_with("OGRFeature(")).count() as u64
    };
    assert_eq!(layer("lines", "highway IS NOT NULL"), streets);
    assert_eq!(layer("other_relations", "type = 'restriction'"), turns);
    assert_eq!(layer("points", "barrier IS NOT NULL"), barriers);
    // Every node of a way and every member of a relation is there.
    said("osmium", &["check-refs", "--check-relations", path]);
    let told = said("osmium", &["fileinfo", "--extended", path]);
    assert!(told.contains("Objects ordered (by type and id): yes"), "{told}");
    assert!(told.contains(&format!("Number of ways: {}\n", streets + 1)), "{told}");
}

#[test]
fn a_road_network_comes_back_by_our_own_import() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let written = synth(&["--to", to, "--trace-seconds", "1", "--format", "pbf"]);
    let cluster = TemporaryCluster::start().unwrap();
    let url = cluster.create_database();
    let urbis = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
        command.args(arguments).env("DATABASE_URL", &url).current_dir(ROOT);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let path = folder.path().join("roads.osm.pbf");
    urbis(&["migrate"]);
    for layer in ["road_segment", "turn_restriction", "road_barrier"] {
        let report =
            urbis(&["import", layer, path.to_str().unwrap(), "--as", "haichau.osm.pbf", "--json"]);
        // A layer reads the file as several of its sources.
        let reports: Vec<serde_json::Value> =
            report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sum =
            |what: &str| reports.iter().map(|report| report[what].as_u64().unwrap()).sum::<u64>();
        assert_eq!(sum("read"), count(&written, layer), "{reports:?}");
        assert_eq!(["rejected", "flagged"].map(sum), [0, 0], "{reports:?}");
    }
}
