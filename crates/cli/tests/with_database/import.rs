//! Imports: what they report, how they end, what they leave.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{CLUSTER, ROOT, Up, psql, reports, run, urbis};

fn numbers(report: &Value) -> [u64; 6] {
    ["read", "inserted", "updated", "unchanged", "closed", "conflicts"]
        .map(|name| report[name].as_u64().unwrap())
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
fn made_up_data_beside_one_file_is_refused_where_a_flag_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    let args = ["import", "admin_unit", &file, "--database-url", &url];
    let refused = run(&[&args[..], &["--with-synthetic"]].concat());
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--city DIR"), "{refused:?}");
    // A variable may be meant for `up`.
    let taken = urbis(&args).env("URBIS_WITH_SYNTHETIC", "1").output().unwrap();
    assert!(taken.status.success(), "{taken:?}");
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
    let shown = &reports(&refused)[0];
    assert_eq!([&shown["layer"], &shown["source"]], ["admin_unit", "wards_2025.geojson"]);
    assert_eq!(
        [&shown["error"]["code"], &shown["error"]["count"]],
        [&Value::from("import_conflicts"), &Value::from(1)]
    );
    let sample = shown["error"]["sample"].as_array().unwrap();
    let [conflict] = sample.as_slice() else { panic!("{shown}") };
    assert_eq!(conflict["change"], "close", "{shown}");
    let said = String::from_utf8_lossy(&refused.stderr);
    let (feature, key) = (&conflict["feature_id"], conflict["source_key"].as_str().unwrap());
    let named = format!("feature {feature}, record '{key}': edited here, gone from the source");
    for part in ["import_conflicts: 1", &named, "--take source", "--take edit"] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let tried = import(&["--dry-run"]);
    assert_eq!(tried.status.code(), Some(4), "{tried:?}");
    assert_eq!(reports(&tried)[0]["conflicts"], 1);
    let taken = import(&["--take", "source"]);
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!(reports(&taken)[0]["closed"], 1);
}

#[test]
fn a_clipped_import_closes_nothing_that_the_clip_leaves_out() {
    let url = CLUSTER.create_database();
    let import = |args: &[&str]| {
        let output = run(&[&["import", "--json", "--database-url", &url], args].concat());
        assert!(output.status.success(), "{output:?}");
        reports(&output)
    };
    import(&["admin_unit", "data/danang/wards_2025.geojson"]);
    let whole = import(&["building", "data/danang/haichau.osm.pbf"]);
    let source = ["building", "data/danang/haichau.osm.pbf", "--clip", "admin_unit:20242"];
    let part = import(&source);
    let [read, inserted, updated, unchanged, closed, _] = numbers(&part[0]);
    assert!(read > 0 && read < numbers(&whole[0])[0], "{read} records in the clip");
    assert_eq!([inserted, updated, unchanged, closed], [0, 0, read, 0]);
}

#[test]
fn a_database_that_was_never_migrated_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    for args in [&["import", "admin_unit", &file, "--dry-run"][..], &["serve"]] {
        let output = run(&[args, &["--database-url", &url]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("run 'urbis migrate'") && !said.contains("relation"), "{said}");
    }
}

/// A process that is killed clears nothing away.
#[test]
fn an_import_of_osm_data_has_no_files_of_its_own() {
    let url = CLUSTER.create_database();
    let args = ["import", "building", "data/danang/haichau.osm.pbf", "--database-url", &url];
    let output = urbis(&args).env("TMPDIR", "/nowhere/at/all").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Houses without any id, each a square at its own place.
fn houses(path: &Path, wests: &[f64]) {
    let house = |west: &f64| {
        let (east, south, north) = (west + 0.0002, 16.06, 16.0602);
        serde_json::json!({
            "type": "Feature",
            "properties": { "building": "yes" },
            "geometry": { "type": "Polygon", "coordinates": [[
                [west, south], [east, south], [east, north], [west, north], [west, south]
            ]] },
        })
    };
    let features: Vec<Value> = wests.iter().map(house).collect();
    let collection = serde_json::json!({ "type": "FeatureCollection", "features": features });
    fs::write(path, collection.to_string()).unwrap();
}

#[test]
fn a_file_without_a_key_is_matched_by_geometry() {
    let folder = tempfile::tempdir().unwrap();
    let url = CLUSTER.create_database();
    let path = folder.path().join("houses.geojson");
    let import = || {
        let file = path.to_str().unwrap();
        let output = run(&["import", "building", file, "--json", "--database-url", &url]);
        assert!(output.status.success(), "{output:?}");
        reports(&output).remove(0)
    };
    houses(&path, &[108.21, 108.22, 108.22]);
    let first = import();
    assert_eq!(numbers(&first), [3, 3, 0, 0, 0, 0]);
    assert_eq!(first["matched_by_geometry"], 3);
    assert_eq!(numbers(&import()), [3, 0, 0, 3, 0, 0]);
    houses(&path, &[108.215, 108.22, 108.22]);
    assert_eq!(numbers(&import()), [3, 1, 0, 2, 1, 0]);
}

#[test]
fn a_source_is_the_same_wherever_its_file_lies_and_a_second_name_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let url = CLUSTER.create_database();
    let import = |path: &Path, more: &[&str]| {
        let args = ["import", "building", path.to_str().unwrap(), "--database-url", &url];
        let output = run(&[&args[..], more].concat());
        assert!(output.status.success(), "{output:?}");
        output
    };
    let [here, there] = ["here", "there"].map(|name| folder.path().join(name));
    for place in [&here, &there] {
        fs::create_dir(place).unwrap();
        houses(&place.join("houses.geojson"), &[108.21, 108.22]);
    }
    import(&here.join("houses.geojson"), &[]);
    let moved = import(&there.join("houses.geojson"), &["--json"]);
    assert_eq!(numbers(&reports(&moved)[0]), [2, 0, 0, 2, 0, 0]);
    // An export that calls itself after its day is the same source all the same.
    let mut dated: Value =
        serde_json::from_str(&fs::read_to_string(there.join("houses.geojson")).unwrap()).unwrap();
    dated["name"] = "houses_2026_11_22".into();
    fs::write(there.join("houses.geojson"), dated.to_string()).unwrap();
    let renamed = import(&there.join("houses.geojson"), &["--json"]);
    assert_eq!(reports(&renamed)[0]["source"], "houses.geojson");
    assert_eq!(numbers(&reports(&renamed)[0]), [2, 0, 0, 2, 0, 0]);
    let named = import(&there.join("houses.geojson"), &["--source", "survey", "--dry-run"]);
    let said = String::from_utf8_lossy(&named.stdout);
    assert!(said.contains("building ← survey") && said.contains("warning: 2 records"), "{said}");
    let whole = import(&there.join("houses.geojson"), &["--source", "survey", "--json"]);
    assert_eq!(reports(&whole)[0]["keys_in_other_sources"], 2);
    let tables = ["import_run", "feature_identity", "feature_fault"];
    for table in tables {
        let query = format!("SELECT DISTINCT source FROM urbis.{table}");
        let output = Command::new("psql").args(["-XAtq", "-c", &query, &url]).output().unwrap();
        let sources = String::from_utf8(output.stdout).unwrap();
        assert!(sources.lines().all(|source| !source.contains('/')), "{table}: {sources}");
    }
}

