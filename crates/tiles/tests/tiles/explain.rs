//! What is said of a tile and of a layer's zooms, against what is in the tiles.

use geo_types::{LineString, Point};
use urbis_catalog::Layer;
use urbis_model::{AttributeValue, Feature, Moment, Openness, Validity};
use urbis_snapshot::{City, Visibility};
use urbis_tiles::{Stages, explain, render, report};

use crate::decode::{bytes, tile_at};
use crate::support::{city_of, feature, layer};

const RULE: &str = "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\"]\nmin_size_px = 4.0\n\
                    zoom_by = { attribute = \"name\", zooms = { lane = 13 }, otherwise = 6 }\n\
                    coalesce = { below = 10, by = [\"name\"] }";

/// Ten roads of which one is long, a lane, one that is over.
fn ways() -> (Layer, City) {
    let layer = layer("way", "MultiLineString", RULE, "");
    let line = |number: u64, name: &str, degrees: f64| -> Feature {
        let y = 16.0 + number as f64 / 1e4;
        feature(number, LineString::from(vec![(108.2, y), (108.2 + degrees, y)]), name)
    };
    let mut all: Vec<Feature> = (1..10).map(|number| line(number, "road", 0.0002)).collect();
    all.extend([line(10, "road", 0.2), line(11, "lane", 0.2), line(12, "road", 0.2)]);
    all[11].validity = Validity { from: None, to: Some(Moment(-5)) };
    let city = city_of(&layer, all);
    (layer, city)
}

#[test]
fn an_explanation_says_what_became_of_every_feature_near_the_tile() {
    let (layer, city) = ways();
    let open = Visibility::now(Openness::Open);
    for (zoom, kept, not_yet) in [(8, 1, 10), (12, 1, 10), (13, 2, 9), (14, 11, 0)] {
        let tile = tile_at(zoom, 108.2001, 16.0005);
        let explained = explain(&city, &[&layer], tile, open);
        let one = &explained.layers[0];
        assert_eq!((one.considered, one.not_valid), (12, 1), "zoom {zoom}");
        assert_eq!((one.kept, one.not_yet, one.by_budget), (kept, not_yet, 0), "zoom {zoom}");
        let rendered = render(&city, &[&layer], tile, open);
        assert_eq!(one.bytes, rendered.bytes.len());
        assert_eq!((explained.tile, explained.version), (rendered.bytes, rendered.version));
        assert_eq!((one.features, one.vanished), (kept, 0), "zoom {zoom}");
        assert_eq!(one.drawn_vertices, 2 * kept, "zoom {zoom}");
    }
}

#[test]
fn an_explanation_tells_nothing_of_what_the_class_may_not_see() {
    let (mut layer, city) = ways();
    let tile = tile_at(14, 108.2001, 16.0005);
    layer.openness = Openness::Internal;
    let open = Visibility::now(Openness::Open);
    assert!(explain(&city, &[&layer], tile, open).layers.is_empty());
    assert!(report(&city, &layer, open).is_empty());

    let rule = "openness_by = { attribute = \"name\", levels = { b = \"restricted\" } }";
    let tiles = "minzoom = 6\nmaxzoom = 14\nattributes = [\"name\"]";
    let points = crate::support::layer("tree", "Point", tiles, rule);
    let tree = |number, name: &str| feature(number, Point::new(108.2001, 16.0005), name);
    let with = city_of(&points, vec![tree(1, "a"), tree(2, "b")]);
    let without = city_of(&points, vec![tree(1, "a")]);
    let told = |city| {
        let mut one = explain(city, &[&points], tile, open).layers.remove(0);
        one.stages = Stages::default();
        (one, report(city, &points, open))
    };
    assert_eq!(told(&with), told(&without));
}

#[test]
fn a_report_counts_by_reason_and_weighs_what_is_largest() {
    let (layer, city) = ways();
    let zooms = report(&city, &layer, Visibility::now(Openness::Open));
    assert_eq!(zooms.iter().map(|one| one.zoom).collect::<Vec<_>>(), (6..=14).collect::<Vec<_>>());
    for one in &zooms {
        assert_eq!(one.features, 11);
        assert_eq!(one.drawn + one.by_class + one.by_size + one.by_budget, 11);
        let (tile, size) = one.largest_tile.unwrap();
        assert_eq!(bytes(&city, &[&layer], tile, Openness::Open).len(), size);
    }
    let [low, high] = [&zooms[2], &zooms[8]];
    assert_eq!((low.drawn, low.by_class, low.by_size), (1, 1, 9));
    // Two of eleven are the largest tenth: the long road and the lane, which waits for zoom 13.
    assert!((low.kept_of_largest.unwrap() - 0.5).abs() < 1e-3, "{low:?}");
    assert!((low.kept_of_largest_in_class.unwrap() - 1.0).abs() < 1e-9);
    assert_eq!((high.drawn, high.kept_of_largest), (11, Some(1.0)));
}

#[test]
fn attributes_of_no_value_are_classed_as_all_others() {
    let (layer, _) = ways();
    let mut nameless = feature(1, LineString::from(vec![(108.2, 16.0), (108.4, 16.0)]), "");
    nameless.attributes[0] = AttributeValue::Null;
    let city = city_of(&layer, vec![nameless]);
    let zooms = report(&city, &layer, Visibility::now(Openness::Open));
    assert!(zooms.iter().all(|one| (one.drawn, one.by_class) == (1, 0)));
}

#[test]
fn a_line_around_the_world_is_reported_without_a_look_at_all_its_tiles() {
    let layer = layer("way", "MultiLineString", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let world = || feature(1, LineString::from(vec![(-179.0, -80.0), (179.0, 80.0)]), "world");
    let street = feature(2, LineString::from(vec![(108.2, 16.0), (108.2001, 16.0)]), "street");
    let largest = |features| {
        let zooms = report(&city_of(&layer, features), &layer, Visibility::now(Openness::Open));
        zooms.into_iter().map(|one| one.largest_tile.map(|(tile, _)| tile)).collect::<Vec<_>>()
    };
    let alone = largest(vec![world()]);
    assert!(alone[..=3].iter().all(Option::is_some) && alone[4..].iter().all(Option::is_none));
    assert_eq!(largest(vec![world(), street])[14], Some(tile_at(14, 108.2, 16.0)));
}
