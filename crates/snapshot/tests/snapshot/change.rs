//! A city that took many changes against one built of the last state.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{Geometry, Point};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    ChangeBatch, Feature, LayerChange, LayerId, Moment, Openness, Revision, WorldBox,
};
use urbis_snapshot::{City, LayerSnapshot, Visibility};

use crate::coverage::coverage_layer;
use crate::mesh::Mesh;
use crate::support::{NOW, Random, feature, id, layer};

const SEED: u64 = 51;
const STEPS: u64 = 400;

pub type State = BTreeMap<LayerId, BTreeMap<u64, Feature>>;

pub fn point_layer() -> Layer {
    layer("tree", "Point", "minzoom = 3\nmaxzoom = 14\nattributes = [\"name\"]", "")
}

fn random_point(number: u64, random: &mut Random) -> Feature {
    let place = Point::new(random.between(107.9, 108.5), random.between(15.8, 16.4));
    let mut tree = feature(number, place, ["a", "b"][random.below(2) as usize]);
    if random.below(20) == 0 {
        tree.geometry = None;
    }
    tree
}

/// A change of some trees; now and then one large enough to fold the runs, or a reset.
pub fn change_trees(state: &BTreeMap<u64, Feature>, random: &mut Random) -> LayerChange {
    if random.below(40) == 0 {
        return LayerChange::Reset(
            (1..=random.below(300)).map(|n| random_point(n, random)).collect(),
        );
    }
    let count = if random.below(15) == 0 { 600 } else { random.below(6) };
    let upserted = (0..count).map(|_| random_point(1 + random.below(1_500), random)).collect();
    let gone = random.below(4);
    let removed = (0..gone).map(|_| id(1 + random.below(1_600))).collect();
    let same: Vec<Feature> = state.values().take(1).cloned().collect();
    LayerChange::Rows { upserted: [upserted, same].concat(), removed }
}

/// A change of cells: both neighbours of an edge, or one alone so that the edge is torn; a cell
/// taken out, or put back.
pub fn change_cells(mesh: &mut Mesh, random: &mut Random) -> LayerChange {
    if random.below(60) == 0 {
        return LayerChange::Reset(mesh.cells(random));
    }
    let corner =
        (random.below(mesh.columns as u64) as usize, random.below(mesh.rows as u64) as usize);
    match random.below(4) {
        0 => LayerChange::Rows { upserted: vec![], removed: vec![id(mesh.number(corner))] },
        1 => LayerChange::Rows { upserted: vec![mesh.cell(corner, random)], removed: vec![] },
        torn => {
            mesh.wiggle_edges(corner, random);
            let (column, row) = corner;
            let neighbours = [(column, row), (column.max(1) - 1, row), (column, row.max(1) - 1)];
            let count = if torn == 2 { 1 } else { 3 };
            let upserted = neighbours[..count].iter().map(|c| mesh.cell(*c, random)).collect();
            LayerChange::Rows { upserted, removed: vec![] }
        }
    }
}

pub fn record(state: &mut BTreeMap<u64, Feature>, change: &LayerChange) {
    let upserted = match change {
        LayerChange::Reset(features) => {
            state.clear();
            features
        }
        LayerChange::Rows { upserted, removed } => {
            removed.iter().for_each(|id| {
                state.remove(&id.value());
            });
            upserted
        }
    };
    state.extend(upserted.iter().map(|feature| (feature.id.value(), feature.clone())));
}

/// The same features as another city would load them at a moment.
pub fn rebuild(catalog: &Arc<Catalog>, state: &State, at: Moment, random: &mut Random) -> City {
    let layers = state.iter().map(|(layer, features)| {
        let mut features: Vec<Feature> = features.values().cloned().collect();
        // In another order than the ids'.
        let middle = random.below(features.len() as u64 + 1) as usize;
        features.rotate_left(middle);
        (layer.clone(), features)
    });
    City::build(Arc::clone(catalog), Revision(0), layers.collect(), at)
}

