//! Neighbours in a coverage: every inner edge of one is the inner edge of exactly one other.

use std::collections::{HashMap, HashSet};

use geo_types::Coord;
use urbis_catalog::Layer;
use urbis_model::{TileAddress, WorldXy};
use urbis_snapshot::{City, Part};

use crate::decode::{features, polygons, tile, tile_at};
use crate::mesh::Mesh;
use crate::support::{Random, city_of, layer};
use crate::wards::wards;

const SEED: u64 = 81;

fn coverage_layer() -> Layer {
    let tiles = "minzoom = 0\nmaxzoom = 14\nattributes = []";
    layer("cell", "MultiPolygon", tiles, "coverage = true")
}

type Ends = ((i32, i32), (i32, i32));

/// Edges of all rings of a tile, those that run both ways taken away.
fn unmatched_edges(city: &City, layer: &Layer, tile: TileAddress) -> Vec<Ends> {
    let mut count: HashMap<Ends, i32> = HashMap::new();
    let pair = |c: Coord<i32>| (c.x, c.y);
    for feature in features(city, layer, tile) {
        for polygon in polygons(&feature.geometry) {
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                for line in ring.lines() {
                    *count.entry((pair(line.start), pair(line.end))).or_default() += 1;
                    *count.entry((pair(line.end), pair(line.start))).or_default() -= 1;
                }
            }
        }
    }
    count.into_iter().filter(|(_, count)| *count > 0).map(|(ends, _)| ends).collect()
}

fn on_the_box(((ax, ay), (bx, by)): Ends) -> bool {
    let is_edge = |unit: i32| unit == -64 || unit == 4160;
    (ax == bx && is_edge(ax)) || (ay == by && is_edge(ay))
}

/// Tiles that lie within the mesh, which spans 108.0..108.4 and 15.9..16.3 give or take 0.02.
fn tiles_within(z: u32) -> Vec<TileAddress> {
    let (first, last) = (tile_at(z, 108.03, 16.27), tile_at(z, 108.37, 15.93));
    let columns = first.x() + 1..last.x();
    let all = columns.flat_map(|x| (first.y() + 1..last.y()).map(move |y| (x, y)));
    all.step_by(3).map(|(x, y)| tile(z, x, y)).collect()
}

#[test]
fn cells_meet_without_gap_or_overlap_in_every_tile_within_the_coverage() {
    let mut random = Random(SEED);
    let layer = coverage_layer();
    let city = city_of(&layer, Mesh::new(8, 8, &mut random).cells(&mut random));
    for z in 11..=16 {
        let tiles = tiles_within(z);
        assert!(!tiles.is_empty());
        for tile in tiles.into_iter().take(60) {
            let features = features(&city, &layer, tile);
            let areas = features.iter().flat_map(|feature| polygons(&feature.geometry));
            let twice: i64 = areas.map(|one| crate::decode::twice_net_area(&[one])).sum();
            // Exact: what one loses at a shared edge the other gains.
            assert_eq!(twice, 2 * 4224 * 4224, "tile {tile}");
            let inner = unmatched_edges(&city, &layer, tile);
            assert!(inner.iter().all(|ends| on_the_box(*ends)), "tile {tile}: {inner:?}");
        }
    }
}

/// Ends of the edges that only one ring has: the outline of the coverage.
fn outline(city: &City, layer: &Layer) -> HashSet<WorldXy> {
    let mut count: HashMap<(WorldXy, WorldXy), i32> = HashMap::new();
    for feature in city.layer(&layer.id).unwrap().features() {
        for part in feature.parts() {
            let Part::Polygon(polygon) = part else { panic!("only polygons") };
            for ring in polygon.rings() {
                let ends = ring.vertices().iter().zip(ring.vertices().iter().cycle().skip(1));
                ends.for_each(|(a, b)| *count.entry((*a.min(b), *a.max(b))).or_default() += 1);
            }
        }
    }
    let single = count.into_iter().filter(|(_, count)| *count == 1);
    single.flat_map(|((a, b), _)| [a, b]).collect()
}

fn to_unit(cell: WorldXy, tile: TileAddress) -> (i32, i32) {
    let scale = 2_f64.powi(20 - i32::from(tile.z()));
    let unit = |cell: u32, tile: u32| {
        ((f64::from(cell) / scale).round() - f64::from(tile) * 4096.0) as i32
    };
    (unit(cell.x, tile.x()), unit(cell.y, tile.y()))
}

/// Checks that inner edges match in a tile, whether the coverage fills it or not.
fn check_tile(city: &City, layer: &Layer, outline: &HashSet<WorldXy>, tile: TileAddress) -> usize {
    let outline: HashSet<(i32, i32)> = outline.iter().map(|cell| to_unit(*cell, tile)).collect();
    let on_box = |unit: i32| unit == -64 || unit == 4160;
    let may_end = |end: (i32, i32)| on_box(end.0) || on_box(end.1) || outline.contains(&end);
    let unmatched = unmatched_edges(city, layer, tile);
    let torn: Vec<&Ends> =
        unmatched.iter().filter(|ends| !may_end(ends.0) || !may_end(ends.1)).collect();
    assert!(torn.is_empty(), "tile {tile}: {torn:?}");
    unmatched.len()
}

#[test]
fn cells_meet_at_zooms_that_show_the_whole_coverage() {
    let mut random = Random(SEED);
    let layer = coverage_layer();
    let city = city_of(&layer, Mesh::new(8, 8, &mut random).cells(&mut random));
    let outline = outline(&city, &layer);
    for z in 0..=11 {
        check_tile(&city, &layer, &outline, tile_at(z, 108.2, 16.1));
    }
}

#[test]
fn the_wards_of_the_city_meet_at_every_zoom_of_their_layer() {
    let layer = coverage_layer();
    let city = city_of(&layer, wards());
    let outline = outline(&city, &layer);
    let mut edges = 0;
    // Further out a ward is smaller than a tile unit.
    for z in 5..=18 {
        for (lon, lat) in [(108.2, 16.05), (108.25, 15.9), (107.8, 15.6), (112.0, 16.5)] {
            edges += check_tile(&city, &layer, &outline, tile_at(z, lon, lat));
        }
    }
    assert!(edges > 1_000, "{edges} edges of the outline");
}
