//! Search by box, by nearness and by id against full scans.

use std::sync::Arc;

use geo_types::{LineString, Point};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    ChangeBatch, Feature, FeatureId, LayerChange, LonLat, Openness, Revision, WorldBox, WorldXy,
};
use urbis_snapshot::{City, LayerSnapshot, SnapshotFeature, Visibility};

use crate::support::{NOW, Random, city_of, feature, id, layer};

const SEED: u64 = 31;

const ALL: Visibility = Visibility::now(Openness::Restricted);

fn line_layer() -> Layer {
    let tiles = r#"
minzoom = 4
maxzoom = 12
attributes = ["name"]
min_size_px = 2.0
zoom_by = { attribute = "name", zooms = { big = 5, small = 9 }, otherwise = 7 }
"#;
    layer("way", "MultiLineString", tiles, "")
}

/// Snapped to a coarse grid on purpose: many boxes touch, and some features share one place.
fn random_line(number: u64, random: &mut Random) -> Feature {
    let mut coordinate = || (random.below(400) as f64) / 100.0;
    let (x, y) = (106.0 + coordinate(), 14.0 + coordinate());
    let (dx, dy) = (coordinate() / 8.0, coordinate() / 8.0);
    let name = ["big", "small", "none"][(number % 3) as usize];
    feature(number, LineString::from(vec![(x, y), (x + dx, y + dy)]), name)
}

/// A layer with a base, runs of changes and tombstones.
fn changed_city(random: &mut Random) -> (Layer, City) {
    let layer = line_layer();
    let city = city_of(&layer, (1..=2_000).map(|n| random_line(n, random)).collect());
    let city = (0..6).fold(city, |city, step| {
        let upserted =
            (0..50).map(|_| random_line(1 + random.below(2_200), random)).collect::<Vec<_>>();
        let removed = (0..10).map(|_| id(3_000 + random.below(9))).chain([id(step + 1)]).collect();
        let change = LayerChange::Rows { upserted, removed };
        let batch = ChangeBatch { layers: [(layer.id.clone(), change)].into() };
        city.apply(Revision(step), batch).0
    });
    (layer, city)
}

fn ids(found: &[SnapshotFeature<'_>]) -> Vec<FeatureId> {
    found.iter().map(|feature| feature.id()).collect()
}

fn random_box(random: &mut Random) -> WorldBox {
    let place = |lon, lat| WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
    let (west, south) = (random.between(105.5, 110.0), random.between(13.5, 18.0));
    let size = random.between(0.0, 1.0);
    WorldBox::around([place(west, south), place(west + size, south + size)]).unwrap()
}

#[test]
fn a_box_finds_what_a_full_scan_finds() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    for _ in 0..200 {
        let (wanted, zoom) = (random_box(&mut random), random.below(14) as u8);
        let expected: Vec<SnapshotFeature<'_>> = snapshot
            .features()
            .filter(|feature| feature.first_zoom() <= zoom)
            .filter(|feature| feature.world_box().unwrap().intersects(&wanted))
            .collect();
        assert_eq!(ids(&snapshot.in_box(wanted, zoom, ALL)), ids(&expected), "zoom {zoom}");
        let drawn = snapshot.to_draw(wanted, zoom, ALL);
        assert!(drawn.is_sorted_by_key(|feature| feature.first_zoom()), "zoom {zoom}");
        let sorted = |mut ids: Vec<FeatureId>| {
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(ids(&drawn)), sorted(ids(&expected)), "zoom {zoom}");
    }
}

#[test]
fn nearness_grows_and_finds_every_feature_once() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    for _ in 0..20 {
        let (lon, lat) = (random.between(105.0, 111.0), random.between(13.0, 19.0));
        let from = WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
        let found: Vec<(FeatureId, f64)> =
            snapshot.near(from, ALL).map(|(feature, distance)| (feature.id(), distance)).collect();
        assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        let mut by_id: Vec<FeatureId> = found.iter().map(|(id, _)| *id).collect();
        by_id.sort_unstable();
        let mut expected = ids(&snapshot.features().collect::<Vec<_>>());
        expected.sort_unstable();
        assert_eq!(by_id, expected);
        for (id, distance) in found {
            let expected = squared_distance(from, snapshot, id);
            // The squares are below 2^65; doubles carry 53 bits of them.
            assert!((distance - expected).abs() <= expected * 1e-12, "{distance} {expected}");
        }
    }
}

#[test]
fn within_a_shrinking_reach_is_what_nearness_gives_first() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    for count in [0, 1, 7, 90] {
        let (lon, lat) = (random.between(105.0, 111.0), random.between(13.0, 19.0));
        let from = WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
        let all: Vec<f64> = snapshot.near(from, ALL).map(|(_, distance)| distance).collect();
        let reach = all[count];
        let mut near = snapshot.near_within(from, ALL, all[count + 40]);
        // From wide to narrow while it goes.
        let found: Vec<f64> = std::iter::from_fn(|| near.next_within(reach)).map(|f| f.1).collect();
        let expected: Vec<f64> = all.into_iter().filter(|distance| *distance <= reach).collect();
        assert_eq!(found, expected, "{count}");
    }
}