pub fn assert_same(changed: &City, rebuilt: &City, layer: &Layer, step: u64) {
    let (changed, rebuilt) = (changed.layer(&layer.id).unwrap(), rebuilt.layer(&layer.id).unwrap());
    assert_eq!(changed.len(), rebuilt.len(), "step {step}, {}", layer.id);
    assert!(changed.features().eq(rebuilt.features()), "step {step}, {}", layer.id);
    let everywhere = WorldBox { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX };
    let seen = Visibility::now(Openness::Restricted);
    for zoom in [0, 8, 12, 22] {
        assert_eq!(changed.in_box(everywhere, zoom, seen), rebuilt.in_box(everywhere, zoom, seen));
        let drawn = |layer: &LayerSnapshot| {
            let drawn = layer.to_draw(everywhere, zoom, seen);
            drawn.iter().map(|feature| feature.version()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(changed), drawn(rebuilt), "step {step}, {}", layer.id);
        for class in Openness::ALL {
            let version = |layer: &LayerSnapshot| layer.area_version(everywhere, zoom, class);
            assert_eq!(version(changed), version(rebuilt), "step {step}, {}", layer.id);
            assert_eq!(changed.count(class), rebuilt.count(class), "step {step}, {}", layer.id);
        }
    }
}

#[test]
fn many_changes_give_what_a_rebuild_of_the_last_state_gives() {
    let mut random = Random(SEED);
    let (trees, cells) = (point_layer(), coverage_layer());
    let catalog = Arc::new(Catalog::from_layers(vec![trees.clone(), cells.clone()]).unwrap());
    let mut mesh = Mesh::new(4, 4, &mut random);
    let mut city = City::build(Arc::clone(&catalog), Revision(0), vec![], NOW);
    let mut state =
        State::from([(trees.id.clone(), BTreeMap::new()), (cells.id.clone(), BTreeMap::new())]);
    for step in 1..=STEPS {
        let mut batch = ChangeBatch::default();
        batch.layers.insert(trees.id.clone(), change_trees(&state[&trees.id], &mut random));
        if random.below(3) > 0 {
            batch.layers.insert(cells.id.clone(), change_cells(&mut mesh, &mut random));
        }
        for (layer, change) in &batch.layers {
            record(state.get_mut(layer).unwrap(), change);
        }
        city = city.apply(Revision(step), batch).0;
        let rebuilt = rebuild(&catalog, &state, NOW, &mut random);
        assert_same(&city, &rebuilt, &trees, step);
        assert_same(&city, &rebuilt, &cells, step);
    }
}

#[test]
fn a_change_shares_the_layers_it_does_not_name() {
    let (trees, cells) = (point_layer(), coverage_layer());
    let catalog = Arc::new(Catalog::from_layers(vec![trees.clone(), cells.clone()]).unwrap());
    let city = City::build(catalog, Revision(0), vec![], NOW);
    let change = LayerChange::Reset(vec![feature(1, Point::new(108.0, 16.0), "a")]);
    let batch = ChangeBatch { layers: [(trees.id.clone(), change)].into() };
    let (after, changes) = city.apply(Revision(1), batch);
    assert_eq!(changes.layers.keys().collect::<Vec<_>>(), [&trees.id]);
    assert!(std::ptr::eq(city.layer(&cells.id).unwrap(), after.layer(&cells.id).unwrap()));
    assert_eq!(
        (city.layer(&trees.id).unwrap().len(), after.layer(&trees.id).unwrap().len()),
        (0, 1)
    );
}

#[test]
fn a_version_changes_with_everything_that_can_be_seen() {
    let trees = point_layer();
    let version = |tree: Feature| {
        let city = crate::support::city_of(&trees, vec![tree]);
        let snapshot = city.layer(&trees.id).unwrap();
        snapshot.features().next().unwrap().version()
    };
    let base = || feature(1, Point::new(108.0, 16.0), "a");
    let mut other_attribute = base();
    other_attribute.attributes[1] = urbis_model::AttributeValue::Null;
    let mut nowhere = base();
    nowhere.geometry = None;
    let elsewhere: Geometry<f64> = Point::new(108.000_001, 16.0).into();
    let versions = [
        version(base()),
        version(feature(2, Point::new(108.0, 16.0), "a")),
        version(feature(1, elsewhere, "a")),
        version(feature(1, Point::new(108.0, 16.0), "b")),
        version(other_attribute),
        version(nowhere),
    ];
    for (index, one) in versions.iter().enumerate() {
        assert!(!versions[..index].contains(one), "case {index}");
    }
    assert_eq!(versions[0], version(base()));
}

#[test]
fn a_zero_that_only_changes_its_sign_is_a_change() {
    let trees = point_layer();
    let tree = |number: f64| {
        let mut tree = feature(1, Point::new(108.0, 16.0), "a");
        tree.attributes[1] = urbis_model::AttributeValue::Float(number);
        tree
    };
    let version = |city: &City| city.layer(&trees.id).unwrap().feature(id(1)).unwrap().version();
    let [minus, plus] = [-0.0, 0.0].map(|zero| crate::support::city_of(&trees, vec![tree(zero)]));
    let change = LayerChange::Rows { upserted: vec![tree(-0.0)], removed: vec![] };
    let batch = ChangeBatch { layers: [(trees.id.clone(), change)].into() };
    assert_eq!(version(&plus.apply(Revision(2), batch).0), version(&minus));
    assert_ne!(version(&plus), version(&minus));
}
