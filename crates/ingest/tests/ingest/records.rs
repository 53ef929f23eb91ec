//! What becomes of single records, good and bad.

use gdal::vector::Geometry;
use urbis_catalog::{Layer, OnInvalid};
use urbis_ingest::Clip;
use urbis_model::{GeometryKind, Srid};

use crate::support::{Reading, fixture, geometry, layer, read_features, root, source, try_read};

const BOW_TIE: &str = "[[[108.2,16.0],[108.3,16.1],[108.3,16.0],[108.2,16.1],[108.2,16.0]]]";

/// The layer of wards without the limit on rejects.
fn wards() -> Layer {
    let mut layer = layer("admin_unit");
    layer.import.max_rejects = 1_000;
    layer
}

fn feature(code: &str, geometry: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":{code},"name":"A","nameEn":"A","fullName":"Xã A","fullNameEn":"A","areaKm2":1}},"geometry":{geometry}}}"#
    )
}

fn polygon(rings: &str) -> String {
    feature("\"1\"", &format!(r#"{{"type":"Polygon","coordinates":{rings}}}"#))
}

fn read_one(layer: &Layer, feature: &str) -> Reading {
    read_features(layer, &source(layer, "EPSG:4326", None), &[feature])
}

#[test]
fn a_geometry_that_cannot_be_drawn_is_rejected_with_its_code() {
    let ring = |positions: &str| polygon(&format!("[[{positions}]]"));
    let cases = [
        (feature("\"1\"", "null"), "geometry_missing"),
        (feature("\"1\"", r#"{"type":"Polygon","coordinates":[]}"#), "geometry_missing"),
        (feature("\"1\"", r#"{"type":"Point","coordinates":[108.2,16.0]}"#), "geometry_kind"),
        (
            feature("\"1\"", r#"{"type":"LineString","coordinates":[[108.2,16],[108.3,16]]}"#),
            "geometry_kind",
        ),
        (
            feature(
                "\"1\"",
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[108.2,16]},{"type":"Polygon","coordinates":[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]}]}"#,
            ),
            "geometry_kind",
        ),
        // Latitude and longitude the wrong way round.
        (ring("[16.0,108.2],[16.0,108.3],[16.1,108.3],[16.0,108.2]"), "coordinates_out_of_range"),
        (ring("[0,0],[0,1],[1,1],[0,0]"), "coordinates_out_of_range"),
        (ring("[1e999,0],[0,1],[1,1],[1e999,0]"), "coordinates_out_of_range"),
        (ring("[108.2,16.0],[108.3,16.0],[108.2,16.0]"), "geometry_degenerate"),
        (
            feature(
                "null",
                r#"{"type":"Polygon","coordinates":[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]}"#,
            ),
            "key_missing",
        ),
        (
            feature(
                "\"  \"",
                r#"{"type":"Polygon","coordinates":[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]}"#,
            ),
            "key_missing",
        ),
    ];
    let good = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]")
        .replace("\"1\"", "\"good\"");
    for (feature, code) in &cases {
        let layer = wards();
        let reading = read_features(&layer, &source(&layer, "EPSG:4326", None), &[feature, &good]);
        let codes: Vec<_> = reading.rejects.iter().map(|reject| reject.code).collect();
        assert_eq!(codes, [*code], "{feature}");
        assert_eq!(reading.rejects[0].source_row, 1);
        assert_eq!(reading.records.len(), 1, "the good one after it is read");
    }
}

#[test]
fn an_invalid_geometry_is_flagged_rejected_or_repaired_as_the_layer_says() {
    let mut layer = wards();
    layer.on_invalid = OnInvalid::Flag;
    let flagged = read_one(&layer, &polygon(BOW_TIE)).records.remove(0);
    assert_eq!(flagged.faults[0].code, "geometry_invalid");
    assert!(flagged.faults[0].detail.contains("Self-intersection"), "{:?}", flagged.faults);
    assert!(!geometry(&flagged).0.is_valid(), "published as it came");
    assert_eq!(flagged.original_ewkb, None);

    layer.on_invalid = OnInvalid::Reject;
    let rejected = read_one(&layer, &polygon(BOW_TIE)).rejects.remove(0);
    assert_eq!(rejected.code, "geometry_invalid");

    layer.on_invalid = OnInvalid::Repair;
    let repaired = read_one(&layer, &polygon(BOW_TIE)).records.remove(0);
    assert_eq!(repaired.faults[0].code, "geometry_invalid");
    let (shape, srid) = geometry(&repaired);
    assert!(shape.is_valid() && shape.area() > 0.0);
    assert_eq!(srid, 5899);
    assert_eq!(repaired.original_ewkb, Some(flagged.geometry_ewkb));
}

#[test]
fn an_open_ring_is_closed_and_flagged() {
    let open = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.1]]]");
    let record = read_one(&wards(), &open).records.remove(0);
    assert_eq!(record.faults[0].detail, "a ring that is not closed");
    assert!(geometry(&record).0.is_valid());
}

