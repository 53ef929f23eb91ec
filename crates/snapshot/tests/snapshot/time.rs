//! Validity and openness by feature: a city that took many changes at many moments against one
//! built at the last moment, and against scans of the features that went in.

use std::sync::Arc;

use geo_types::Point;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, LayerChange, Moment, Openness, Revision, TileAddress,
    Validity, WorldBox, WorldXy,
};
use urbis_snapshot::{City, SnapshotFeature, Visibility};

use crate::change::{State, assert_same, change_cells, change_trees, rebuild, record};
use crate::mesh::Mesh;
use crate::support::{NOW, Random, city_of, feature, id, layer};

const SEED: u64 = 71;
const STEPS: u64 = 300;

const EVERYWHERE: WorldBox = WorldBox { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX };

/// Features named `b` are internal, those named `c` restricted.
const BY_NAME: &str =
    r#"openness_by = { attribute = "name", levels = { b = "internal", c = "restricted" } }"#;

fn tree_layer() -> Layer {
    layer("tree", "Point", "minzoom = 3\nmaxzoom = 14\nattributes = [\"name\"]", BY_NAME)
}

fn cell_layer() -> Layer {
    let top = format!("coverage = true\n{BY_NAME}");
    layer("cell", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = [\"name\"]", &top)
}

/// Small numbers on purpose: many validities start or end at one moment.
fn random_moment(random: &mut Random) -> Moment {
    Moment(random.below(21) as i64 - 10)
}

/// Always valid, half-bounded or bounded; some end before they start.
fn random_validity(random: &mut Random) -> Validity {
    let mut maybe = || (random.below(3) > 0).then(|| random_moment(random));
    Validity { from: maybe(), to: maybe() }
}

/// Gives a change's features a validity and, by their name, an openness.
fn stamp(change: &mut LayerChange, random: &mut Random) {
    let (LayerChange::Reset(features) | LayerChange::Rows { upserted: features, .. }) = change;
    for feature in features {
        feature.validity = random_validity(random);
        let name = ["a", "a", "a", "b", "c"][random.below(5) as usize];
        feature.attributes[0] = AttributeValue::text(name);
    }
}

/// Ids in their own order.
fn numbers<'a>(found: impl IntoIterator<Item = SnapshotFeature<'a>>) -> Vec<u64> {
    let mut ids: Vec<u64> = found.into_iter().map(|feature| feature.id().value()).collect();
    ids.sort_unstable();
    ids
}

/// Every search of a layer against a scan of the features that went in.
fn assert_scanned(city: &City, layer: &Layer, state: &State, moments: &[Moment]) {
    let (snapshot, features) = (city.layer(&layer.id).unwrap(), &state[&layer.id]);
    assert_eq!(numbers(snapshot.features()), features.keys().copied().collect::<Vec<_>>());
    for class in Openness::ALL {
        let may_see = |feature: &Feature| layer.feature_openness(&feature.attributes) <= class;
        let validities = features.values().filter(|f| may_see(f)).map(|f| f.validity);
        let around = validities.reduce(Validity::around).unwrap_or(Validity::ALWAYS);
        assert_eq!(snapshot.validity(class), around, "{class}");
        let seen_at = |moment: Moment| {
            features.values().filter(move |f| may_see(f) && f.validity.contains(moment))
        };
        assert_eq!(snapshot.count(class), seen_at(city.at()).count());
        let named = moments.iter().map(|moment| (*moment, Some(*moment)));
        for (moment, on) in named.chain([(city.at(), None)]) {
            let visibility = Visibility { class, on };
            let drawn = seen_at(moment).filter(|feature| feature.geometry.is_some());
            let expected: Vec<u64> = drawn.map(|feature| feature.id.value()).collect();
            let found = snapshot.in_box(EVERYWHERE, TileAddress::MAX_ZOOM, visibility);
            assert_eq!(numbers(found), expected, "{class} at {moment:?}");
            let near = snapshot.near(WorldXy { x: 0, y: 0 }, visibility);
            assert_eq!(
                numbers(near.map(|(feature, _)| feature)),
                expected,
                "{class} at {moment:?}"
            );
        }
    }
}

fn next_change(state: &State, at: Moment) -> Option<Moment> {
    let features = state.values().flat_map(|features| features.values());
    let ends = features.flat_map(|feature| [feature.validity.from, feature.validity.to]);
    ends.flatten().filter(|end| *end > at).min()
}

