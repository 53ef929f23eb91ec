//! What is in a tile: which layers, features, attributes, where.

use std::sync::Arc;

use fast_mvt::{MvtGeometry, MvtValue};
use geo_types::{LineString, MultiLineString, Point};
use urbis_catalog::{AttributeType, Catalog, CodeValue, Layer};
use urbis_model::{AttributeValue, Feature, LayerId, Openness, Revision};
use urbis_snapshot::City;

use crate::decode::{bytes, decode, features, ids, tile, tile_at, to_units};
use crate::support::{NOW, Random, city_of, feature, layer};

const SEED: u64 = 61;

fn tree_layer() -> Layer {
    let tiles = "minzoom = 6\nmaxzoom = 14\nattributes = [\"size\", \"secret\", \"name\"]";
    layer("tree", "Point", tiles, "")
}

fn way_layer(id: &str) -> Layer {
    layer(id, "MultiLineString", "minzoom = 0\nmaxzoom = 14\nattributes = [\"name\"]", "")
}

fn here() -> Point<f64> {
    Point::new(108.22, 16.06)
}

#[test]
fn features_have_their_ids_in_order_and_the_open_attributes_in_tile_order() {
    let layer = tree_layer();
    let mut nameless = feature(70, here(), "");
    nameless.attributes = vec![AttributeValue::Null, AttributeValue::Int(20), AttributeValue::Null];
    let city = city_of(&layer, vec![nameless, feature(7, here(), "cây bàng")]);
    let found = features(&city, &layer, tile_at(14, 108.22, 16.06));
    assert_eq!(ids(&found), [7, 70]);
    let named = |name: &str, value| (name.to_owned(), value);
    let name = MvtValue::String("cây bàng".to_owned());
    assert_eq!(found[0].properties, [named("size", MvtValue::SInt(-43)), named("name", name)]);
    assert_eq!(found[1].properties, [named("size", MvtValue::UInt(20))]);
}

