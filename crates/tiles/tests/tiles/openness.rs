//! What a class may not see is not in its tiles, and nothing in them tells of it.

use std::collections::BTreeMap;

use geo_types::Point;
use urbis_catalog::Layer;
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, LayerChange, Moment, Openness, Revision, TileAddress,
    Validity,
};
use urbis_snapshot::City;

use crate::decode::{bytes, decode, ids, tile_at, version_of};
use crate::mesh::Mesh;
use crate::support::{Random, city_of, feature, id, layer};

const SEED: u64 = 101;

/// Features named `b` are internal, those named `c` restricted.
const BY_NAME: &str =
    r#"openness_by = { attribute = "name", levels = { b = "internal", c = "restricted" } }"#;

fn tree_layer() -> Layer {
    layer("tree", "Point", "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\"]", BY_NAME)
}

fn cell_layer() -> Layer {
    let top = format!("coverage = true\n{BY_NAME}");
    layer("cell", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = [\"name\"]", &top)
}

fn tree(number: u64, name: &str) -> Feature {
    feature(number, Point::new(108.22, 16.06), name)
}

fn apply(city: &City, layer: &Layer, upserted: Vec<Feature>, removed: Vec<u64>) -> City {
    let removed = removed.into_iter().map(id).collect();
    let change = LayerChange::Rows { upserted, removed };
    city.apply(Revision(2), ChangeBatch { layers: [(layer.id.clone(), change)].into() }).0
}

/// Which classes can tell two cities apart: by the digest, by the bytes.
fn told_apart(layer: &Layer, tile: TileAddress, one: &City, other: &City) -> [(bool, bool); 3] {
    Openness::ALL.map(|class| {
        let digest = |city| version_of(city, &[layer], tile, class);
        let bytes = |city| bytes(city, &[layer], tile, class);
        (digest(one) != digest(other), bytes(one) != bytes(other))
    })
}

#[test]
fn a_class_sees_its_own_features_and_those_that_are_opener() {
    let layer = tree_layer();
    let city = city_of(&layer, vec![tree(1, "a"), tree(2, "b"), tree(3, "c"), tree(4, "other")]);
    let tile = tile_at(14, 108.22, 16.06);
    let seen = Openness::ALL.map(|class| {
        let bytes = bytes(&city, &[&layer], tile, class);
        let mut seen = ids(&decode(&bytes)[0].features);
        seen.sort_unstable();
        seen
    });
    assert_eq!(seen, [vec![1, 4], vec![1, 2, 4], vec![1, 2, 3, 4]]);
}

#[test]
fn a_tile_of_hidden_features_alone_is_as_empty_as_one_without_any() {
    let layer = tree_layer();
    let (hidden, none) = (city_of(&layer, vec![tree(3, "c")]), city_of(&layer, vec![]));
    let tile = tile_at(14, 108.22, 16.06);
    assert!(bytes(&hidden, &[&layer], tile, Openness::Internal).is_empty());
    let told = told_apart(&layer, tile, &hidden, &none);
    assert_eq!(told, [(false, false), (false, false), (true, true)]);
}

#[test]
fn a_restricted_feature_comes_changes_and_goes_unseen_by_other_classes() {
    let layer = tree_layer();
    let tile = tile_at(14, 108.22, 16.06);
    let without = city_of(&layer, vec![tree(1, "a")]);
    let with = apply(&without, &layer, vec![tree(2, "c")], vec![]);
    let mut moved = tree(2, "c");
    moved.geometry = Some(Point::new(108.2201, 16.06).into());
    let changed = apply(&with, &layer, vec![moved], vec![]);
    let gone = apply(&changed, &layer, vec![], vec![2]);
    for (before, after) in [(&without, &with), (&with, &changed), (&changed, &gone)] {
        let told = told_apart(&layer, tile, before, after);
        assert_eq!(told, [(false, false), (false, false), (true, true)]);
    }
    let opened = apply(&with, &layer, vec![tree(2, "a")], vec![]);
    assert_eq!(told_apart(&layer, tile, &with, &opened), [(true, true); 3]);
}

#[test]
fn what_is_not_valid_at_the_moment_of_the_city_is_in_no_tile() {
    let layer = tree_layer();
    let tile = tile_at(14, 108.22, 16.06);
    let mut june = tree(2, "b");
    june.validity = Validity { from: Some(Moment(10)), to: Some(Moment(20)) };
    let without = city_of(&layer, vec![tree(1, "a")]);
    let may = apply(&without, &layer, vec![june], vec![]);
    assert_eq!(told_apart(&layer, tile, &without, &may), [(false, false); 3]);
    let june = may.advance(Revision(3), Moment(10)).0;
    let told = told_apart(&layer, tile, &may, &june);
    assert_eq!(told, [(false, false), (true, true), (true, true)]);
    let july = june.advance(Revision(4), Moment(20)).0;
    assert_eq!(told_apart(&layer, tile, &without, &july), [(false, false); 3]);
}

/// Some tiles over the mesh.
fn spread() -> Vec<TileAddress> {
    let places = [(108.05, 15.95), (108.1, 16.0), (108.15, 16.05)];
    let zooms = [0, 6, 8, 9, 10, 11, 12, 13, 14];
    zooms.iter().flat_map(|z| places.map(|(lon, lat)| tile_at(*z, lon, lat))).collect()
}

#[test]
fn hidden_cells_of_a_coverage_that_change_all_the_time_are_told_to_nobody() {
    let layer = cell_layer();
    let mut random = Random(SEED);
    let mesh = Mesh::new(4, 4, &mut random);
    let cells: BTreeMap<u64, Feature> =
        mesh.cells(&mut random).into_iter().map(|cell| (cell.id.value(), cell)).collect();
    let is_hidden = |number: u64| number.is_multiple_of(3) || number == 4 || number == 5;
    let open: Vec<Feature> =
        cells.values().filter(|cell| !is_hidden(cell.id.value())).cloned().collect();
    let alone = city_of(&layer, open.clone());
    let mut city = alone.clone();
    let mut told_to_restricted = 0;
    for step in 0..60 {
        let number = 1 + random.below(16);
        let (mut upserted, mut removed) = (vec![], vec![]);
        if !is_hidden(number) {
            city = city.advance(Revision(step), Moment(random.below(20) as i64)).0;
        } else if random.below(3) == 0 {
            removed.push(number);
        } else {
            let mut cell = cells[&number].clone();
            cell.attributes[0] = AttributeValue::text("c");
            cell.validity.to = (random.below(2) == 0).then_some(Moment(10));
            upserted.push(cell);
        }
        city = apply(&city, &layer, upserted, removed);
        for tile in spread() {
            let told = told_apart(&layer, tile, &alone, &city);
            assert_eq!(told[..2], [(false, false); 2], "step {step}, tile {tile}");
            told_to_restricted += u32::from(told[2] == (true, true));
        }
    }
    assert!(told_to_restricted > 500, "{told_to_restricted} tiles");
}
