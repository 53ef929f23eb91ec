//! A made-up city goes into a database of its own, or into files.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::process::{Command, Output, Stdio};

use urbis_cluster::TemporaryCluster;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

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
    for layer in ["parcel", "building", "road_segment", "utility_node"] {
        let bytes = fs::read(folder.path().join(format!("{layer}.fgb"))).unwrap();
        assert_eq!(&bytes[..3], b"fgb", "{layer}");
    }
    let lines = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap().lines().count();
    // Ten vehicles for three seconds, below a head.
    assert_eq!(lines("traces.csv"), 31);
    assert!(lines("flaws.csv") > 1 && lines("turn_restrictions.csv") > 1);
}
