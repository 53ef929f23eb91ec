//! The same features come out of every format.

use urbis_catalog::Source;
use urbis_model::AttributeValue;

use crate::support::{
    OFFICE, attribute, fixture, geometry, layer, layer_from, positions, read, source, text,
};

/// The projected files were written with PROJ; KML and GeoJSON carry enough digits.
const TOLERANCE_M: f64 = 0.001;

#[test]
fn wards_are_the_same_out_of_every_format_and_crs() {
    let layer = layer("admin_unit");
    let expected = read(&layer, &source(&layer, "EPSG:5899", None), &fixture("wards.gpkg")).records;
    assert_eq!(expected.len(), 4);
    let formats = [
        ("wards.geojson", "EPSG:4326"),
        ("wards.shp", "EPSG:5899"),
        ("wards.fgb", "EPSG:3406"),
        ("wards.kml", "EPSG:4326"),
    ];
    for (file, crs) in formats {
        let mut source = source(&layer, crs, None);
        if file == "wards.shp" {
            source.fields.retain(|name, _| !name.ends_with("_en"));
        }
        let reading = read(&layer, &source, &fixture(file));
        assert_eq!((reading.summary.sound, reading.summary.rejected), (4, 0), "{file}");
        for wanted in &expected {
            let same = |record: &&urbis_model::ImportRecord| record.source_key == wanted.source_key;
            let record = reading.records.iter().find(same).expect(file);
            for name in ["code", "type", "name", "full_name", "area_km2"] {
                let found = attribute(&layer, record, name);
                assert_eq!(found, attribute(&layer, wanted, name), "{file} {name}");
            }
            let ((found, srid), (wanted, _)) = (geometry(record), geometry(wanted));
            assert_eq!(srid, 5899);
            assert_eq!(positions(&found).len(), positions(&wanted).len(), "{file}");
            // A shapefile may begin a ring elsewhere or turn it round.
            let off = (found.area() / wanted.area() - 1.0).abs();
            assert!(off < 1e-6, "{file}: the area is {off} of itself off");
            for (x, y) in positions(&found) {
                let near = |(a, b): &(f64, f64)| (a - x).hypot(b - y) < TOLERANCE_M;
                assert!(positions(&wanted).iter().any(near), "{file}: {x},{y}");
            }
        }
    }
}

#[test]
fn a_survey_table_with_northing_as_x_and_decimal_commas_gives_points() {
    let layer = layer_from(OFFICE);
    let reading = read(&layer, &layer.sources[0], &fixture("offices.csv"));
    assert_eq!(reading.summary.sound, 4);
    let office = &reading.records[1];
    assert_eq!(text(&layer, office, "name"), "Hải Châu");
    assert_eq!(attribute(&layer, office, "area_km2"), &AttributeValue::Float(7.58));
    let (point, srid) = geometry(office);
    assert_eq!(srid, 5899);
    assert_eq!(positions(&point), [(550_024.477, 1_778_039.626)]);
}

#[test]
fn closed_lines_of_a_drawing_are_polygons() {
    let layer = layer("building");
    let mut source = source(&layer, "EPSG:5899", Some("entities"));
    source.filter = [("Layer".to_owned(), vec!["NHA".to_owned()])].into();
    source.fields = [("osm_id".to_owned(), vec!["EntityHandle".to_owned()])].into();
    source.constants = [("use".to_owned(), "yes".into())].into();
    let reading = read(&layer, &source, &fixture("houses.dxf"));
    assert_eq!((reading.summary.sound, reading.summary.rejected), (8, 0));
    for record in &reading.records {
        assert_eq!(text(&layer, record, "use"), "unspecified");
        let (polygon, _) = geometry(record);
        assert!(polygon.area() > 1.0, "{} m²", polygon.area());
    }
}

#[test]
fn osm_xml_and_pbf_give_the_same_buildings_and_the_relation_keeps_its_hole() {
    let layer = layer("building");
    let source = &layer.sources[0];
    let xml = read(&layer, source, &fixture("block.osm"));
    let pbf = read(&layer, source, &fixture("block.osm.pbf"));
    assert_eq!(xml.records, pbf.records);
    let keys: Vec<_> = xml.records.iter().map(|record| record.source_key.as_str()).collect();
    assert_eq!(xml.summary.sound, 5, "{keys:?}");
    let relation =
        xml.records.iter().find(|record| record.source_key == "r15069162").expect("the relation");
    let (shape, _) = geometry(relation);
    assert_eq!((shape.geometry_count(), shape.get_geometry(0).geometry_count()), (1, 2));
    assert!(keys.contains(&"w118672409"));
}

#[test]
fn osm_ways_are_lines_unless_they_are_areas_and_tags_keep_their_colons() {
    let layer = layer("road_segment");
    let reading = read(&layer, &layer.sources[0], &fixture("block.osm.pbf"));
    let keys: Vec<_> = reading.records.iter().map(|record| record.source_key.as_str()).collect();
    assert_eq!(reading.summary.read, 6, "{keys:?}");
    // highway=pedestrian, area=yes
    assert!(!keys.contains(&"w1380241829"));
    let english = |record| !attribute(&layer, record, "name_en").is_null();
    assert!(reading.records.iter().any(english), "name:en is read");
}

#[test]
fn text_in_a_legacy_encoding_is_rejected_with_its_bytes() {
    let mut layer = layer("admin_unit");
    layer.import.max_rejects = 100;
    let source = Source {
        fields: [
            ("code".to_owned(), vec!["MA_XA".to_owned()]),
            ("name".to_owned(), vec!["TEN_XA".to_owned()]),
        ]
        .into(),
        ..source(&layer, "EPSG:5899", None)
    };
    let reading = read(&layer, &source, &fixture("wards_tcvn3.shp"));
    assert_eq!((reading.summary.rejected, reading.summary.read), (15, 15));
    for reject in &reading.rejects {
        assert_eq!(reject.code, "text_not_utf8");
        assert_eq!(reject.detail, "the text of TEN_XA is not UTF-8");
    }
    // "Phường Hải Vân" in TCVN3, byte for byte.
    let raw = String::from_utf8(reading.rejects[0].raw.clone()).unwrap();
    assert!(raw.contains(r#""TEN_XA":{"hex":"5068adea6e672048b6692056a96e"}"#), "{raw}");
    assert!(raw.contains(r#""MA_XA":"20194""#), "{raw}");
}
