//! The digest of a tile's area: it changes when, and only when, the tile could.

use std::collections::HashMap;
use std::sync::Arc;

use geo_types::Point;
use urbis_catalog::Layer;
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, LayerChange, Moment, Openness, Revision, TileAddress,
    Validity,
};
use urbis_snapshot::{City, Value};

use crate::decode::{bytes, tile_at, version_of};
use crate::mesh::Mesh;
use crate::support::{Random, city_of, feature, id, layer};

const SEED: u64 = 91;
const STEPS: u64 = 300;

fn tree_layer() -> Layer {
    let tiles = "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\"]";
    layer("tree", "Point", tiles, "")
}

fn apply(city: &City, layer: &Layer, upserted: Vec<Feature>, removed: Vec<u64>) -> City {
    let removed = removed.into_iter().map(id).collect();
    let change = LayerChange::Rows { upserted, removed };
    city.apply(Revision(2), ChangeBatch { layers: [(layer.id.clone(), change)].into() }).0
}

fn tree(number: u64, lon: f64) -> Feature {
    feature(number, Point::new(lon, 16.0), "a")
}

#[test]
fn a_change_far_away_leaves_a_tile_and_a_move_changes_old_and_new() {
    let layer = tree_layer();
    let city = city_of(&layer, vec![tree(1, 108.0), tree(2, 108.2), tree(3, 107.0)]);
    let [here, there, away] = [108.0, 108.1, 107.0].map(|lon| tile_at(14, lon, 16.0));
    let version = |city: &City, tile| version_of(city, &[&layer], tile, Openness::Open);
    let moved = apply(&city, &layer, vec![tree(1, 108.1)], vec![]);
    assert_ne!(version(&city, here), version(&moved, here));
    assert_ne!(version(&city, there), version(&moved, there));
    assert_eq!(version(&city, away), version(&moved, away));
    let back = apply(&moved, &layer, vec![tree(1, 108.0)], vec![]);
    assert_eq!(version(&city, here), version(&back, here));
    assert_eq!(version(&city, there), version(&back, there));
    let gone = apply(&city, &layer, vec![], vec![1]);
    assert_ne!(version(&city, here), version(&gone, here));
    assert_eq!(version(&city, there), version(&gone, there));
}

#[test]
fn a_point_that_only_a_buffer_shows_is_part_of_the_digest() {
    let layer = tree_layer();
    let none = city_of(&layer, vec![]);
    let home = tile_at(14, 108.0, 16.0);
    let east = f64::from(home.x() + 1) / f64::from(1 << 14) * 360.0 - 180.0;
    // A tile unit is 360 / 2^14 / 4096 degrees.
    for (units, is_shown) in [(1.0, true), (63.0, true), (70.0, false), (200.0, false)] {
        let lon = east + units * 360.0 / f64::from(1 << 14) / 4096.0;
        let city = city_of(&layer, vec![tree(1, lon)]);
        let shown = !bytes(&city, &[&layer], home, Openness::Open).is_empty();
        let digest = |city| version_of(city, &[&layer], home, Openness::Open);
        assert_eq!(shown, is_shown, "{units} units");
        assert_eq!(digest(&city) != digest(&none), is_shown, "{units} units");
    }
}

#[test]
fn digests_differ_by_class_and_layers() {
    let layer = tree_layer();
    let city = city_of(&layer, vec![tree(1, 108.0)]);
    let tile = tile_at(14, 108.0, 16.0);
    let open = version_of(&city, &[&layer], tile, Openness::Open);
    assert_ne!(open, version_of(&city, &[&layer], tile, Openness::Internal));
    assert_ne!(open, version_of(&city, &[], tile, Openness::Open));
}

#[test]
fn a_digest_tells_of_a_value_that_its_class_sees_in_the_tile_and_of_no_other() {
    let tiles = "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\", \"secret\"]";
    let layer = layer("tree", "Point", tiles, "");
    let before = city_of(&layer, vec![tree(1, 108.0)]);
    let tile = tile_at(14, 108.0, 16.0);
    // Attributes of the test layer: name, size (not in the tile), secret (internal).
    for (index, changes) in
        [(0, [true, true, true]), (1, [false, false, false]), (2, [false, true, true])]
    {
        let mut tree = tree(1, 108.0);
        tree.attributes[index] = AttributeValue::text("another");
        let after = apply(&before, &layer, vec![tree], vec![]);
        let kept = after.layer(&layer.id).and_then(|layer| layer.feature(id(1)));
        assert_eq!(kept.map(|f| f.attribute(index)), Some(Value::Text("another")));
        let classes = Openness::ALL;
        for (class, changes) in classes.into_iter().zip(changes) {
            let digest = |city| version_of(city, &[&layer], tile, class);
            let draw = |city| bytes(city, &[&layer], tile, class);
            assert_eq!(digest(&before) != digest(&after), changes, "attribute {index}, {class}");
            assert_eq!(draw(&before) != draw(&after), changes, "attribute {index}, {class}");
        }
    }
}