#[test]
fn a_higher_class_sees_more_attributes_and_layers() {
    let tree = tree_layer();
    let mut hydrant = layer("hydrant", "Point", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    hydrant.openness = Openness::Internal;
    hydrant.attributes.iter_mut().for_each(|attribute| attribute.openness = None);
    let layers = vec![tree.clone(), hydrant.clone()];
    let catalog = Arc::new(Catalog::from_layers(layers).unwrap());
    let load = |layer: &Layer| (layer.id.clone(), vec![feature(1, here(), "a")]);
    let city = City::build(catalog, Revision(1), vec![load(&tree), load(&hydrant)], NOW);
    let tile = tile_at(10, 108.22, 16.06);
    let seen = |class| {
        let bytes = bytes(&city, &[&hydrant, &tree], tile, class);
        let layers = decode(&bytes);
        let describe = |layer: &fast_mvt::MvtLayer| {
            (layer.name.clone(), layer.features[0].properties.len(), layer.extent.get())
        };
        layers.iter().map(describe).collect::<Vec<_>>()
    };
    assert_eq!(seen(Openness::Open), [("tree".to_owned(), 2, 4096)]);
    let all = [("hydrant".to_owned(), 0, 4096), ("tree".to_owned(), 3, 4096)];
    assert_eq!(seen(Openness::Internal), all);
}

#[test]
fn every_type_of_value_comes_through() {
    let mut layer = tree_layer();
    layer.tiles.attributes = vec!["name".to_owned()];
    let values = [
        (AttributeValue::Bool(true), MvtValue::Bool(true)),
        (AttributeValue::Bool(false), MvtValue::Bool(false)),
        (AttributeValue::Int(i64::MIN), MvtValue::SInt(i64::MIN)),
        (AttributeValue::Int(-1), MvtValue::SInt(-1)),
        (AttributeValue::Int(0), MvtValue::UInt(0)),
        (AttributeValue::Int(i64::MAX), MvtValue::UInt(i64::MAX as u64)),
        (AttributeValue::Float(-0.1), MvtValue::Double(-0.1)),
        (AttributeValue::text(""), MvtValue::String(String::new())),
        (AttributeValue::text("Đà Nẵng"), MvtValue::String("Đà Nẵng".to_owned())),
    ];
    let features_in = values.iter().enumerate().map(|(index, (value, _))| {
        let mut tree = feature(index as u64 + 1, here(), "");
        tree.attributes[0] = value.clone();
        tree
    });
    let city = city_of(&layer, features_in.collect());
    let mut found = features(&city, &layer, tile_at(14, 108.22, 16.06));
    found.sort_by_key(|feature| feature.id);
    let found: Vec<&MvtValue> = found.iter().map(|feature| &feature.properties[0].1).collect();
    assert_eq!(found, values.iter().map(|(_, value)| value).collect::<Vec<_>>());
}

#[test]
fn several_codes_are_one_text_as_the_source_orders_them() {
    let tiles = "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\"]";
    let mut layer = layer("plot", "Point", tiles, "");
    layer.attributes[0].kind = AttributeType::Codes;
    let label = |code: &str| CodeValue {
        vi: code.to_owned(),
        en: code.to_owned(),
        color: None,
        icon: None,
        from: vec![],
        from_start: vec![],
    };
    let codes = ["CLN", "ONT"].map(|code| (code.to_owned(), label(code)));
    layer.attributes[0].values = codes.into_iter().collect();
    let city = city_of(&layer, vec![feature(1, here(), "ONT+CLN")]);
    let found = features(&city, &layer, tile_at(14, 108.22, 16.06));
    let codes = MvtValue::String("ONT+CLN".to_owned());
    assert_eq!(found[0].properties, [("name".to_owned(), codes)]);
}

#[test]
fn layers_stand_in_the_order_asked_and_empty_ones_are_left_out() {
    let (one, two, none) = (way_layer("one"), way_layer("two"), way_layer("none"));
    let layers = vec![one.clone(), two.clone(), none.clone()];
    let catalog = Arc::new(Catalog::from_layers(layers).unwrap());
    let line = LineString::from(vec![(108.0, 16.0), (108.1, 16.1)]);
    let load = |id: &LayerId| (id.clone(), vec![feature(1, line.clone(), "a")]);
    let city = City::build(catalog, Revision(1), vec![load(&one.id), load(&two.id)], NOW);
    let tile = tile_at(9, 108.05, 16.05);
    let names = |layers: &[&Layer]| {
        let bytes = bytes(&city, layers, tile, Openness::Open);
        decode(&bytes).into_iter().map(|layer| layer.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&[&two, &none, &one]), ["two", "one"]);
    assert_eq!(names(&[&one, &two]), ["one", "two"]);
    assert!(bytes(&city, &[&none], tile, Openness::Open).is_empty());
    assert!(bytes(&city, &[&one], tile_at(9, 10.0, 10.0), Openness::Open).is_empty());
}

#[test]
fn a_layer_starts_at_its_minzoom_and_goes_on_beyond_its_maxzoom() {
    let layer = tree_layer();
    let city = city_of(&layer, vec![feature(1, here(), "a")]);
    for z in 0..=22 {
        let found = features(&city, &layer, tile_at(z, 108.22, 16.06));
        assert_eq!(found.len(), usize::from(z >= 6), "zoom {z}");
    }
}

#[test]
fn a_point_is_drawn_at_its_place_in_every_tile_whose_buffer_holds_it() {
    let layer = tree_layer();
    let mut random = Random(SEED);
    for z in [6, 12, 14, 20, 22] {
        for _ in 0..20 {
            let (lon, lat) = (random.between(107.5, 108.5), random.between(15.5, 16.5));
            let city = city_of(&layer, vec![feature(1, Point::new(lon, lat), "a")]);
            let home = tile_at(z, lon, lat);
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let near = tile(z, home.x() + dx, home.y() + dy);
                check_point(&city, &layer, near, (lon, lat));
            }
        }
    }
}

