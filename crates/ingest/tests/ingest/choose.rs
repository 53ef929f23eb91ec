//! Files that someone names on the command line.

use std::fs;

use std::collections::BTreeSet;
use std::path::PathBuf;

use tempfile::TempDir;
use urbis_ingest::choose_source;
use urbis_model::{AttributeValue, Srid};

use crate::support::{
    OFFICE, attribute, fixture, geometry, layer, layer_from, positions, read, root, text, try_read,
};

/// A table in a folder of its own.
fn table(name: &str, lines: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, lines).unwrap();
    (dir, path)
}

#[test]
fn a_file_that_the_layer_names_is_read_as_the_layer_says() {
    let layer = layer("admin_unit");
    let path = root().join("data/danang/wards_2025.geojson");
    assert_eq!(choose_source(&layer, &path, None).unwrap(), layer.sources[0]);
}

#[test]
fn any_other_file_is_read_by_the_known_field_names_in_its_own_crs() {
    let layer = layer("admin_unit");
    for (file, crs) in [("wards.gpkg", "EPSG:5899"), ("wards.fgb", "EPSG:3406")] {
        let source = choose_source(&layer, &fixture(file), None).unwrap();
        assert_eq!(source.crs, crs);
        assert_eq!(source.licence, "not stated");
        assert_eq!(read(&layer, &source, &fixture(file)).summary.sound, 4, "{file}");
    }
    let source = choose_source(&layer, &fixture("wards.shp"), None).unwrap();
    assert_eq!(source.fields["code"], ["MA_XA"]);
}

#[test]
fn another_osm_file_is_read_like_the_layers_own() {
    let layer = layer("building");
    let source = choose_source(&layer, &fixture("block.osm"), None).unwrap();
    let first = &layer.sources[0];
    assert_eq!((&source.fields, &source.filter), (&first.fields, &first.filter));
    assert_eq!(read(&layer, &source, &fixture("block.osm")).summary.read, 5);
}

#[test]
fn a_file_without_a_crs_is_refused_until_somebody_states_it() {
    let layer = layer("admin_unit");
    let dir = TempDir::new().unwrap();
    for end in ["shp", "dbf", "shx"] {
        fs::copy(fixture(&format!("wards.{end}")), dir.path().join(format!("wards.{end}")))
            .unwrap();
    }
    let path = dir.path().join("wards.shp");
    let error = choose_source(&layer, &path, None).unwrap_err();
    assert_eq!(error.code(), "crs_unknown");
    assert!(error.to_string().contains("--crs EPSG:n"), "{error}");
    let source = choose_source(&layer, &path, Some(Srid(5899))).unwrap();
    assert_eq!(read(&layer, &source, &path).summary.sound, 4);
}

#[test]
fn a_stated_crs_never_overrides_the_files_own() {
    let layer = layer("admin_unit");
    let path = fixture("wards.gpkg");
    let source = choose_source(&layer, &path, Some(Srid(3406))).unwrap();
    let error = try_read(&layer, &source, &path, None).err().unwrap();
    assert_eq!(error.code(), "crs_mismatch");
}

#[test]
fn a_source_is_called_by_its_files_name_and_not_by_its_folder() {
    let source = choose_source(&layer("admin_unit"), &fixture("wards.gpkg"), None).unwrap();
    assert_eq!(source.file, "wards.gpkg");
}

