//! Files that someone names on the command line.

use std::fs;

use tempfile::TempDir;
use urbis_ingest::choose_source;

use crate::support::{fixture, layer, read, root};

#[test]
fn a_file_that_the_layer_names_is_read_as_the_layer_says() {
    let layer = layer("admin_unit");
    let path = root().join("data/danang/wards_2025.geojson");
    assert_eq!(choose_source(&layer, &path).unwrap(), layer.sources[0]);
}

#[test]
fn any_other_file_is_read_by_the_known_field_names_in_its_own_crs() {
    let layer = layer("admin_unit");
    for (file, crs) in [("wards.gpkg", "EPSG:5899"), ("wards.fgb", "EPSG:3406")] {
        let source = choose_source(&layer, &fixture(file)).unwrap();
        assert_eq!(source.crs, crs);
        assert_eq!(source.licence, "not stated");
        assert_eq!(read(&layer, &source, &fixture(file)).summary.sound, 4, "{file}");
    }
    let source = choose_source(&layer, &fixture("wards.shp")).unwrap();
    assert_eq!(source.fields["code"], ["MA_XA"]);
}

#[test]
fn another_osm_file_is_read_like_the_layers_own() {
    let layer = layer("building");
    let source = choose_source(&layer, &fixture("block.osm")).unwrap();
    let first = &layer.sources[0];
    assert_eq!((&source.fields, &source.filter), (&first.fields, &first.filter));
    assert_eq!(read(&layer, &source, &fixture("block.osm")).summary.read, 5);
}

#[test]
fn a_file_without_a_crs_or_a_key_is_refused() {
    let layer = layer("admin_unit");
    let dir = TempDir::new().unwrap();
    for end in ["shp", "dbf", "shx"] {
        fs::copy(fixture(&format!("wards.{end}")), dir.path().join(format!("wards.{end}")))
            .unwrap();
    }
    let error = choose_source(&layer, &dir.path().join("wards.shp")).unwrap_err();
    assert_eq!(error.code(), "crs_unknown");
    let error = choose_source(&self::layer("building"), &fixture("wards.gpkg")).unwrap_err();
    assert_eq!(error.code(), "missing_field");
}
