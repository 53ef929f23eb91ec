//! A layer of many leaves that took many changes against one built of the last state, and what the
//! changes say against what is drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{LineString, Point};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    ChangeBatch, Feature, LayerChange, Openness, Revision, TileAddress, Validity, WorldBox, WorldXy,
};
use urbis_snapshot::{ChangedArea, Changes, City, CityBuilder, LayerSnapshot, Visibility};

use crate::change::{State, assert_same, change_cells, change_trees, point_layer, rebuild, record};
use crate::coverage::coverage_layer;
use crate::mesh::Mesh;
use crate::support::{NOW, Random, city_of, feature, id, layer};

const SEED: u64 = 91;

/// Several leaves at once, so that changes fold, split and join them.
const LINES: u64 = 20_000;

const EVERYWHERE: WorldBox = WorldBox { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX };

fn line_layer() -> Layer {
    let tiles = "minzoom = 4\nmaxzoom = 12\nattributes = [\"name\"]\nmin_size_px = 2.0";
    layer("way", "MultiLineString", tiles, "")
}

/// Within a square, so that many changes meet in few leaves; some places and sizes repeat.
fn random_line(number: u64, square: (f64, f64), random: &mut Random) -> Feature {
    let mut step = |side: f64| (random.below(200) as f64) / 200.0 * side;
    let (x, y) = (106.0 + square.0 + step(square.1), 14.0 + square.0 + step(square.1));
    let (dx, dy) = (step(0.01), step(0.01));
    feature(number, LineString::from(vec![(x, y), (x + dx, y + dy)]), "a")
}

/// Scattered edits, an import of many in one place, a great removal, or features that move.
fn random_change(step: u64, random: &mut Random) -> LayerChange {
    let everywhere = (0.0, 4.0);
    let (count, square, gone) = match step % 5 {
        0 => (40, everywhere, 40),
        1 => (3_000, (1.0 + step as f64 / 50.0, 0.1), 0),
        2 => (300, (2.0, 0.01), 300),
        3 => (10, everywhere, 7_000),
        _ => (1, everywhere, 0),
    };
    let number = |random: &mut Random| 1 + random.below(LINES * 5 / 4);
    let upserted = (0..count).map(|_| random_line(number(random), square, random)).collect();
    let removed = (0..gone).map(|_| id(number(random))).collect();
    LayerChange::Rows { upserted, removed }
}

#[test]
fn many_leaves_after_many_changes_hold_what_a_rebuild_holds() {
    let mut random = Random(SEED);
    let ways = line_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![ways.clone()]).unwrap());
    let lines = (1..=LINES).map(|n| (n, random_line(n, (0.0, 4.0), &mut random))).collect();
    let mut state: State = [(ways.id.clone(), lines)].into();
    let mut city = rebuild(&catalog, &state, NOW, &mut random);
    for step in 0..40 {
        let change = random_change(step, &mut random);
        record(state.get_mut(&ways.id).unwrap(), &change);
        let batch = ChangeBatch { layers: [(ways.id.clone(), change)].into() };
        city = city.apply(Revision(step), batch).0;
        assert_same(&city, &rebuild(&catalog, &state, NOW, &mut random), &ways, step);
        let snapshot = city.layer(&ways.id).unwrap();
        for number in (0..200).map(|_| 1 + random.below(LINES * 5 / 4)) {
            let expected = state[&ways.id].get(&number);
            let found = snapshot.feature(id(number)).map(|line| line.to_geometry().is_some());
            assert_eq!(found, expected.map(|_| true), "step {step}, line {number}");
        }
        if step % 10 == 0 {
            assert_scanned(snapshot, &state[&ways.id], &mut random);
        }
    }
}

/// Boxes and nearness against a scan.
fn assert_scanned(snapshot: &LayerSnapshot, lines: &BTreeMap<u64, Feature>, random: &mut Random) {
    let all = Visibility::now(Openness::Restricted);
    for _ in 0..20 {
        let corner = WorldXy {
            x: (0.795 + random.between(0.0, 0.012)).mul_add(f64::from(u32::MAX), 0.0) as u32,
            y: (0.455 + random.between(0.0, 0.012)).mul_add(f64::from(u32::MAX), 0.0) as u32,
        };
        let far = WorldXy { x: corner.x + (1 << 22), y: corner.y + (1 << 22) };
        let area = WorldBox::around([corner, far]).unwrap();
        let zoom = random.below(14) as u8;
        let is_in = |line: &urbis_snapshot::SnapshotFeature<'_>| {
            line.first_zoom() <= zoom && line.world_box().unwrap().intersects(&area)
        };
        let expected: Vec<_> = snapshot.features().filter(is_in).collect();
        assert_eq!(snapshot.in_box(area, zoom, all), expected);
        let tally = snapshot.tally(area, zoom, all);
        assert_eq!((tally.shown, tally.candidates), (expected.len(), tally.shown + tally.not_yet));
    }
    let near = snapshot.near(WorldXy { x: 3 << 30, y: 2 << 30 }, all);
    let distances: Vec<f64> = near.map(|(_, distance)| distance).collect();
    assert_eq!(distances.len(), lines.len());
    assert!(distances.is_sorted());
}