#[test]
fn within_a_disc_is_what_nearness_gives_up_to_there_or_nothing_where_it_is_too_much() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    for count in [0, 1, 7, 90] {
        let (lon, lat) = (random.between(105.0, 111.0), random.between(13.0, 19.0));
        let from = WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
        let near: Vec<_> = snapshot.near(from, ALL).map(|(one, at)| (one.id(), at)).collect();
        let reach = near[count].1;
        let mut expected: Vec<FeatureId> =
            near.iter().take_while(|(_, at)| *at <= reach).map(|(id, _)| *id).collect();
        expected.sort_unstable();
        let found = snapshot.within(from, reach, expected.len()).unwrap();
        let at = |id: FeatureId| near.iter().find(|(one, _)| *one == id).unwrap().1;
        assert!(found.iter().all(|(one, squared)| *squared == at(one.id())));
        let mut found: Vec<FeatureId> = found.iter().map(|(one, _)| one.id()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{count}");
        assert!(snapshot.within(from, reach, expected.len() - 1).is_none());
    }
}

#[test]
fn what_is_beside_a_place_is_of_the_layer_and_mostly_near() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    let mut ranks = Vec::new();
    for _ in 0..40 {
        let (lon, lat) = (random.between(107.0, 109.0), random.between(15.0, 17.0));
        let from = WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
        let near: Vec<FeatureId> = snapshot.near(from, ALL).map(|(one, _)| one.id()).collect();
        let beside: Vec<FeatureId> = snapshot.beside(from, 10).map(|one| one.id()).collect();
        assert!((1..=20).contains(&beside.len()));
        ranks.extend(beside.iter().map(|id| near.iter().position(|one| one == id).unwrap()));
    }
    ranks.sort_unstable();
    assert!(
        ranks[ranks.len() / 2] < snapshot.len() / 4,
        "{} of {}",
        ranks[ranks.len() / 2],
        snapshot.len()
    );
}

fn squared_distance(from: WorldXy, snapshot: &LayerSnapshot, id: FeatureId) -> f64 {
    let found = snapshot.feature(id).unwrap().world_box().unwrap();
    let outside = |value: u32, min: u32, max: u32| {
        f64::from(min.saturating_sub(value).max(value.saturating_sub(max)))
    };
    let dx = outside(from.x, found.min_x, found.max_x);
    let dy = outside(from.y, found.min_y, found.max_y);
    dx * dx + dy * dy
}

#[test]
fn features_come_along_the_curve_each_once_and_are_as_many_as_said() {
    let mut random = Random(SEED);
    let (layer, city) = changed_city(&mut random);
    let snapshot = city.layer(&layer.id).unwrap();
    let all: Vec<SnapshotFeature<'_>> = snapshot.features().collect();
    assert_eq!(all.len(), snapshot.len());
    let keys: Vec<_> = all.iter().map(|feature| (curve(*feature), feature.id())).collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
    for feature in all {
        assert_eq!(snapshot.feature(feature.id()), Some(feature));
    }
    assert_eq!(snapshot.feature(id(99_999)), None);
}

/// The bits of the middle of the box from the top: row before column.
fn curve(feature: SnapshotFeature<'_>) -> String {
    let found = feature.world_box().unwrap();
    let x = (u64::from(found.min_x) + u64::from(found.max_x)) / 2;
    let y = (u64::from(found.min_y) + u64::from(found.max_y)) / 2;
    (0..32).rev().map(|bit| format!("{}{}", y >> bit & 1, x >> bit & 1)).collect()
}

#[test]
fn the_first_zoom_follows_class_and_size() {
    let layer = line_layer();
    // A degree is 1 / 360 of the world: 512 * 2^z / 360 pixels.
    let line = |length: f64| LineString::from(vec![(108.0, 16.0), (108.0 + length, 16.0)]);
    let cases = [
        ("big", 1.0, 5),
        ("small", 1.0, 9),
        ("other", 1.0, 7),
        // 2 pixels need 512 * 2^z / 360 * 0.001 >= 2, so z >= 10.46.
        ("big", 0.001, 11),
        // Shorter than two pixels at every zoom: drawn at the last one all the same.
        ("big", 1e-6, 12),
    ];
    for (name, length, expected) in cases {
        let city = city_of(&layer, vec![feature(1, line(length), name)]);
        let found = city.layer(&layer.id).unwrap().feature(id(1)).unwrap().first_zoom();
        assert_eq!(found, expected, "{name} {length}");
    }
}

#[test]
fn a_layer_that_the_catalogue_does_not_know_is_left_out_and_a_missing_one_is_empty() {
    let points = layer("tree", "Point", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let ways = line_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![ways.clone()]).unwrap());
    let trees = vec![(points.id.clone(), vec![feature(1, Point::new(1.0, 1.0), "a")])];
    let city = City::build(catalog, Revision(1), trees, NOW);
    assert!(city.layer(&points.id).is_none());
    assert!(city.layer(&ways.id).unwrap().is_empty());
    let change = LayerChange::Rows { upserted: vec![], removed: vec![id(1)] };
    let batch = ChangeBatch { layers: [(points.id.clone(), change)].into() };
    assert_eq!(city.apply(Revision(2), batch).0.revision(), Revision(2));
}
