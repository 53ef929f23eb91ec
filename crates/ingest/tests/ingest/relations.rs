//! Relations with their members, and the barriers on roads.

use std::collections::{BTreeMap, BTreeSet};

use gdal::vector::Geometry;
use urbis_catalog::{Layer, Source};
use urbis_ingest::{Clip, choose_source};
use urbis_model::{AttributeValue, ImportRecord, Srid};

use crate::support::{
    Reading, attribute, fixture, geometry, layer, positions, read, root, text, try_read,
};

fn turns() -> (Layer, Reading) {
    let layer = layer("turn_restriction");
    let reading = read(&layer, &layer.sources[0], &fixture("turns.osm.pbf"));
    (layer, reading)
}

fn record<'a>(reading: &'a Reading, key: &str) -> &'a ImportRecord {
    reading.records.iter().find(|record| record.source_key == key).expect(key)
}

fn place(record: &ImportRecord) -> (f64, f64) {
    positions(&geometry(record).0)[0]
}

#[test]
fn a_turn_at_a_node_lies_there_and_names_its_roads_whatever_the_order_of_members() {
    let (layer, reading) = turns();
    let turn = record(&reading, "r1");
    let named =
        ["kind", "from_way", "via", "to_way", "source"].map(|name| text(&layer, turn, name));
    assert_eq!(named, ["no_left_turn", "w1", "n3", "w2", "osm"]);
    assert_eq!(place(turn), (108.202, 16.06));
    assert!(turn.faults.is_empty());
}

#[test]
fn a_turn_over_ways_lies_where_the_road_it_comes_from_meets_them() {
    let (layer, reading) = turns();
    let turn = record(&reading, "r2");
    let named =
        ["kind", "from_way", "via", "to_way", "except"].map(|name| text(&layer, turn, name));
    // The relation has its ways in the wrong order, as mappers do.
    assert_eq!(named, ["no_u_turn", "w1", "w3;w2", "w4", "psv+emergency"]);
    assert_eq!(place(turn), (108.202, 16.06));
}

#[test]
fn several_roads_of_one_role_are_all_named() {
    let (layer, reading) = turns();
    let turn = record(&reading, "r8");
    assert_eq!(["kind", "from_way"].map(|name| text(&layer, turn, name)), ["no_entry", "w1;w3"]);
}

#[test]
fn what_is_not_understood_is_published_with_a_fault_and_without_a_kind() {
    let (layer, reading) = turns();
    for (key, code) in [("r3", "code_unknown"), ("r9", "attribute_missing")] {
        let turn = record(&reading, key);
        let codes: Vec<_> = turn.faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [code], "{key}");
        assert_eq!(attribute(&layer, turn, "kind"), &AttributeValue::Null, "{key}");
    }
    let hours = text(&layer, record(&reading, "r3"), "condition");
    assert_eq!(hours, "no_left_turn @ (06:30-08:30)");
}

#[test]
fn a_relation_that_has_lost_a_member_is_rejected_and_kept_whole() {
    let (_, reading) = turns();
    let rejects: BTreeMap<_, _> = reading
        .rejects
        .iter()
        .map(|reject| (reject.source_key.as_deref().unwrap(), reject.code))
        .collect();
    let wanted = [("r4", "member_missing"), ("r5", "members_apart"), ("r6", "geometry_missing")];
    assert_eq!(rejects, wanted.into());
    let lost = reading.rejects.iter().find(|reject| reject.code == "member_missing").unwrap();
    assert!(lost.detail.contains("2 members") && lost.detail.contains("w99, n98"), "{lost:?}");
    let raw: serde_json::Value = serde_json::from_slice(&lost.raw).unwrap();
    assert_eq!((&raw["id"], &raw["fields"]["@from"]), (&"r4".into(), &"w99".into()));
    assert_eq!(raw["fields"]["restriction"], "no_right_turn");
}

#[test]
fn relations_that_the_source_does_not_want_are_left_out() {
    let (_, reading) = turns();
    let summary = reading.summary;
    assert_eq!((summary.read, summary.skipped, summary.sound, summary.flagged), (8, 1, 3, 2));
}

