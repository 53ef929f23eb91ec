//! Tiles of geometry that no survey would make, at the corners of the world.

use geo_types::{LineString, Point, Polygon};
use urbis_model::Openness;

use crate::decode::{bytes, decode, features, polygons, tile, twice_net_area};
use crate::odd_geometry::odd_polygons;
use crate::support::{city_of, feature, layer};

#[test]
fn odd_polygons_make_tiles_that_decode_at_every_zoom() {
    for top in ["", "coverage = true"] {
        let layer = layer("odd", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = []", top);
        let city = city_of(&layer, odd_polygons());
        for z in 0..=22_u32 {
            let last = (1_u32 << z) - 1;
            let home = crate::decode::tile_at(z, 108.05, 16.05);
            let corners = [(0, 0), (last, 0), (0, last), (last, last), (home.x(), home.y())];
            for (x, y) in corners {
                let bytes = bytes(&city, &[&layer], tile(z, x, y), Openness::Open);
                for layer in decode(&bytes) {
                    for feature in layer.features {
                        assert!(twice_net_area(&polygons(&feature.geometry)) > 0, "{z}/{x}/{y}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_polygon_of_the_whole_world_fills_every_tile() {
    let ring = vec![(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)];
    let layer = layer("sea", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let world = Polygon::new(LineString::from(ring), vec![]);
    let city = city_of(&layer, vec![feature(1, world, "sea")]);
    let area = |z, x, y| {
        let found = features(&city, &layer, tile(z, x, y));
        twice_net_area(&polygons(&found[0].geometry)) / 2
    };
    // The world has an edge: no buffer beyond it.
    assert_eq!(area(0, 0, 0), 4096 * 4096);
    assert_eq!(area(1, 1, 1), 4160 * 4160);
    assert_eq!(area(22, 1 << 21, 1 << 21), 4224 * 4224);
}

#[test]
fn points_at_the_poles_and_the_antimeridian_lie_on_the_edge_of_the_world() {
    let layer = layer("pole", "Point", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let corners = [(-180.0, 90.0), (180.0, 90.0), (-180.0, -90.0), (180.0, -90.0)];
    let trees = corners
        .iter()
        .enumerate()
        .map(|(index, (lon, lat))| feature(index as u64 + 1, Point::new(*lon, *lat), "pole"));
    let city = city_of(&layer, trees.collect());
    for z in [0, 1, 14, 22] {
        let last = (1_u32 << z) - 1;
        for (x, y) in [(0, 0), (last, 0), (0, last), (last, last)] {
            let found = features(&city, &layer, tile(z, x, y));
            assert_eq!(found.len(), if z == 0 { 4 } else { 1 }, "{z}/{x}/{y}");
        }
    }
}

#[test]
fn lines_of_one_cell_are_left_out() {
    let layer = layer("way", "MultiLineString", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let line = LineString::from(vec![(108.0, 16.0), (108.0, 16.0)]);
    let city = city_of(&layer, vec![feature(1, line, "a")]);
    for z in 0..=22 {
        assert!(features(&city, &layer, crate::decode::tile_at(z, 108.0, 16.0)).is_empty());
    }
}
