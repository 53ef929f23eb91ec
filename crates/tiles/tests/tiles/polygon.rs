//! Polygons: winding, holes, and the area that a tile shows of them.

use geo::{Area, BooleanOps, Euclidean, Length};
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};
use urbis_catalog::Layer;
use urbis_model::TileAddress;

use crate::decode::{features, polygons, tile, tile_at, to_units, twice_area, twice_net_area};
use crate::support::{Random, city_of, feature, layer};

const SEED: u64 = 71;

fn building_layer() -> Layer {
    layer("house", "MultiPolygon", "minzoom = 0\nmaxzoom = 12\nattributes = []", "")
}

/// A star around a place, so that it never crosses itself.
fn star(random: &mut Random, center: (f64, f64), low: f64, high: f64) -> LineString<f64> {
    let count = 5 + random.below(60);
    let mut ring: Vec<(f64, f64)> = (0..count)
        .map(|index| {
            let angle = index as f64 / count as f64 * std::f64::consts::TAU;
            let radius = random.between(low, high);
            (center.0 + radius * angle.cos(), center.1 + radius * angle.sin())
        })
        .collect();
    ring.push(ring[0]);
    if random.below(2) == 0 {
        ring.reverse();
    }
    ring.into()
}

fn random_polygon(random: &mut Random) -> Polygon<f64> {
    let center = (random.between(107.9, 108.3), random.between(15.9, 16.2));
    let exterior = star(random, center, 0.12, 0.3);
    let hole = star(random, center, 0.02, 0.08);
    Polygon::new(exterior, vec![hole])
}

/// Area and outline of what the tile's buffered box shows of a polygon, in (square) units, by
/// another library.
fn measure_in_box(polygon: &Polygon<f64>, tile: TileAddress) -> (f64, f64) {
    let ring = |ring: &LineString<f64>| -> LineString<f64> {
        ring.coords().map(|c| Coord::from(to_units(tile, c.x, c.y))).collect()
    };
    let polygon =
        Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect());
    let buffered = Rect::new((-64.0, -64.0), (4160.0, 4160.0)).to_polygon();
    let shown = polygon.intersection(&buffered);
    let rings = shown.iter().flat_map(|one| std::iter::once(one.exterior()).chain(one.interiors()));
    (shown.unsigned_area(), rings.map(|ring| Euclidean.length(ring)).sum())
}

#[test]
fn a_tile_shows_the_area_that_another_library_cuts_out() {
    let layer = building_layer();
    let mut random = Random(SEED);
    for _ in 0..40 {
        let shape = random_polygon(&mut random);
        let city = city_of(&layer, vec![feature(1, shape.clone(), "a")]);
        let home = tile_at(12, 108.1, 16.05);
        for (dx, dy) in (0..4).flat_map(|x| (0..4).map(move |y| (x, y))) {
            let tile = tile(12, home.x() + dx - 2, home.y() + dy - 2);
            let (expected, outline) = measure_in_box(&shape, tile);
            let found = features(&city, &layer, tile);
            let found: i64 = found.iter().map(|f| twice_net_area(&polygons(&f.geometry))).sum();
            // No vertex moves by more than 0.71 units, so no edge sweeps more than 0.71 units
            // times its length; a square unit or two for the box's corners.
            let difference = (found as f64 / 2.0 - expected).abs();
            assert!(difference <= 0.71 * outline + 2.0, "tile {tile}: {found} {expected}");
        }
    }
}

#[test]
fn exteriors_run_clockwise_on_screen_and_holes_the_other_way() {
    let layer = building_layer();
    let mut random = Random(SEED);
    for number in 1..100 {
        let shapes = MultiPolygon(vec![random_polygon(&mut random)]);
        let city = city_of(&layer, vec![feature(number, shapes, "a")]);
        // Zoom 8 holds all of it; the exterior's radius is above the hole's.
        for z in [8, 12] {
            for found in features(&city, &layer, tile_at(z, 108.1, 16.05)) {
                let found = polygons(&found.geometry);
                assert_eq!(found.len(), 1);
                assert!(twice_area(found[0].exterior()) > 0);
                assert!(found[0].interiors().iter().all(|hole| twice_area(hole) < 0));
                assert!(z == 12 || found[0].interiors().len() == 1);
            }
        }
    }
}

#[test]
fn a_tile_within_a_hole_is_empty() {
    let layer = building_layer();
    let square = |radius: f64| {
        LineString::from(vec![
            (108.0 - radius, 16.0 - radius),
            (108.0 + radius, 16.0 - radius),
            (108.0 + radius, 16.0 + radius),
            (108.0 - radius, 16.0 + radius),
        ])
    };
    let ring = Polygon::new(square(2.0), vec![square(1.0)]);
    let city = city_of(&layer, vec![feature(1, ring, "a")]);
    assert!(features(&city, &layer, tile_at(12, 108.0, 16.0)).is_empty());
    let within = features(&city, &layer, tile_at(12, 109.5, 16.0));
    assert_eq!(twice_net_area(&polygons(&within[0].geometry)), 2 * 4224 * 4224);
}