#[test]
fn members_make_the_lines_of_a_layer_of_lines() {
    let layer = lines();
    let reading = read(&layer, &layer.sources[0], &fixture("turns.osm.pbf"));
    let (drawn, srid) = geometry(record(&reading, "r2"));
    assert_eq!((drawn.geometry_count(), srid), (2, 4326));
    let expected = [(108.202, 16.061), (108.203, 16.061), (108.202, 16.061), (108.202, 16.06)];
    assert_eq!(positions(&drawn), expected);
    // At a node alone there is nothing to draw.
    assert!(reading.rejects.iter().any(|reject| reject.source_key.as_deref() == Some("r1")));
}

/// The ways that turns lead over.
fn lines() -> Layer {
    let points = layer("turn_restriction");
    let mut layer = layer("road_segment");
    let fields = [("osm_id".to_owned(), vec!["@id".to_owned()])].into();
    layer.sources =
        vec![Source { fields, constants: BTreeMap::new(), ..points.sources[0].clone() }];
    layer
}

#[test]
fn a_clip_takes_the_turns_within_it() {
    let layer = layer("turn_restriction");
    let square = "POLYGON ((108.19 16.05, 108.21 16.05, 108.21 16.07, 108.19 16.07, 108.19 16.05))";
    let taken = |wkt: &str| {
        let wkb = Geometry::from_wkt(wkt).unwrap().wkb().unwrap();
        let clip = Some(Clip { wkb, srid: Srid(4326) });
        let path = fixture("turns.osm.pbf");
        try_read(&layer, &layer.sources[0], &path, clip).unwrap().records.len()
    };
    assert_eq!(taken(square), 5);
    assert_eq!(taken(&square.replace("108.", "107.")), 0);
}

#[test]
fn only_pbf_has_members_to_read_and_the_message_says_how_to_make_it() {
    let layer = layer("turn_restriction");
    let error = try_read(&layer, &layer.sources[0], &fixture("block.osm"), None).err().unwrap();
    assert_eq!(error.code(), "relations_not_pbf");
    assert!(error.to_string().contains("osmium cat"), "{error}");
}

#[test]
fn a_file_that_only_looks_like_pbf_is_broken() {
    let layer = layer("turn_restriction");
    let dir = tempfile::TempDir::new().unwrap();
    let whole = std::fs::read(fixture("turns.osm.pbf")).unwrap();
    for (name, bytes) in [("cut.osm.pbf", &whole[..whole.len() / 2]), ("text.osm.pbf", b"<osm/>")] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = try_read(&layer, &layer.sources[0], &path, None).err().expect(name);
        assert_eq!(error.code(), "pbf_broken", "{name}: {error}");
    }
}

#[test]
fn another_extract_is_read_like_the_layers_own() {
    let layer = layer("turn_restriction");
    let source = choose_source(&layer, &fixture("turns.osm.pbf"), None).unwrap();
    assert_eq!(read(&layer, &source, &fixture("turns.osm.pbf")).summary.sound, 3);
}

#[test]
fn barriers_and_level_crossings_are_nodes_with_their_tags() {
    let layer = layer("road_barrier");
    let kinds: BTreeSet<(String, String)> = layer.sources[..2]
        .iter()
        .flat_map(|source| read(&layer, source, &fixture("turns.osm.pbf")).records)
        .map(|record| (record.source_key.clone(), text(&layer, &record, "kind").to_owned()))
        .collect();
    let wanted = [("n7", "bollard"), ("n9", "level_crossing")];
    assert_eq!(kinds, wanted.map(|(key, kind)| (key.to_owned(), kind.to_owned())).into());
}

/// `osmium tags-filter data/danang/haichau.osm.pbf r/type=restriction -R` has seven.
#[test]
fn the_bundled_extract_has_seven_turns_of_which_each_lies_on_the_road_it_comes_from() {
    let turns = layer("turn_restriction");
    let path = root().join("data/danang/haichau.osm.pbf");
    let reading = read(&turns, &turns.sources[0], &path);
    assert_eq!((reading.summary.sound, reading.summary.read), (7, 7));
    let roads = layer("road_segment");
    let streets = read(&roads, &roads.sources[0], &path);
    for turn in &reading.records {
        let street = record(&streets, text(&turns, turn, "from_way"));
        // To the last bit: the road graph joins by equal places.
        assert!(positions(&geometry(street).0).contains(&place(turn)), "{}", turn.source_key);
    }
}