/// What differs between two states for somebody at a zoom.
fn differs(before: &City, after: &City, layer: &Layer, at: &Place) -> bool {
    let version =
        |city: &City| city.layer(&layer.id).unwrap().area_version(at.area, at.zoom, at.class);
    version(before) != version(after)
}

struct Place {
    area: WorldBox,
    zoom: u8,
    class: Openness,
}

fn is_covered(changes: &Changes, layer: &Layer, at: &Place) -> bool {
    let Some(changes) = changes.layers.get(&layer.id) else { return false };
    let meets = |one: &ChangedArea| {
        one.first_zoom <= at.zoom && one.openness <= at.class && one.world_box.intersects(&at.area)
    };
    changes.zooms.as_ref().is_some_and(|zooms| zooms.contains(&at.zoom))
        || changes.areas.iter().any(meets)
}

#[test]
fn changes_cover_all_that_is_drawn_otherwise_and_nothing_else() {
    let mut random = Random(SEED);
    let by_name = r#"openness_by = { attribute = "name", levels = { b = "internal" } }"#;
    let mut trees = point_layer();
    trees.openness_by =
        layer("x", "Point", "minzoom = 3\nmaxzoom = 14\nattributes = []", by_name).openness_by;
    let cells = coverage_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![trees.clone(), cells.clone()]).unwrap());
    let mut mesh = Mesh::new(5, 5, &mut random);
    let mut city = City::build(Arc::clone(&catalog), Revision(0), vec![], NOW);
    let mut state: State = [&trees, &cells].map(|layer| (layer.id.clone(), [].into())).into();
    let (mut same, mut other) = (0, 0);
    for step in 1..=200 {
        let mut batch = ChangeBatch::default();
        batch.layers.insert(trees.id.clone(), change_trees(&state[&trees.id], &mut random));
        batch.layers.insert(cells.id.clone(), change_cells(&mut mesh, &mut random));
        for (layer, change) in &batch.layers {
            record(state.get_mut(layer).unwrap(), change);
        }
        let (after, changes) = city.apply(Revision(step), batch);
        for layer in [&trees, &cells] {
            for at in (0..60).map(|_| random_place(&mut random)) {
                let is_other = differs(&city, &after, layer, &at);
                assert!(!is_other || is_covered(&changes, layer, &at), "step {step}");
                same += usize::from(!is_covered(&changes, layer, &at));
                other += usize::from(is_other);
            }
            let areas = changes.layers.get(&layer.id).map_or(&[][..], |changes| &changes.areas);
            for one in areas {
                let at = Place { area: one.world_box, zoom: one.first_zoom, class: one.openness };
                assert!(differs(&city, &after, layer, &at), "step {step}: {one:?}");
            }
        }
        city = after;
    }
    assert!(same > 1_000 && other > 1_000, "{same} tiles as they were, {other} other ones");
}

fn random_place(random: &mut Random) -> Place {
    let zoom = random.below(15) as u32;
    let place = urbis_model::LonLat::new(random.between(107.9, 108.5), random.between(15.8, 16.4));
    let cell = WorldXy::from_lonlat(place.unwrap());
    let index = |cell: u32| u64::from(cell) >> (32 - zoom);
    let tile = TileAddress::new(zoom, index(cell.x) as u32, index(cell.y) as u32).unwrap();
    let class = Openness::ALL[random.below(3) as usize];
    Place { area: tile.world_box(0), zoom: zoom as u8, class }
}