/// Tiles over the mesh at many zooms.
fn spread() -> Vec<TileAddress> {
    let places = [(108.02, 15.95), (108.1, 16.0), (108.17, 16.07), (108.0, 16.2)];
    let zooms = [0, 5, 8, 9, 10, 11, 12, 13, 14, 15];
    zooms.iter().flat_map(|z| places.map(|(lon, lat)| tile_at(*z, lon, lat))).collect()
}

/// Some validities, so that cells come and go with time, too.
fn stamp(change: &mut LayerChange, random: &mut Random) {
    let (LayerChange::Reset(features) | LayerChange::Rows { upserted: features, .. }) = change;
    for feature in features {
        let mut maybe = || (random.below(3) == 0).then(|| Moment(random.below(10) as i64));
        feature.validity = Validity { from: maybe(), to: maybe() };
    }
}

fn change(mesh: &mut Mesh, random: &mut Random) -> LayerChange {
    let corner =
        (random.below(mesh.columns as u64) as usize, random.below(mesh.rows as u64) as usize);
    match random.below(30) {
        0 => LayerChange::Reset(mesh.cells(random)),
        1..10 => LayerChange::Rows { upserted: vec![], removed: vec![id(mesh.number(corner))] },
        _ => {
            mesh.wiggle_edges(corner, random);
            let (column, row) = corner;
            let neighbours = [(column, row), (column.max(1) - 1, row), (column, row.max(1) - 1)];
            let count = 1 + random.below(3) as usize;
            let upserted = neighbours[..count].iter().map(|c| mesh.cell(*c, random)).collect();
            LayerChange::Rows { upserted, removed: vec![] }
        }
    }
}

/// The last state of every cell.
fn record(state: &mut HashMap<u64, Feature>, change: &LayerChange) {
    let (upserted, removed) = match change {
        LayerChange::Reset(features) => {
            state.clear();
            (features, vec![])
        }
        LayerChange::Rows { upserted, removed } => (upserted, removed.clone()),
    };
    removed.iter().for_each(|id| {
        state.remove(&id.value());
    });
    state.extend(upserted.iter().map(|feature| (feature.id.value(), feature.clone())));
}

#[test]
fn through_many_changes_and_moments_tiles_equal_a_rebuild_and_digests_tell_every_difference() {
    let tiles = "minzoom = 0\nmaxzoom = 14\nattributes = [\"name\"]";
    let layer = layer("cell", "MultiPolygon", tiles, "coverage = true");
    let mut random = Random(SEED);
    let mut mesh = Mesh::new(4, 4, &mut random);
    let mut city = city_of(&layer, vec![]);
    let mut state = HashMap::new();
    let mut seen: HashMap<(TileAddress, u64), Vec<u8>> = HashMap::new();
    for step in 0..STEPS {
        let mut change = change(&mut mesh, &mut random);
        stamp(&mut change, &mut random);
        record(&mut state, &change);
        let batch = ChangeBatch { layers: [(layer.id.clone(), change)].into() };
        city = city.apply(Revision(step), batch).0;
        if random.below(3) == 0 {
            city = city.advance(Revision(step), Moment(random.below(12) as i64 - 1)).0;
        }
        let all = vec![(layer.id.clone(), state.values().cloned().collect())];
        let rebuilt = City::build(Arc::clone(city.catalog()), Revision(0), all, city.at());
        for tile in spread().into_iter().skip(step as usize % 5).step_by(5) {
            let draw = |city: &City| {
                let bytes = bytes(city, &[&layer], tile, Openness::Open);
                (version_of(city, &[&layer], tile, Openness::Open), bytes)
            };
            assert_eq!(draw(&city), draw(&rebuilt), "step {step}, tile {tile}");
            let (digest, bytes) = draw(&city);
            let known = seen.entry((tile, digest)).or_insert_with(|| bytes.clone());
            assert_eq!(*known, bytes, "step {step}, tile {tile}: one digest, two tiles");
        }
    }
}