#[test]
fn single_parts_become_the_multi_kind_and_heights_are_dropped() {
    let flat = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]");
    let high = polygon("[[[108.2,16.0,5],[108.3,16.0,5],[108.3,16.1,5],[108.2,16.0,5]]]");
    let (flat, high) = (read_one(&wards(), &flat), read_one(&wards(), &high));
    assert_eq!(flat.records[0].geometry_ewkb, high.records[0].geometry_ewkb);
    // Little-endian, MultiPolygon, the SRID flag.
    assert_eq!(flat.records[0].geometry_ewkb[..5], [1, 6, 0, 0, 0x20]);
    assert_ne!(flat.records[0].source_hash, high.records[0].source_hash, "the source changed");
}

#[test]
fn one_point_of_many_is_a_point_and_two_are_another_kind() {
    let mut layer = wards();
    layer.geometry = GeometryKind::Point;
    let points = |list: &str| {
        feature("\"1\"", &format!(r#"{{"type":"MultiPoint","coordinates":[{list}]}}"#))
    };
    assert_eq!(read_one(&layer, &points("[108.2,16.0]")).records.len(), 1);
    let two = read_one(&layer, &points("[108.2,16.0],[108.3,16.0]"));
    assert_eq!(two.rejects[0].code, "geometry_kind");
}

#[test]
fn the_second_record_with_a_key_is_rejected() {
    let layer = wards();
    let one = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]");
    let other = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.2],[108.2,16.0]]]");
    let reading = read_features(&layer, &source(&layer, "EPSG:4326", None), &[&one, &other]);
    assert_eq!(reading.records.len(), 1);
    assert_eq!((reading.rejects[0].code, reading.rejects[0].source_row), ("duplicate_key", 2));
}

#[test]
fn a_missing_required_value_is_a_fault_and_the_record_is_published() {
    let one = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]");
    let record =
        read_one(&wards(), &one.replace(r#""name":"A""#, r#""name":"  ""#)).records.remove(0);
    assert_eq!(record.faults[0].code, "attribute_missing");
    assert_eq!(record.faults[0].detail, "name is missing");
}

#[test]
fn the_hash_follows_the_source_and_not_the_code_list() {
    let one = polygon("[[[108.2,16.0],[108.3,16.0],[108.3,16.1],[108.2,16.0]]]");
    let mut layer = wards();
    let hash = |layer: &Layer, feature: &str| read_one(layer, feature).records[0].source_hash;
    let first = hash(&layer, &one);
    assert_eq!(hash(&layer, &one), first);
    assert_ne!(hash(&layer, &one.replace("Xã A", "Xã B")), first);
    assert_ne!(hash(&layer, &one.replace("16.1]", "16.11]")), first);
    let types = layer.attribute_index("type").unwrap();
    layer.attributes[types].values.shift_remove("commune");
    let record = read_one(&layer, &one).records.remove(0);
    assert_eq!(record.source_hash, first);
    assert_eq!(record.faults[0].code, "code_unknown");
}

#[test]
fn a_clip_keeps_what_shares_a_position_with_the_polygon() {
    let units = layer("admin_unit");
    let path = root().join("data/danang").join(&units.sources[0].file);
    // A box around the centre, as degrees.
    let centre = Geometry::bbox(108.205, 16.045, 108.225, 16.065).unwrap();
    let clip = Clip { wkb: centre.wkb().unwrap(), srid: Srid::WGS84 };
    let reading = try_read(&units, &units.sources[0], &path, Some(clip)).unwrap();
    let expected = {
        let whole = try_read(&units, &units.sources[0], &path, None).unwrap();
        let from = gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap();
        let mut from = from;
        from.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
        let to = gdal::spatial_ref::SpatialRef::from_epsg(5899).unwrap();
        let transform = gdal::spatial_ref::CoordTransform::new(&from, &to).unwrap();
        let centre = centre.transform(&transform).unwrap();
        whole.records.iter().filter(|record| geometry(record).0.intersects(&centre)).count()
    };
    assert!(expected > 1 && expected < 10);
    assert_eq!(reading.records.len(), expected);
    assert_eq!(reading.summary.skipped, 94 - expected as u64);
    // Together they are the keys of the whole source.
    let read = reading.records.iter().map(|record| Some(record.source_key.clone()));
    let mut keys: Vec<_> = read.chain(reading.skipped).collect();
    let whole = try_read(&units, &units.sources[0], &path, None).unwrap();
    assert!(whole.skipped.is_empty());
    let mut wanted: Vec<_> =
        whole.records.iter().map(|record| Some(record.source_key.clone())).collect();
    keys.sort();
    wanted.sort();
    assert_eq!(keys, wanted);
}

/// Three squares: one place twice, another beyond it.
fn squares(code: &str) -> Vec<String> {
    let square = |west: f64| {
        let (east, ring) = (west + 0.01, "[[{w},16.0],[{e},16.0],[{e},16.1],[{w},16.0]]");
        let ring = ring.replace("{w}", &west.to_string()).replace("{e}", &east.to_string());
        feature(code, &format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#))
    };
    vec![square(108.2), square(108.2), square(108.3)]
}

fn read_clipped(layer: &Layer, source: &urbis_catalog::Source, features: &[String]) -> Reading {
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("squares.geojson");
    let list = features.join(",\n");
    std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{list}]}}"#))
        .unwrap();
    let east = Geometry::bbox(108.29, 15.9, 108.4, 16.2).unwrap();
    let clip = Clip { wkb: east.wkb().unwrap(), srid: Srid::WGS84 };
    try_read(layer, source, &path, Some(clip)).unwrap()
}