#[test]
fn changes_and_moments_in_any_order_give_what_a_rebuild_at_the_last_moment_gives() {
    let mut random = Random(SEED);
    let (trees, cells) = (tree_layer(), cell_layer());
    let catalog = Arc::new(Catalog::from_layers(vec![trees.clone(), cells.clone()]).unwrap());
    let mut mesh = Mesh::new(4, 4, &mut random);
    let mut state: State = [&trees, &cells].map(|layer| (layer.id.clone(), [].into())).into();
    let mut city = rebuild(&catalog, &state, NOW, &mut random);
    let mut hidden = 0;
    for step in 1..=STEPS {
        if random.below(3) == 0 {
            // Mostly onwards to the next change, at times to any moment, earlier ones too.
            let next = city.next_change().filter(|_| random.below(3) > 0);
            let at = next.unwrap_or_else(|| random_moment(&mut random));
            city = city.advance(Revision(step), at).0;
        } else {
            let mut batch = ChangeBatch::default();
            let tree_change = change_trees(&state[&trees.id], &mut random);
            batch.layers.insert(trees.id.clone(), tree_change);
            batch.layers.insert(cells.id.clone(), change_cells(&mut mesh, &mut random));
            for (layer, change) in &mut batch.layers {
                stamp(change, &mut random);
                record(state.get_mut(layer).unwrap(), change);
            }
            city = city.apply(Revision(step), batch).0;
        }
        assert_eq!(city.revision(), Revision(step));
        assert_eq!(city.next_change(), next_change(&state, city.at()), "step {step}");
        let rebuilt = rebuild(&catalog, &state, city.at(), &mut random);
        assert_eq!(rebuilt.next_change(), city.next_change(), "step {step}");
        let moments = [random_moment(&mut random), city.at()];
        for layer in [&trees, &cells] {
            assert_same(&city, &rebuilt, layer, step);
            assert_scanned(&city, layer, &state, &moments);
        }
        let tree_snapshot = city.layer(&trees.id).unwrap();
        hidden += tree_snapshot.len() - tree_snapshot.count(Openness::Open);
    }
    assert!(hidden > 1_000, "{hidden} features that were elsewhen or not open");
}

fn in_june(mut feature: Feature) -> Feature {
    feature.validity = Validity { from: Some(Moment(10)), to: Some(Moment(20)) };
    feature
}

#[test]
fn a_feature_comes_at_its_start_and_goes_at_its_end() {
    let trees = tree_layer();
    let always = feature(1, Point::new(108.0, 16.0), "a");
    let city = city_of(&trees, vec![always, in_june(feature(2, Point::new(108.0, 16.0), "a"))]);
    let drawn = |city: &City| city.layer(&trees.id).unwrap().count(Openness::Open);
    assert_eq!((drawn(&city), city.next_change()), (1, Some(Moment(10))));
    let june = city.advance(Revision(2), Moment(10)).0;
    assert_eq!((drawn(&june), june.next_change()), (2, Some(Moment(20))));
    let july = june.advance(Revision(3), Moment(20)).0;
    assert_eq!((drawn(&july), july.next_change()), (1, None));
    // The cities before are as they were.
    assert_eq!((drawn(&city), drawn(&june)), (1, 2));
    assert!(july.layer(&trees.id).unwrap().feature(id(2)).is_some());
}

#[test]
fn a_class_is_told_of_no_moment_at_which_only_hidden_features_begin_or_end() {
    let trees = tree_layer();
    let lasts = |number, name: &str, from, to| {
        let mut tree = feature(number, Point::new(108.0, 16.0), name);
        tree.validity = Validity { from: Some(Moment(from)), to: Some(Moment(to)) };
        tree
    };
    let trees_in_time = vec![lasts(1, "a", 5, 30), lasts(2, "b", 10, 25), lasts(3, "c", 20, 40)];
    let mut city = city_of(&trees, trees_in_time);
    let seen = |city: &City| Openness::ALL.map(|class| city.seen_change(class).0);
    assert_eq!(seen(&city), [0, 0, 0]);
    for (at, expected) in [
        (4, [0, 0, 0]),
        (10, [5, 10, 10]),
        (24, [5, 10, 20]),
        (26, [5, 25, 25]),
        (40, [30, 30, 40]),
        (99, [30, 30, 40]),
    ] {
        city = city.advance(Revision(2), Moment(at)).0;
        assert_eq!(seen(&city), expected, "at {at}");
        city = city.apply(Revision(3), ChangeBatch::default()).0;
        assert_eq!(seen(&city), expected, "a change of rows is none of time, at {at}");
    }
}

