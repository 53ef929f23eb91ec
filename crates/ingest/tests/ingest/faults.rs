//! What stops a reading, and that nothing else does.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use urbis_catalog::Source;
use urbis_ingest::{IngestError, ReadOptions, Silent, Stop, read_source};
use urbis_model::{AttributeValue, ImportItem};

use crate::support::{
    OFFICE, attribute, fixture, layer, layer_from, read_features, root, source, text, try_read,
};

fn refusal(layer: &str, source: &Source, path: &Path) -> IngestError {
    let reading = try_read(&self::layer(layer), source, path, None);
    reading.map(|reading| reading.summary).expect_err(&path.display().to_string())
}

#[test]
fn a_file_in_another_crs_than_declared_stops_the_reading() {
    let layer = layer("admin_unit");
    for (file, declared, found) in [
        ("wards.gpkg", "EPSG:4326", "EPSG:5899"),
        ("wards.shp", "EPSG:3406", "EPSG:5899"),
        ("wards.geojson", "EPSG:5899", "EPSG:4326"),
    ] {
        let error = refusal("admin_unit", &source(&layer, declared, None), &fixture(file));
        assert_eq!(error.code(), "crs_mismatch");
        assert_eq!(
            error.to_string(),
            format!(
                "source of layer 'admin_unit' is in {found}, its definition or --crs says {declared}"
            )
        );
    }
}

#[test]
fn the_withdrawn_crs_of_old_files_is_taken_for_the_right_one() {
    let dir = TempDir::new().unwrap();
    for end in ["shp", "dbf", "shx"] {
        fs::copy(fixture(&format!("wards.{end}")), dir.path().join(format!("wards.{end}")))
            .unwrap();
    }
    let old = gdal::spatial_ref::SpatialRef::from_epsg(6959).unwrap();
    fs::write(dir.path().join("wards.prj"), old.to_wkt().unwrap()).unwrap();
    let layer = layer("admin_unit");
    let mut source = source(&layer, "EPSG:5899", None);
    source.fields.retain(|name, _| !name.ends_with("_en"));
    let reading = try_read(&layer, &source, &dir.path().join("wards.shp"), None).unwrap();
    assert_eq!(reading.summary.sound, 4);
}

#[test]
fn a_field_or_layer_that_the_file_does_not_have_stops_the_reading() {
    let layer = layer("admin_unit");
    let mut wrong = source(&layer, "EPSG:4326", None);
    wrong.fields.insert("area_km2".to_owned(), vec!["DT".to_owned(), "S".to_owned()]);
    let error = refusal("admin_unit", &wrong, &fixture("wards.geojson"));
    assert_eq!(error.code(), "missing_field");
    assert!(error.to_string().contains("no field 'DT/S', only [\"id\", \"code\""), "{error}");

    let wrong = source(&layer, "EPSG:4326", Some("streets"));
    let error = refusal("admin_unit", &wrong, &fixture("wards.geojson"));
    assert_eq!(error.code(), "unknown_source_layer");
    assert!(error.to_string().contains("'streets', only [\"wards\"]"), "{error}");
}

#[test]
fn one_unknown_code_of_several_is_named_and_leaves_the_attribute_empty() {
    let use_ = "[[attributes]]\nname = \"use\"\ntitle = { vi = \"a\", en = \"a\" }\ntype = \"codes\"\n\
        values = { ONT = { vi = \"a\", en = \"a\" }, CLN = { vi = \"a\", en = \"a\", from = [\"Cây\"] } }\n\n";
    let definition = OFFICE.replacen("[[examples]]", &format!("{use_}[[examples]]"), 1);
    let layer =
        layer_from(&definition.replace("name = [\"TEN\"]", "name = [\"TEN\"], use = [\"USE\"]"));
    let source = Source { xy: None, ..source(&layer, "EPSG:4326", None) };
    let feature = |code: u8, found: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"MA":"{code}","TEN":"a","DIEN_TICH":1,"USE":"{found}"}},"geometry":{{"type":"Point","coordinates":[108.2,16.0]}}}}"#
        )
    };
    let features = [feature(1, "cây ; ONT"), feature(2, "ONT+XYZ")];
    let reading = read_features(&layer, &source, &features.each_ref().map(String::as_str));
    let [good, bad] = &reading.records[..] else { panic!("{}", reading.records.len()) };
    assert_eq!(text(&layer, good, "use"), "CLN+ONT");
    assert!(good.faults.is_empty(), "{:?}", good.faults);
    assert_eq!(attribute(&layer, bad, "use"), &AttributeValue::Null);
    let [fault] = &bad.faults[..] else { panic!("{:?}", bad.faults) };
    assert_eq!((fault.code, fault.detail.as_str()), ("code_unknown", "use: 'XYZ' is in no list"));
}