#[test]
fn records_of_a_file_without_a_key_are_told_apart_by_their_geometry() {
    let layer = layer("building");
    let path = fixture("houses.dxf");
    let source = choose_source(&layer, &path, Some(Srid(5899))).unwrap();
    let reading = read(&layer, &source, &path);
    let keys: BTreeSet<_> = reading.records.iter().map(|r| r.source_key.clone()).collect();
    assert!(reading.records.len() >= 8 && keys.len() == reading.records.len(), "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with("geometry:")), "{keys:?}");
    let again = read(&layer, &source, &path);
    assert!(again.records.iter().all(|record| keys.contains(&record.source_key)));
    for record in &reading.records {
        assert_eq!(attribute(&layer, record, "osm_id"), &AttributeValue::Null);
        let is_lost = |fault: &&urbis_model::Fault| fault.detail.contains("osm_id");
        assert_eq!(record.faults.iter().find(is_lost), None);
    }
}

#[test]
fn equal_geometries_without_a_key_are_numbered() {
    let layer = layer_from(OFFICE);
    let (_dir, path) =
        table("posts.csv", "TEN,lon,lat\nMột,108.2,16.06\nHai,108.2,16.06\nBa,108.21,16.06\n");
    let source = choose_source(&layer, &path, Some(Srid(4326))).unwrap();
    let records = read(&layer, &source, &path).records;
    let names: Vec<_> = records.iter().map(|record| text(&layer, record, "name")).collect();
    assert_eq!(names, ["Một", "Hai", "Ba"]);
    assert_eq!(records[1].source_key, format!("{}#2", records[0].source_key));
    assert_ne!(records[2].source_key, records[0].source_key);
}

#[test]
fn a_part_of_a_key_is_not_a_key() {
    let text = OFFICE.replace("key = \"code\"", "key = [\"code\", \"name\"]");
    let (_dir, path) = table("posts.csv", "TEN,lon,lat\nMột,108.2,16.06\n");
    let error = choose_source(&layer_from(&text), &path, Some(Srid(4326))).unwrap_err();
    assert_eq!(error.code(), "missing_field");
}

#[test]
fn the_columns_of_points_are_found_as_the_layer_or_custom_names_them() {
    let office = layer_from(OFFICE);
    // This layer's own survey tables call the northing X.
    let free = layer_from(&OFFICE.replace("xy = [\"Y\", \"X\"]\n", ""));
    let metres = ["550024,477", "1778039,626"];
    let degrees = ["108.2193", "16.0759"];
    let cases = [
        (&office, "Y;X", metres, 5899),
        (&free, "X;Y", metres, 5899),
        (&free, "X(m);Y(m)", metres, 5899),
        (&free, "Easting;Northing", metres, 5899),
        (&free, "lon;lat", degrees, 4326),
        (&free, "Kinh độ;Vĩ độ", degrees, 4326),
        (&free, "KINH ĐỘ;VĨ ĐỘ", degrees, 4326),
    ];
    for (layer, columns, [x, y], srid) in cases {
        let (_dir, path) = table("points.csv", &format!("MA;TEN;{columns}\n1;A;{x};{y}\n"));
        let source = choose_source(layer, &path, Some(Srid(srid))).unwrap();
        let reading = read(layer, &source, &path);
        assert_eq!(reading.records.len(), 1, "{columns}: {:?}", reading.rejects);
        let [(east, north)] = positions(&geometry(&reading.records[0]).0)[..] else { panic!() };
        let off = (east - 550_024.477).hypot(north - 1_778_039.626);
        assert!(off < 50.0, "{columns}: {off} m off");
    }
}

#[test]
fn a_table_with_a_geometry_of_its_own_is_read_by_that() {
    let layer = layer("building");
    let polygon = "POLYGON ((108.21 16.06, 108.2102 16.06, 108.2102 16.0602, 108.21 16.06))";
    let lines = format!("WKT,building,lon,lat\n\"{polygon}\",yes,1,2\n");
    let (_dir, path) = table("houses.csv", &lines);
    let source = choose_source(&layer, &path, Some(Srid(4326))).unwrap();
    let reading = read(&layer, &source, &path);
    assert_eq!((reading.summary.sound, reading.summary.rejected), (1, 0), "{:?}", reading.rejects);
}

#[test]
fn exchanged_axes_are_rejected_with_a_hint() {
    let layer = layer_from(&OFFICE.replace("xy = [\"Y\", \"X\"]\n", ""));
    let (_dir, path) = table("points.csv", "MA;TEN;X;Y\n1;A;1778039,626;550024,477\n");
    let source = choose_source(&layer, &path, Some(Srid(5899))).unwrap();
    let reject = &read(&layer, &source, &path).rejects[0];
    assert_eq!(reject.code, "coordinates_out_of_range");
    assert!(reject.detail.contains("x and y exchanged"), "{}", reject.detail);
}