#[test]
fn a_moment_shares_the_layers_in_which_nothing_starts_or_ends() {
    let (trees, cells) = (tree_layer(), cell_layer());
    let catalog = Arc::new(Catalog::from_layers(vec![trees.clone(), cells.clone()]).unwrap());
    let june = in_june(feature(1, Point::new(108.0, 16.0), "a"));
    let city = City::build(catalog, Revision(1), vec![(trees.id.clone(), vec![june])], NOW);
    let is_shared = |one: &City, other: &City, layer: &Layer| {
        std::ptr::eq(one.layer(&layer.id).unwrap(), other.layer(&layer.id).unwrap())
    };
    let may = city.advance(Revision(2), Moment(9)).0;
    assert!(is_shared(&city, &may, &trees) && is_shared(&city, &may, &cells));
    let june = may.advance(Revision(3), Moment(10)).0;
    assert!(!is_shared(&may, &june, &trees) && is_shared(&may, &june, &cells));
}

#[test]
fn what_a_class_may_not_see_moves_no_digest_of_its() {
    let mut trees = tree_layer();
    trees.tiles.attributes = ["secret", "size", "name"].map(str::to_owned).into();
    trees.attributes[1].openness = Some(Openness::Restricted);
    let digests = |name: &str, size: i64, secret: &str, validity: Validity| {
        let mut tree = feature(1, Point::new(108.0, 16.0), name);
        tree.attributes[1] = AttributeValue::Int(size);
        tree.attributes[2] = AttributeValue::text(secret);
        tree.validity = validity;
        let city = city_of(&trees, vec![tree]);
        let tree = city.layer(&trees.id).unwrap().feature(id(1)).unwrap();
        (Openness::ALL.map(|class| tree.drawn_version(class)), tree.version())
    };
    let base = digests("a", 1, "s", Validity::ALWAYS);
    let moved = |other: ([u64; 3], u64)| {
        let drawn: Vec<bool> = base.0.iter().zip(other.0).map(|(a, b)| *a != b).collect();
        (drawn, base.1 != other.1)
    };
    let since = Validity { from: Some(Moment(-5)), to: None };
    assert_eq!(moved(digests("a", 1, "s", Validity::ALWAYS)), (vec![false, false, false], false));
    assert_eq!(moved(digests("x", 1, "s", Validity::ALWAYS)), (vec![true, true, true], true));
    assert_eq!(moved(digests("a", 1, "t", Validity::ALWAYS)), (vec![false, true, true], true));
    assert_eq!(moved(digests("a", 2, "s", Validity::ALWAYS)), (vec![false, false, true], true));
    assert_eq!(moved(digests("a", 1, "s", since)), (vec![false, false, false], true));
    // Of a restricted tree nothing is told to others, not even that its attributes changed.
    let (one, other) = (digests("c", 1, "s", since), digests("c", 2, "t", since));
    assert_eq!(one.0[..2], other.0[..2]);
    assert_ne!(one.0[2], other.0[2]);
}

#[test]
fn stricter_neighbours_in_a_coverage_leave_the_vertices_of_opener_ones_as_they_are() {
    let mut random = Random(SEED);
    let layer = cell_layer();
    let mut cells = Mesh::new(8, 8, &mut random).cells(&mut random);
    for cell in &mut cells {
        let name = ["a", "a", "b", "c"][random.below(4) as usize];
        cell.attributes[0] = AttributeValue::text(name);
    }
    let whole = city_of(&layer, cells.clone());
    for class in Openness::ALL {
        let may_see = |cell: &&Feature| layer.feature_openness(&cell.attributes) <= class;
        let alone = city_of(&layer, cells.iter().filter(may_see).cloned().collect());
        let seen = whole.layer(&layer.id).unwrap().in_box(EVERYWHERE, 22, Visibility::now(class));
        let expected: Vec<SnapshotFeature<'_>> =
            alone.layer(&layer.id).unwrap().features().collect();
        assert_eq!(seen, expected, "{class}");
    }
}
