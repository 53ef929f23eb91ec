//! Neighbours in a coverage: every inner edge of one is the inner edge of exactly one other.

use std::collections::HashMap;

use geo_types::Coord;
use urbis_catalog::Layer;
use urbis_model::TileAddress;
use urbis_snapshot::City;

use crate::decode::{features, polygons, tile, tile_at};
use crate::mesh::Mesh;
use crate::support::{Random, city_of, layer};

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