#[test]
fn a_file_that_is_cut_off_stops_the_reading() {
    let dir = TempDir::new().unwrap();
    let cases = [
        ("admin_unit", "wards.geojson", "EPSG:4326"),
        ("admin_unit", "wards.fgb", "EPSG:3406"),
        ("admin_unit", "wards.gpkg", "EPSG:5899"),
        ("admin_unit", "wards.kml", "EPSG:4326"),
        ("building", "block.osm", "EPSG:4326"),
        ("building", "block.osm.pbf", "EPSG:4326"),
    ];
    for (name, file, crs) in cases {
        let bytes = fs::read(fixture(file)).unwrap();
        let layer = layer(name);
        let source = Source { crs: crs.to_owned(), ..layer.sources[0].clone() };
        for part in [0, 1, 3] {
            let path = dir.path().join(file);
            fs::write(&path, &bytes[..bytes.len() * part / 4]).unwrap();
            let error = refusal(name, &source, &path);
            let code = error.code();
            let is_known =
                ["source_unreadable", "source_broken", "unknown_source_layer"].contains(&code);
            assert!(is_known, "{file} to {part}/4: {code}");
        }
    }
}

#[test]
fn only_files_in_known_formats_are_opened() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let secret = fixture("wards.geojson");
    let vrt = format!(
        "<OGRVRTDataSource><OGRVRTLayer name=\"wards\"><SrcDataSource>{}</SrcDataSource>\
         </OGRVRTLayer></OGRVRTDataSource>",
        secret.display()
    );
    let wfs = "<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>";
    let layer = layer("admin_unit");
    let source = &layer.sources[0];
    for path in [write("a.vrt", &vrt), write("b.geojson", &vrt), write("c.xml", wfs)] {
        assert_eq!(refusal("admin_unit", source, &path).code(), "source_unreadable");
    }
    let zip = format!("/vsizip/{}", secret.display());
    for path in ["/vsistdin/", zip.as_str(), "PG:dbname=postgres", "/dev/zero", "", "nowhere.shp"] {
        let error = refusal("admin_unit", source, Path::new(path));
        assert_eq!(error.code(), "source_not_a_file", "{path}");
    }
    assert_eq!(refusal("admin_unit", source, dir.path()).code(), "source_not_a_file");
}

#[test]
fn too_many_rejects_stop_the_reading_after_they_were_handed_over() {
    let mut layer = layer_from(OFFICE);
    layer.import.max_rejects = 2;
    let mut source = layer.sources[0].clone();
    // The columns the wrong way round: every point is off the map.
    source.xy = Some(["X".to_owned(), "Y".to_owned()]);
    let mut rejects = Vec::new();
    let mut sink = |items: Vec<ImportItem>| {
        rejects.extend(items);
        Ok(())
    };
    let path = fixture("offices.csv");
    let options = ReadOptions::default();
    let error = read_source(&layer, &source, &path, &options, &mut sink, &Silent).unwrap_err();
    assert_eq!(error.code(), "too_many_rejects");
    assert_eq!(error.to_string(), "rejected 3 of 3 features of layer 'office', limit is 2");
    assert_eq!(rejects.len(), 3);
    for item in rejects {
        let ImportItem::Reject(reject) = item else { panic!("{item:?}") };
        assert_eq!(reject.code, "coordinates_out_of_range");
    }
}

#[test]
fn a_receiver_that_wants_no_more_ends_the_reading() {
    let layer = layer("road_segment");
    let path = root().join("data/danang/haichau.osm.pbf");
    let mut batches = 0;
    let mut sink = |_: Vec<ImportItem>| {
        batches += 1;
        if batches == 2 { Err(Stop) } else { Ok(()) }
    };
    let options = ReadOptions::default();
    let error = read_source(&layer, &layer.sources[0], &path, &options, &mut sink, &Silent);
    assert_eq!(error.unwrap_err().code(), "stopped");
    assert_eq!(batches, 2);
}