fn check_point(city: &City, layer: &Layer, tile: urbis_model::TileAddress, place: (f64, f64)) {
    let (x, y) = to_units(tile, place.0, place.1);
    let found = features(city, layer, tile);
    let from_edge = |unit: f64| (unit + 64.0).min(4160.0 - unit);
    let inside = from_edge(x).min(from_edge(y));
    // Half a unit for rounding, half a cell (2^(z - 21) units) for the grid of the snapshot.
    let error = 0.5 + 2_f64.powi(i32::from(tile.z()) - 21) + 1e-6;
    if inside.abs() > error {
        assert_eq!(found.len(), usize::from(inside > 0.0), "tile {tile}, unit {x},{y}");
    }
    for feature in found {
        let MvtGeometry::Point(point) = feature.geometry else { panic!("a point") };
        assert!((f64::from(point.x()) - x).abs() <= error, "{} {x}", point.x());
        assert!((f64::from(point.y()) - y).abs() <= error, "{} {y}", point.y());
    }
}

#[test]
fn a_line_through_the_tile_is_cut_at_the_buffer_and_may_come_in_pieces() {
    let layer = way_layer("way");
    // Down the middle of tile 1/1/0, out to the east of it, and back.
    let line = LineString::from(vec![(90.0, 80.0), (90.0, 60.0), (-170.0, 60.0), (-170.0, 40.0)]);
    let back = LineString::from(vec![(-170.0, 30.0), (90.0, 30.0)]);
    let city = city_of(&layer, vec![feature(1, MultiLineString(vec![line, back]), "a")]);
    let found = features(&city, &layer, tile(1, 0, 0));
    let MvtGeometry::MultiLineString(lines) = &found[0].geometry else { panic!("two lines") };
    let expected = |from: (f64, f64)| to_units(tile(1, 0, 0), from.0, from.1);
    let (x, y) = expected((-170.0, 60.0));
    assert_eq!(lines.0.len(), 2);
    let first: Vec<(i32, i32)> = lines.0[0].coords().map(|c| (c.x, c.y)).collect();
    let (_, south) = expected((-170.0, 40.0));
    let round = |unit: f64| unit.round() as i32;
    assert_eq!(first, [(4160, round(y)), (round(x), round(y)), (round(x), round(south))]);
}

#[test]
fn a_straight_run_of_vertices_is_one_segment() {
    let layer = way_layer("way");
    let line: Vec<(f64, f64)> = (0..=64).map(|i| (108.0 + f64::from(i) / 1024.0, 16.0)).collect();
    let city = city_of(&layer, vec![feature(1, LineString::from(line), "a")]);
    let found = features(&city, &layer, tile_at(8, 108.01, 16.0));
    let MvtGeometry::LineString(line) = &found[0].geometry else { panic!("a line") };
    assert_eq!(line.0.len(), 2);
}

#[test]
fn the_order_of_loading_does_not_change_a_byte() {
    let layer = tree_layer();
    let mut random = Random(SEED);
    let trees: Vec<Feature> = (1..=500)
        .map(|number| {
            let place = Point::new(random.between(108.0, 108.3), random.between(16.0, 16.3));
            feature(number, place, ["bàng", "phượng", "xà cừ"][random.below(3) as usize])
        })
        .collect();
    let mut other = trees.clone();
    other.reverse();
    other.rotate_left(123);
    let (one, two) = (city_of(&layer, trees), city_of(&layer, other));
    for z in 6..15 {
        let tile = tile_at(z, 108.1, 16.1);
        let first = bytes(&one, &[&layer], tile, Openness::Internal);
        assert_eq!(first, bytes(&two, &[&layer], tile, Openness::Internal));
    }
}