#[test]
fn lines_of_very_many_vertices_among_short_ones_change_as_others_do() {
    let mut random = Random(SEED);
    let ways = line_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![ways.clone()]).unwrap());
    let lines = (1..=60).map(|n| (n, random_line(n, (0.0, 4.0), &mut random))).collect();
    let mut state: State = [(ways.id.clone(), lines)].into();
    let mut city = rebuild(&catalog, &state, NOW, &mut random);
    for (step, vertices) in [2, 40_000, 2, 40_000, 70_000, 2].into_iter().enumerate() {
        let step = step as u64;
        let wave = |at: i32| (107.0 + f64::from(at) * 1e-5, 16.0 + (f64::from(at) * 1e-3).sin());
        let wave: Vec<(f64, f64)> = (0..vertices).map(wave).collect();
        let line = feature(1 + step, LineString::from(wave), "long");
        let change = LayerChange::Rows { upserted: vec![line], removed: vec![] };
        record(state.get_mut(&ways.id).unwrap(), &change);
        let batch = ChangeBatch { layers: [(ways.id.clone(), change)].into() };
        city = city.apply(Revision(step), batch).0;
        assert_same(&city, &rebuild(&catalog, &state, NOW, &mut random), &ways, step);
    }
}

#[test]
fn a_builder_takes_layers_in_turns_and_makes_the_city_of_their_features() {
    let (ways, trees) = (line_layer(), point_layer());
    let catalog = Arc::new(Catalog::from_layers(vec![ways.clone(), trees.clone()]).unwrap());
    let mut random = Random(SEED);
    let mut builder = CityBuilder::new(Arc::clone(&catalog), NOW);
    let mut lines = BTreeMap::new();
    for number in (1..=9_000).chain(1..=100) {
        let line = random_line(number, (0.0, 1.0), &mut random);
        lines.insert(number, line.clone());
        builder.push(&ways.id, line);
        if number == 50 {
            builder.push(&trees.id, feature(77, Point::new(108.0, 16.0), "a"));
            builder.finish_layer(&trees.id);
            builder.push(&trees.id, feature(78, Point::new(108.0, 16.0), "too late"));
        }
    }
    let city = builder.finish(Revision(4));
    assert_eq!(city.layer(&trees.id).unwrap().len(), 1);
    let whole = city_of(&ways, lines.into_values().collect());
    let features = |city: &City| -> Vec<u64> {
        city.layer(&ways.id).unwrap().features().map(|feature| feature.version()).collect()
    };
    assert_eq!(features(&city), features(&whole));
}

#[test]
fn a_span_is_steady_until_something_in_its_area_starts_or_ends() {
    let mut random = Random(SEED);
    let trees = point_layer();
    let moment = |random: &mut Random| Some(urbis_model::Moment(random.below(1_000) as i64));
    let stamped = (1..=300).map(|number| {
        let place = Point::new(random.between(107.9, 108.5), random.between(15.8, 16.4));
        let (from, to) = (moment(&mut random), moment(&mut random));
        Feature { validity: Validity { from, to }, ..feature(number, place, "a") }
    });
    let city = city_of(&trees, stamped.collect());
    let snapshot = city.layer(&trees.id).unwrap();
    for _ in 0..300 {
        let Place { area, zoom, class } = random_place(&mut random);
        let on = moment(&mut random).unwrap();
        let span = snapshot.steady(area, zoom, class, on);
        let ids = |on| -> Vec<u64> {
            let found = snapshot.in_box(area, zoom, Visibility { class, on: Some(on) });
            found.into_iter().map(|tree| tree.id().value()).collect()
        };
        assert!(span.contains(on));
        let (from, to) = (span.from.map_or(-1, |from| from.0), span.to.map_or(1_001, |to| to.0));
        for other in [from, to - 1, from.midpoint(to)] {
            assert_eq!(ids(urbis_model::Moment(other)), ids(on), "{other} in {span:?}");
        }
    }
}

#[test]
fn memory_is_told_by_what_it_holds() {
    let mut random = Random(SEED);
    let ways = line_layer();
    let lines = (1..=10_000).map(|n| random_line(n, (0.0, 1.0), &mut random)).collect();
    let memory = city_of(&ways, lines).layer(&ways.id).unwrap().memory();
    assert_eq!(memory.features, 10_000);
    assert_eq!(memory.vertices, 8 * 20_000 - 8 * degenerate(&ways));
    assert!((16 * 10_000..40 * 10_000).contains(&memory.boxes));
    assert!(memory.bytes() < 150 * 10_000, "{memory:?}");
}

/// Lines of one cell have one vertex.
fn degenerate(ways: &Layer) -> usize {
    let mut random = Random(SEED);
    let lines = (1..=10_000).map(|n| random_line(n, (0.0, 1.0), &mut random)).collect();
    let city = city_of(ways, lines);
    let everything = Visibility::now(Openness::Restricted);
    let found = city.layer(&ways.id).unwrap().in_box(EVERYWHERE, 22, everything);
    found.into_iter().filter(|line| line.vertex_count() == 1).count()
}
