//! A box tells how a feature lies, or leaves it to the geometry: with and without boxes the same
//! features are found.

use std::cell::Cell;

use geo::{BoundingRect, Relate};
use geo_types::{Coord, Geometry, LineString, Point, Polygon, Rect};
use urbis_catalog::Layer;
use urbis_filter::{Condition, Filter, Language, Record};
use urbis_model::{Openness, Validity, Value};

const LAYER: &str = r#"
theme = "land"
title = { vi = "Vật", en = "Things" }
description = { vi = "Để thử.", en = "To try." }
geometry = "Point"
storage_srid = 4326
key = ["name"]
tiles = { minzoom = 0, maxzoom = 16, attributes = [] }

[[attributes]]
name = "name"
title = { vi = "Tên", en = "Name" }
type = "text"
"#;

const RELATIONS: [&str; 8] = [
    "S_INTERSECTS",
    "S_DISJOINT",
    "S_EQUALS",
    "S_TOUCHES",
    "S_WITHIN",
    "S_OVERLAPS",
    "S_CROSSES",
    "S_CONTAINS",
];

/// Random numbers from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    /// A whole number below another; a lattice, so that vertices and edges meet.
    fn below(&mut self, end: u64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end) as f64
    }

    fn coord(&mut self) -> Coord<f64> {
        Coord { x: self.below(25), y: self.below(25) }
    }

    fn feature(&mut self) -> Geometry<f64> {
        let (at, size) = (self.coord(), self.below(3) + 0.5);
        match self.below(3) as u8 {
            0 => Point(at).into(),
            1 => LineString(vec![at, at + Coord { x: size, y: self.below(3) }]).into(),
            _ => Rect::new(at, at + Coord { x: size, y: size }).to_polygon().into(),
        }
    }
}

struct Thing<'a> {
    geometry: &'a Geometry<f64>,
    has_box: bool,
    geometries: &'a Cell<usize>,
}

impl Record for Thing<'_> {
    fn value(&self, _: usize) -> Value<'_> {
        Value::Null
    }

    fn geometry(&self) -> Option<Geometry<f64>> {
        self.geometries.set(self.geometries.get() + 1);
        Some(self.geometry.clone())
    }

    fn bounds(&self) -> Option<Rect<f64>> {
        self.geometry.bounding_rect().filter(|_| self.has_box)
    }

    fn validity(&self) -> Validity {
        Validity::ALWAYS
    }
}

/// The same by the matrix of all that two geometries share.
fn is_so(relation: &str, feature: &Geometry<f64>, filter: &Filter) -> bool {
    let Condition::Spatial { shape, .. } = filter.condition() else { return false };
    let matrix = feature.relate(shape.geometry());
    match relation {
        "S_INTERSECTS" => matrix.is_intersects(),
        "S_DISJOINT" => matrix.is_disjoint(),
        "S_EQUALS" => matrix.is_equal_topo(),
        "S_TOUCHES" => matrix.is_touches(),
        "S_WITHIN" => matrix.is_within(),
        "S_OVERLAPS" => matrix.is_overlaps(),
        "S_CROSSES" => matrix.is_crosses(),
        _ => matrix.is_contains(),
    }
}

#[test]
fn with_and_without_boxes_the_same_features_are_found() {
    let layer: Layer = toml::from_str(LAYER).expect("the layer of this test");
    let literals = [
        "POLYGON((2 2, 20 4, 22 20, 12 9, 3 18, 2 2))",
        "POLYGON((1 1, 23 1, 23 23, 1 23, 1 1), (5 5, 5 12, 12 12, 12 5, 5 5), (14 14, 20 15, 15 20, 14 14))",
        "MULTIPOLYGON(((0 0, 8 0, 8 8, 0 8, 0 0)), ((8 8, 16 8, 12 20, 8 8)), ((20 2, 24 2, 22 24, 20 2)))",
        "LINESTRING(1 1, 12 20, 12 4, 24 4)",
        "MULTILINESTRING((3 3, 9 3), (9 20, 9 3))",
        "LINESTRING(2 7, 22 7)",
        "POINT(7 8)",
        "MULTIPOINT((7 8), (3 20))",
        "BBOX(4, 6, 15, 17)",
        "GEOMETRYCOLLECTION(POLYGON((2 2, 12 2, 12 12, 2 12, 2 2)), LINESTRING(6 6, 20 16), POINT(20 3))",
    ];
    let mut random = Random(7);
    let features: Vec<Geometry<f64>> = (0..400).map(|_| random.feature()).collect();
    let (slow, quick) = (Cell::new(0), Cell::new(0));
    let mut found = 0;
    for literal in literals {
        for relation in RELATIONS {
            let text = format!("{relation}(geom, {literal})");
            let filter = Filter::parse(&text, Language::Text, &layer, Openness::Open).expect(&text);
            for geometry in &features {
                let by =
                    |has_box, geometries| filter.matches(&Thing { geometry, has_box, geometries });
                let expected = by(false, &slow);
                assert_eq!(expected, is_so(relation, geometry, &filter), "{text} of {geometry:?}");
                found += usize::from(expected);
                assert_eq!(by(true, &quick), expected, "{text} of {geometry:?}");
            }
        }
    }
    // Each of them finds something somewhere, and boxes spare most geometries even here.
    assert!(found > 3_000, "{found}");
    assert!(quick.get() * 2 < slow.get(), "{} of {}", quick.get(), slow.get());
}

#[test]
fn a_box_around_a_hole_or_around_all_of_a_shape_is_not_decided_by_it() {
    let layer: Layer = toml::from_str(LAYER).expect("the layer of this test");
    let text = "S_DISJOINT(geom, POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (4 4, 4 5, 5 5, 5 4, 4 4)))";
    let filter = Filter::parse(text, Language::Text, &layer, Openness::Open).expect(text);
    let square = |low: f64, high: f64| -> Geometry<f64> {
        Polygon::from(Rect::new(Coord { x: low, y: low }, Coord { x: high, y: high })).into()
    };
    for (low, high, is_disjoint, looks) in
        [(3.0, 6.0, false, 1), (-1.0, 10.0, false, 1), (4.2, 4.8, true, 0), (1.0, 2.0, false, 0)]
    {
        let geometries = Cell::new(0);
        let geometry = square(low, high);
        let thing = Thing { geometry: &geometry, has_box: true, geometries: &geometries };
        assert_eq!(filter.matches(&thing), is_disjoint, "{low} to {high}");
        assert_eq!(geometries.get(), looks, "{low} to {high}");
    }
}
