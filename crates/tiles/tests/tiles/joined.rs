//! Low zooms, where what is drawn alike is joined.

use fast_mvt::{MvtFeature, MvtGeometry, MvtValue};
use geo_types::{LineString, Rect};
use urbis_catalog::Layer;
use urbis_model::{AttributeValue, ChangeBatch, Feature, LayerChange, Openness, Revision};
use urbis_snapshot::City;

use crate::decode::{bytes, decode, features, ids, polygons, tile_at, twice_net_area};
use crate::mesh::Mesh;
use crate::support::{Random, city_of, feature, layer};

const SEED: u64 = 101;

const RULE: &str = "minzoom = 6\nmaxzoom = 14\nattributes = [\"size\", \"name\", \"secret\"]\n\
                    coalesce = { below = 12, by = [\"name\"] }";

fn way(number: u64, name: &str, from: f64, to: f64) -> Feature {
    feature(number, LineString::from(vec![(from, 16.05), (to, 16.05)]), name)
}

fn length(feature: &MvtFeature) -> f64 {
    let of_line = |line: &LineString<i32>| -> f64 {
        line.lines().map(|l| f64::from(l.dx()).hypot(f64::from(l.dy()))).sum()
    };
    match &feature.geometry {
        MvtGeometry::LineString(line) => of_line(line),
        MvtGeometry::MultiLineString(lines) => lines.iter().map(of_line).sum(),
        other => panic!("wanted lines, found {other:?}"),
    }
}

#[test]
fn lines_of_one_name_that_meet_are_one_below_the_zoom_and_themselves_from_it_on() {
    let layer = layer("way", "MultiLineString", RULE, "");
    let ways = vec![
        way(1, "A", 108.20, 108.21),
        way(2, "A", 108.21, 108.22),
        way(3, "B", 108.22, 108.23),
        way(4, "A", 108.24, 108.25),
    ];
    let city = city_of(&layer, ways);
    let low = features(&city, &layer, tile_at(11, 108.22, 16.05));
    assert!(low.iter().all(|feature| feature.id.is_none()));
    let name = |name: &str| vec![("name".to_owned(), MvtValue::String(name.to_owned()))];
    assert_eq!(
        low.iter().map(|one| one.properties.clone()).collect::<Vec<_>>(),
        [name("A"), name("B")]
    );
    let MvtGeometry::MultiLineString(lines) = &low[0].geometry else { panic!("two lines") };
    assert_eq!(lines.0.iter().map(|line| line.0.len()).collect::<Vec<_>>(), [2, 2]);
    // 0.03 degrees of longitude at zoom 11, in units.
    let wanted = 0.03 / 360.0 * 2048.0 * 4096.0;
    assert!((length(&low[0]) - wanted).abs() < 3.0, "{} {wanted}", length(&low[0]));

    let high = features(&city, &layer, tile_at(12, 108.22, 16.05));
    assert!(ids(&high).contains(&1));
    assert!(high.iter().all(|feature| feature.properties.len() == 2));
}

#[test]
fn a_coverage_that_is_joined_has_the_area_of_its_cells_and_fewer_vertices() {
    let mut random = Random(SEED);
    let apart = layer("cell", "MultiPolygon", &RULE.replace("coalesce", "#"), "coverage = true");
    let joined = layer("cell", "MultiPolygon", RULE, "coverage = true");
    let mut cells = Mesh::new(8, 8, &mut random).cells(&mut random);
    for (number, cell) in cells.iter_mut().enumerate() {
        cell.attributes[0] = AttributeValue::text(["a", "b"][number % 2]);
    }
    let (apart_city, joined_city) = (city_of(&apart, cells.clone()), city_of(&joined, cells));
    for zoom in 6..12 {
        let tile = tile_at(zoom, 108.2, 16.1);
        let area = |city: &City, layer: &Layer| -> (i64, usize) {
            let all = features(city, layer, tile);
            let polygons: Vec<_> = all.iter().flat_map(|one| polygons(&one.geometry)).collect();
            let rings =
                polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
            (twice_net_area(&polygons), rings.map(|ring| ring.0.len()).sum())
        };
        let (before, after) = (area(&apart_city, &apart), area(&joined_city, &joined));
        assert_eq!(before.0, after.0, "zoom {zoom}");
        assert!(after.1 < before.1, "zoom {zoom}: {} of {} vertices", after.1, before.1);
        assert_eq!(features(&joined_city, &joined, tile).len(), 2);
    }
}

#[test]
fn a_class_joins_by_what_it_may_see() {
    let rule = RULE.replace("by = [\"name\"]", "by = [\"name\", \"secret\"]");
    let layer = layer("way", "MultiLineString", &rule, "");
    let mut ways = vec![way(1, "A", 108.20, 108.21), way(2, "A", 108.21, 108.22)];
    ways[1].attributes[2] = AttributeValue::text("known to few");
    let city = city_of(&layer, ways);
    let seen = |class| {
        let mut layers = decode(&bytes(&city, &[&layer], tile_at(11, 108.21, 16.05), class));
        layers.remove(0).features.iter().map(|one| one.properties.len()).collect::<Vec<_>>()
    };
    assert_eq!(seen(Openness::Open), [1]);
    assert_eq!(seen(Openness::Internal), [2, 2]);
}

#[test]
fn the_order_of_edits_does_not_change_a_byte() {
    let mut random = Random(SEED);
    for (kind, top) in
        [("MultiLineString", ""), ("MultiPolygon", ""), ("MultiPolygon", "coverage = true")]
    {
        let layer = layer("one", kind, RULE, top);
        let all: Vec<Feature> = (1..=300)
            .map(|number| {
                let (x, y) = (random.below(20) as f64 / 100.0, random.below(20) as f64 / 100.0);
                let name = ["a", "b", "c"][random.below(3) as usize];
                let (from, to) = ((108.1 + x, 16.0 + y), (108.11 + x, 16.01 + y));
                match kind {
                    "MultiPolygon" => feature(number, Rect::new(from, to), name),
                    _ => feature(number, LineString::from(vec![from, (to.0, from.1), to]), name),
                }
            })
            .collect();
        let at_once = city_of(&layer, all.clone());
        let mut edited = city_of(&layer, vec![]);
        let mut later = all;
        while !later.is_empty() {
            let one = later.swap_remove(random.below(later.len() as u64) as usize);
            // First somewhere else, under another name.
            let mut wrong = way(one.id.value(), "wrong", 107.9, 108.3);
            wrong.geometry = wrong.geometry.filter(|_| kind == "MultiLineString");
            for state in [wrong, one] {
                edited = apply(&edited, &layer, state);
            }
        }
        for zoom in [6, 8, 10, 11, 12, 14] {
            let tile = tile_at(zoom, 108.2, 16.1);
            let draw = |city| bytes(city, &[&layer], tile, Openness::Restricted);
            assert!(!draw(&at_once).is_empty());
            assert_eq!(draw(&at_once), draw(&edited), "{kind} zoom {zoom}");
        }
    }
}

fn apply(city: &City, layer: &Layer, state: Feature) -> City {
    let change = LayerChange::Rows { upserted: vec![state], removed: vec![] };
    city.apply(Revision(2), ChangeBatch { layers: [(layer.id.clone(), change)].into() }).0
}
