//! The layer files of the program and the files of its city.

use std::collections::BTreeSet;

use urbis_catalog::Example;
use urbis_ingest::run_example;
use urbis_model::AttributeValue;

use crate::support::{Reading, attribute, catalog, geometry, layer, read, root, text};

fn read_city(name: &str) -> Reading {
    let layer = layer(name);
    let path = root().join("data/danang").join(&layer.sources[0].file);
    let reading = read(&layer, &layer.sources[0], &path);
    let keys: BTreeSet<_> = reading.records.iter().map(|record| &record.source_key).collect();
    assert_eq!(keys.len(), reading.records.len(), "a key twice");
    reading
}

#[test]
fn every_example_of_every_layer_shows_what_happens() {
    for layer in catalog().layers() {
        for example in &layer.examples {
            if let Err(failure) = run_example(layer, example) {
                panic!("{}, '{}': {failure}", layer.id, example.title);
            }
        }
    }
}

#[test]
fn an_example_that_is_wrong_is_found_out() {
    let mut layer = layer("road_segment");
    let mut example = layer.examples.remove(0);
    let failure = |example: &Example| run_example(&layer, example).unwrap_err().to_string();
    example.output.as_mut().unwrap().insert("lanes".to_owned(), 4.into());
    assert!(failure(&example).contains("'lanes' is Int(3), wanted 4"));
    example.output = None;
    example.reject = Some("geometry_kind".to_owned());
    assert!(failure(&example).contains("it is published, wanted reject geometry_kind"));
    example.reject = None;
    example.input.insert("lanes".to_owned(), "many".into());
    assert!(failure(&example).contains("attribute_unparsable (lanes: 'many'"));
    example.input.remove("highway");
    assert!(failure(&example).contains("leaves the record out"));
}

#[test]
fn all_94_wards_of_the_city_import_without_a_fault() {
    let layer = layer("admin_unit");
    let reading = read_city("admin_unit");
    assert_eq!((reading.summary.sound, reading.summary.read), (94, 94));
    let of_type = |kind: &str| {
        reading.records.iter().filter(|record| text(&layer, record, "type") == kind).count()
    };
    // Resolution 1659/NQ-UBTVQH15: 23 wards, 70 communes, one special zone.
    assert_eq!([of_type("ward"), of_type("commune"), of_type("special_zone")], [23, 70, 1]);
    let (mut published, mut drawn) = (0.0, 0.0);
    for record in &reading.records {
        assert_eq!(record.valid_from.as_deref(), Some("2025-07-01T00:00:00+07:00"));
        assert_eq!(geometry(record).1, 5899);
        // The shape at sea is not the land that the published area counts.
        if let (AttributeValue::Float(area), "ward" | "commune") =
            (attribute(&layer, record, "area_km2"), text(&layer, record, "type"))
        {
            published += area;
            drawn += geometry(record).0.area() / 1e6;
        }
    }
    // Two sources that know nothing of each other: the decree and the plane area of the shapes.
    assert!((drawn / published - 1.0).abs() < 0.01, "{drawn} and {published} km²");
}

#[test]
fn the_buildings_and_roads_of_the_centre_import() {
    let buildings = read_city("building").summary;
    assert_eq!((buildings.read, buildings.rejected, buildings.flagged), (314, 0, 0));
    let roads = read_city("road_segment").summary;
    // 1 525 ways with a highway tag, four of them areas. One has service=all.
    assert_eq!((roads.read, roads.rejected, roads.flagged), (1521, 0, 1));
}