#[test]
fn geometries_beyond_a_clip_have_the_keys_of_an_unclipped_reading() {
    let layer = wards();
    let mut keyless = source(&layer, "EPSG:4326", None);
    for part in &layer.key {
        keyless.fields.remove(part);
    }
    let features = squares("\"1\"");
    let clipped = read_clipped(&layer, &keyless, &features);
    let lines: Vec<_> = features.iter().map(String::as_str).collect();
    let whole = read_features(&layer, &keyless, &lines);
    let keys: Vec<_> = whole.records.iter().map(|record| Some(record.source_key.clone())).collect();
    assert_eq!(keys[1], keys[0].as_ref().map(|first| format!("{first}#2")));
    assert_eq!(clipped.skipped, keys[..2]);
    assert_eq!(Some(clipped.records[0].source_key.clone()), keys[2]);
}

#[test]
fn a_record_beyond_a_clip_without_a_readable_key_is_skipped_without_one() {
    let layer = wards();
    let reading = read_clipped(&layer, &source(&layer, "EPSG:4326", None), &squares("null"));
    assert_eq!(reading.skipped, [None, None]);
    assert_eq!(reading.rejects[0].code, "key_missing");
}

#[test]
fn a_key_beyond_a_clip_makes_a_later_one_a_duplicate() {
    let layer = wards();
    let reading = read_clipped(&layer, &source(&layer, "EPSG:4326", None), &squares("\"1\""));
    assert_eq!(reading.skipped, [Some("1".to_owned()), Some("1".to_owned())]);
    assert_eq!(reading.rejects[0].code, "duplicate_key");
}

#[test]
fn a_reject_carries_its_key_where_it_can_be_read() {
    let layer = wards();
    let from = source(&layer, "EPSG:4326", None);
    let square = squares("\"7\"").remove(0);
    let bad = [
        feature("\"5\"", "null"),
        feature("null", "null"),
        square.replace("Xã A", "X\u{fffd} A"),
        square.clone(),
    ];
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("bad.geojson");
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, bad.join(",\n"));
    // A name in Windows-1258: no UTF-8.
    let at = text.find('\u{fffd}').unwrap();
    let bytes = [&text.as_bytes()[..at], b"\xe3", &text.as_bytes()[at + 3..]].concat();
    std::fs::write(&path, bytes).unwrap();
    let reading = try_read(&layer, &from, &path, None).unwrap();
    let found: Vec<_> =
        reading.rejects.iter().map(|reject| (reject.code, reject.source_key.as_deref())).collect();
    assert_eq!(
        found,
        [("geometry_missing", Some("5")), ("geometry_missing", None), ("text_not_utf8", Some("7"))]
    );
    assert_eq!(reading.records[0].source_key, "7");
}

#[test]
fn a_clip_that_is_no_geometry_stops_the_reading() {
    let layer = wards();
    let clip = Clip { wkb: vec![1, 2, 3], srid: Srid::WGS84 };
    let from = source(&layer, "EPSG:4326", None);
    let error = try_read(&layer, &from, &fixture("wards.geojson"), Some(clip));
    assert_eq!(error.err().unwrap().code(), "clip_unusable");
}
