//! Features that large blocks keep ready, against those of small blocks, which are drawn each time.

use std::collections::BTreeMap;

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon};
use urbis_catalog::Layer;
use urbis_model::{Feature, Openness};
use urbis_snapshot::City;

use super::decode::{bytes, decode, tile_at};
use super::support::{Random, city_of, feature, layer};

const SEED: u64 = 512;
const MIDDLE: (f64, f64) = (108.22, 16.06);

/// Large enough that its blocks keep what they drew.
const MANY: u64 = 2_000;

/// So few that none is kept.
const FEW: usize = 400;

fn place(random: &mut Random, around: (f64, f64), reach: f64) -> (f64, f64) {
    let mut step = || random.between(-reach, reach);
    (around.0 + step(), around.1 + step())
}

/// Corners about a place in order of their angle: a simple ring, wound either way.
fn ring(random: &mut Random, around: (f64, f64), radius: f64) -> LineString<f64> {
    let corners = 3 + random.below(9);
    let is_backward = random.below(2) == 0;
    let turn = std::f64::consts::TAU / corners as f64;
    let corner = |number: u64| {
        let angle = turn * (if is_backward { corners - number } else { number }) as f64;
        (around.0 + radius * angle.cos(), around.1 + radius * angle.sin())
    };
    (0..=corners).map(|number| Coord::from(corner(number % corners))).collect()
}

/// One part, or two of which the second has a hole; some far too small to be seen.
fn polygons(random: &mut Random) -> Geometry<f64> {
    let at = place(random, MIDDLE, 0.02);
    let radius = [2e-7, 2e-5, 1e-4, 2e-3][random.below(4) as usize];
    let first = Polygon::new(ring(random, at, radius), vec![]);
    let beside = (at.0 + 3.0 * radius, at.1);
    let hole = ring(random, beside, radius / 3.0);
    let second = Polygon::new(ring(random, beside, radius), vec![hole]);
    let several = random.below(3) == 0;
    MultiPolygon(if several { vec![first, second] } else { vec![first] }).into()
}

/// One part or two, some of more vertices than a short path has.
fn lines(random: &mut Random) -> Geometry<f64> {
    let at = place(random, MIDDLE, 0.02);
    let line = |random: &mut Random| -> LineString<f64> {
        let vertices = if random.below(50) == 0 { 200 } else { 2 + random.below(12) };
        let mut next = at;
        (0..vertices)
            .map(|_| {
                next = place(random, next, 1e-4);
                Coord::from(next)
            })
            .collect()
    };
    let parts = 1 + random.below(2);
    MultiLineString((0..parts).map(|_| line(random)).collect()).into()
}

/// What a tile of a zoom shows a class of each feature: geometry and attributes.
fn shown(city: &City, layer: &Layer, zoom: u32, class: Openness) -> BTreeMap<u64, String> {
    let tile = tile_at(zoom, MIDDLE.0, MIDDLE.1);
    let layers = decode(&bytes(city, &[layer], tile, class));
    let features = layers.into_iter().flat_map(|layer| layer.features);
    let text = |properties, geometry| format!("{properties:?} {geometry:?}");
    features.map(|one| (one.id.unwrap(), text(one.properties, one.geometry))).collect()
}

#[test]
fn copied_polygons_are_what_would_be_drawn_at_every_zoom() {
    check("MultiPolygon", polygons);
}

#[test]
fn copied_lines_are_what_would_be_drawn_at_every_zoom() {
    check("MultiLineString", lines);
}

fn check(kind: &str, geometry: fn(&mut Random) -> Geometry<f64>) {
    let mut random = Random(SEED);
    let tiles = r#"minzoom = 6
maxzoom = 16
budget_kb = 5000
attributes = ["secret", "name", "size"]"#;
    let layer = layer("thing", kind, tiles, "");
    let all: Vec<Feature> = (1..=MANY)
        .map(|number| feature(number, geometry(&mut random), ["a", "b"][number as usize % 2]))
        .collect();
    let large = city_of(&layer, all.clone());
    let small: Vec<City> = all.chunks(FEW).map(|few| city_of(&layer, few.to_vec())).collect();
    for zoom in 8..=17 {
        // Whoever comes first makes it ready for all.
        let classes = [Openness::Open, Openness::Internal];
        for at in [zoom, zoom + 1] {
            let class = classes[at as usize % 2];
            let of = |city| shown(city, &layer, zoom, class);
            let expected: BTreeMap<u64, String> = small.iter().flat_map(of).collect();
            assert!(expected.len() > 5, "{kind}, zoom {zoom}: {}", expected.len());
            let found = of(&large);
            for (number, expected) in &expected {
                assert_eq!(found.get(number), Some(expected), "{kind} {number}, zoom {zoom}");
                assert_eq!(expected.contains("secret"), class == Openness::Internal);
            }
            assert_eq!(found.len(), expected.len(), "{kind}, zoom {zoom}");
        }
        let kept = large.layer(&layer.id).unwrap().memory().prepared;
        assert!(kept > 0, "nothing was kept of {kind}");
    }
    let drawn = small.iter().map(|city| city.layer(&layer.id).unwrap().memory().prepared);
    assert_eq!(drawn.sum::<usize>(), 0, "small blocks are drawn");
}