#[test]
fn a_drawing_is_read_in_the_crs_that_somebody_states_and_its_rejects_are_shown() {
    let url = CLUSTER.create_database();
    let drawing = "tests/fixtures/ingest/houses.dxf";
    let import = |more: &[&str]| {
        let args = ["import", "building", drawing, "--json", "--database-url", &url];
        run(&[&args[..], more].concat())
    };
    let refused = import(&[]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--crs EPSG:n"), "{refused:?}");
    let read = import(&["--crs", "EPSG:5899"]);
    assert!(read.status.success(), "{read:?}");
    let report = &reports(&read)[0];
    assert!(report["inserted"].as_u64().unwrap() >= 8, "{report}");
    assert_eq!(import(&["--crs", "5899"]).status.code(), Some(2));
    // Points of the drawing far from the CRS's area are rejects, in a dry run too.
    let elsewhere = import(&["--crs", "EPSG:4326", "--dry-run"]);
    let report = &reports(&elsewhere)[0];
    let sample = report["reject_sample"].as_array().unwrap();
    assert_eq!(sample.len() as u64, report["rejected"].as_u64().unwrap().min(20), "{report}");
    assert_eq!(sample[0]["code"], "coordinates_out_of_range", "{report}");
    assert!(sample[0]["row"].as_u64().unwrap() > 0 && sample[0]["detail"].is_string());
}

#[test]
fn a_rejected_record_closes_nothing_and_the_report_says_what_stays() {
    let folder = tempfile::tempdir().unwrap();
    let url = CLUSTER.create_database();
    let path = folder.path().join("houses.geojson");
    let import = || {
        let output = run(&["import", "building", path.to_str().unwrap(), "--database-url", &url]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    houses(&path, &[108.21, 108.22]);
    import();
    // The second house lost its place, and with it what it is known by.
    houses(&path, &[108.21, 300.0]);
    let said = import();
    assert!(said.contains("1 features stay though their record did not come"), "{said}");
    let closed = said.lines().find(|line| line.trim_start().starts_with("closed")).unwrap();
    assert!(closed.ends_with(" 0"), "{said}");
}

#[test]
fn too_many_rejects_end_with_4_and_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let url = CLUSTER.create_database();
    let path = folder.path().join("houses.geojson");
    // No longitude is 300.
    houses(&path, &[300.0; 150]);
    let file = path.to_str().unwrap();
    let refused = run(&["import", "building", file, "--json", "--database-url", &url]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    let shown = &reports(&refused)[0];
    assert_eq!([&shown["layer"], &shown["source"]], ["building", "houses.geojson"]);
    let error = &shown["error"];
    assert_eq!(error["code"], "too_many_rejects", "{shown}");
    assert!(error["rejected"].as_u64().unwrap() > error["limit"].as_u64().unwrap(), "{shown}");
}

#[test]
fn a_missing_file_or_clip_publishes_nothing_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let (file, url) = (wards(folder.path()), CLUSTER.create_database());
    for (args, code) in [
        (&["import", "admin_unit", "/nowhere/wards_2025.geojson"][..], "source_not_a_file"),
        (&["import", "admin_unit", &file, "--clip", "admin_unit:none"], "feature_not_found"),
    ] {
        let output = run(&[args, &["--json", "--database-url", &url]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(reports(&output)[0]["error"]["code"], code, "{output:?}");
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
