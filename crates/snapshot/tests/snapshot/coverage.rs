//! Shared edges: all polygons that have a vertex keep it from the same zoom on.

use std::collections::HashMap;

use geo_types::{Geometry, LineString, Polygon};
use urbis_catalog::Layer;
use urbis_model::{TileAddress, WorldXy};
use urbis_snapshot::{City, Part};

use crate::mesh::Mesh;
use crate::support::{Random, city_of, feature, layer};
use crate::wards::wards;

const SEED: u64 = 21;

pub fn coverage_layer() -> Layer {
    let tiles = "minzoom = 0\nmaxzoom = 14\nattributes = [\"name\"]";
    layer("cell", "MultiPolygon", tiles, "coverage = true")
}

/// The rank of every vertex, and how many rings have it.
fn ranks(city: &City, layer: &Layer) -> HashMap<WorldXy, (u8, usize)> {
    let mut ranks: HashMap<WorldXy, (u8, usize)> = HashMap::new();
    for feature in city.layer(&layer.id).unwrap().features() {
        for part in feature.parts() {
            let Part::Polygon(polygon) = part else { panic!("only polygons") };
            for ring in polygon.rings() {
                for (vertex, rank) in ring.vertices().iter().zip(ring.ranks()) {
                    let seen = ranks.entry(*vertex).or_insert((*rank, 0));
                    assert_eq!(seen.0, *rank, "feature {} at {vertex:?}", feature.id());
                    seen.1 += 1;
                }
            }
        }
    }
    ranks
}

#[test]
fn cells_of_a_random_coverage_agree_on_every_shared_vertex() {
    let mut random = Random(SEED);
    let mesh = Mesh::new(8, 8, &mut random);
    let layer = coverage_layer();
    let city = city_of(&layer, mesh.cells(&mut random));
    let ranks = ranks(&city, &layer);
    let shared = ranks.values().filter(|(_, rings)| *rings > 1).count();
    assert!(shared > 5_000, "{shared} shared vertices");
    // A junction of cells is drawn from the first zoom on, most other vertices are not.
    assert!(ranks.values().all(|(rank, rings)| *rings < 3 || *rank == 0));
    let at_first = ranks.values().filter(|(rank, _)| *rank <= 8).count();
    assert!(at_first * 3 < ranks.len(), "{at_first} of {} vertices at zoom 8", ranks.len());
}

#[test]
fn the_wards_of_the_city_agree_on_every_shared_vertex() {
    let layer = coverage_layer();
    let city = city_of(&layer, wards());
    assert_eq!(city.layer(&layer.id).unwrap().len(), 94);
    let ranks = ranks(&city, &layer);
    let shared = ranks.values().filter(|(_, rings)| *rings > 1).count();
    assert!(shared > 50_000, "{shared} shared vertices");
}

#[test]
fn an_island_in_a_hole_agrees_with_the_hole() {
    let ring = |radius: f64, count: usize| -> Vec<(f64, f64)> {
        (0..count)
            .map(|index| {
                let angle = index as f64 / count as f64 * std::f64::consts::TAU;
                (108.0 + radius * angle.cos(), 16.0 + radius * angle.sin())
            })
            .collect()
    };
    let island = ring(0.01, 400);
    let mut hole = island.clone();
    hole.rotate_left(123);
    hole.reverse();
    let sea = Polygon::new(LineString::from(ring(0.1, 50)), vec![LineString::from(hole)]);
    let island = Polygon::new(LineString::from(island), vec![]);
    let layer = coverage_layer();
    let city = city_of(&layer, vec![feature(1, sea, "sea"), feature(2, island, "island")]);
    let ranks = ranks(&city, &layer);
    assert_eq!(ranks.values().filter(|(_, rings)| *rings == 2).count(), 400);
}

#[test]
fn dropped_vertices_stay_within_half_a_pixel_of_what_is_drawn() {
    let mut random = Random(SEED);
    let layer = coverage_layer();
    let city = city_of(&layer, Mesh::new(4, 4, &mut random).cells(&mut random));
    for zoom in 0..=TileAddress::MAX_ZOOM {
        // Cells a half pixel: a tile of 512 pixels is 2^(32 - zoom) cells.
        let tolerance = if zoom < 14 { 2_f64.powi(22 - i32::from(zoom)) } else { 0.0 };
        for feature in city.layer(&layer.id).unwrap().features() {
            for part in feature.parts() {
                let Part::Polygon(polygon) = part else { panic!("only polygons") };
                let drawn: Vec<WorldXy> = polygon.exterior().at_zoom(zoom).collect();
                for vertex in polygon.exterior().vertices().iter().step_by(17) {
                    let distance = distance_to_ring(*vertex, &drawn);
                    assert!(distance <= tolerance * (1.0 + 1e-9), "zoom {zoom}: {distance}");
                }
            }
        }
    }
}

fn distance_to_ring(vertex: WorldXy, ring: &[WorldXy]) -> f64 {
    use geo::{Distance, Euclidean};
    let point = |v: &WorldXy| geo_types::Coord { x: f64::from(v.x), y: f64::from(v.y) };
    let mut closed: Vec<_> = ring.iter().map(point).collect();
    closed.push(closed[0]);
    let line = Geometry::from(LineString(closed));
    Euclidean.distance(&Geometry::from(geo_types::Point(point(&vertex))), &line)
}
