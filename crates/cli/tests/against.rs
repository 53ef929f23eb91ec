//! `urbis check --against`: the binary over a small git repository of its own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const GAUGE: &str = r#"
theme = "flood"
title = { vi = "Trạm đo", en = "Gauges" }
description = { vi = "Trạm đo mực nước.", en = "Water level gauges." }
geometry = "Point"
storage_srid = 4326
key = "code"

[[sources]]
file = "city.toml"
crs = "EPSG:4326"
publisher = "nobody"
licence = "CC0-1.0"
retrieved = 2026-01-15
fields = { code = ["CODE"], kind = ["KIND"] }

[tiles]
minzoom = 8
maxzoom = 14
attributes = ["code", "kind", "level_m"]

[[attributes]]
name = "code"
title = { vi = "Mã", en = "Code" }
type = "text"

[[attributes]]
name = "kind"
title = { vi = "Loại", en = "Kind" }
type = "code"
values = { river = { vi = "sông", en = "river" }, street = { vi = "đường", en = "street" } }

[[attributes]]
name = "level_m"
title = { vi = "Mực nước (m)", en = "Level (m)" }
type = "float"
unit = "m"

[[examples]]
title = "a river gauge"
input = { geometry = "POINT (108.2 16.0)", CODE = "A", KIND = "river" }
output = { code = "A", kind = "river" }

[[examples]]
title = "no code"
input = { geometry = "POINT (108.2 16.0)" }
reject = "key_missing"
"#;

const NOTICE: &str =
    "deprecated = { since = 2026-01-01, instead = { vi = \"trạm mới\", en = \"the new one\" } }";

/// A folder with a city, no style, and a repository around the layers.
struct Repository(TempDir);

impl Repository {
    fn new(gauge: &str) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        for folder in ["layers", "styles"] {
            fs::create_dir(repository.path().join(folder)).unwrap();
        }
        let settings = Path::new(ROOT).join("data/danang/city.toml");
        fs::copy(settings, repository.path().join("city.toml")).unwrap();
        repository.write("gauge", gauge);
        repository.git(&["init", "--quiet"]);
        repository.commit("v1");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, layer: &str, text: &str) {
        fs::write(self.path().join(format!("layers/{layer}.toml")), text).unwrap();
    }

    fn remove(&self, layer: &str) {
        fs::remove_file(self.path().join(format!("layers/{layer}.toml"))).unwrap();
    }

    fn commit(&self, tag: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", tag]);
        self.git(&["tag", tag]);
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        command.arg("-C").arg(self.path());
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"]);
        command.args(["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    fn check(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
        for name in ["URBIS_CONFIG", "URBIS_LAYERS", "URBIS_STYLES", "URBIS_CITY", "RUST_LOG"] {
            command.env_remove(name);
        }
        // As within a hook of another repository.
        command.env("GIT_DIR", "/nowhere");
        command.current_dir(self.path()).args(["check", "--city", "."]).args(arguments);
        command.output().unwrap()
    }

    fn against(&self, revision: &str) -> (Option<i32>, String) {
        let output = self.check(&["--against", revision]);
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(told).unwrap())
    }
}

#[test]
fn what_did_not_change_is_in_order_at_every_way_to_name_a_revision() {
    let repository = Repository::new(GAUGE);
    for revision in ["v1", "HEAD"] {
        let (code, told) = repository.against(revision);
        assert_eq!(code, Some(0), "{told}");
        let counts = format!(
            "1 layers, 2 examples, 0 styles, 0 vehicle profiles, against {revision}: no fault\n"
        );
        assert_eq!(told, counts);
    }
}

#[test]
fn a_layer_and_attributes_that_apps_lose_end_with_4_and_say_what_to_do() {
    let repository = Repository::new(GAUGE);
    let changed = GAUGE
        .replace("\"code\", \"kind\", \"level_m\"]", "\"code\", \"kind\"]")
        .replace("street = {", "canal = {")
        .replace("minzoom = 8", "minzoom = 9");
    repository.write("gauge", &changed);
    let (code, told) = repository.against("v1");
    assert_eq!(code, Some(4), "{told}");
    for said in [
        "layer 'gauge' of v1: attribute 'level_m' is not in the tiles any more; put it back",
        "attribute 'kind' lost 'street'; keep",
        "tiles began at zoom 8 and begin at 9; put minzoom back",
        "3 faults",
    ] {
        assert!(told.contains(said), "no {said} in\n{told}");
    }
    repository.remove("gauge");
    repository.write("gauges", GAUGE);
    let (code, told) = repository.against("v1");
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("layer 'gauge' of v1: is gone (is it 'gauges' now?"), "{told}");
    let output = repository.check(&["--against", "v1", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["against"], "v1");
    assert_eq!(report["faults"].as_array().unwrap().len(), 1, "{report}");
}

#[test]
fn what_was_announced_may_go_after_the_notice_and_not_with_it() {
    let repository = Repository::new(GAUGE);
    let (head, tail) = GAUGE.split_once("unit = \"m\"").unwrap();
    let announced = format!("{head}unit = \"m\"\n{NOTICE}{tail}");
    repository.write("gauge", &announced);
    repository.write("other", &format!("{NOTICE}\n{GAUGE}"));
    repository.commit("v2");
    let gone = GAUGE.replace(", \"level_m\"]", "]");
    repository.write("gauge", &gone);
    repository.remove("other");
    let (code, told) = repository.against("v2");
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = repository.against("v1");
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("'level_m'") && told.contains("1 fault\n"), "{told}");
}

#[test]
fn a_file_that_an_older_or_newer_program_wrote_is_read_as_far_as_it_is_understood() {
    let newer =
        format!("weather = \"fine\"\n{GAUGE}").replace("type = \"float\"", "type = \"measure\"");
    let repository = Repository::new(&newer);
    repository.write("gauge", GAUGE);
    let (code, told) = repository.against("v1");
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("'level_m' was measure and is float"), "{told}");
    assert!(told.contains("1 fault\n"), "{told}");
}

#[test]
fn a_revision_or_a_repository_that_is_not_there_ends_with_2() {
    let repository = Repository::new(GAUGE);
    for revision in ["v9", "", "HEAD:layers", "-c"] {
        let output = repository.check(&[&format!("--against={revision}")]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(&format!("--against '{revision}'")), "{told}");
        assert!(told.contains("no such commit"), "{told}");
    }
    fs::remove_dir_all(repository.path().join(".git")).unwrap();
    let (code, told) = repository.against("v1");
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("needs the git repository that holds 'layers'"), "{told}");
}

#[test]
fn a_revision_before_the_layers_is_not_taken_for_one_that_had_none_to_keep() {
    let repository = Repository::new(GAUGE);
    fs::rename(repository.path().join("layers"), repository.path().join("new_layers")).unwrap();
    let output = repository.check(&["--layers", "new_layers", "--against", "v1"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("has no layer files in 'new_layers'"), "{told}");
}
