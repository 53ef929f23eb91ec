//! Any bytes make a city, the city makes a tile, and another's decoder reads out of it what was
//! put in.
//!
//! [`check`] takes bytes, so that a fuzzer can look for the ones that break it; here a seeded
//! sequence does.

use std::collections::BTreeSet;

use fast_mvt::{MvtFeature, MvtGeometry, MvtValue};
use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, Point, Polygon};
use urbis_model::{AttributeValue, Feature, Openness};

use crate::decode::{bytes, decode, polygons, tile_at, twice_area};
use crate::support::{Random, city_of, feature, layer};

const SEED: u64 = 121;
const ROUNDS: usize = 1_500;
const MAX_FEATURES: u8 = 24;

/// The middle of everything; what is drawn lies within some tiles of zoom 14 of it, but for some
/// vertices that lie at the ends of the world.
const MIDDLE: (f64, f64) = (108.2131, 16.0611);

/// Zooms below and from the one on at which features are joined.
const ZOOMS: [u32; 4] = [0, 9, 14, 17];

#[test]
fn any_city_makes_tiles_that_decode_to_what_is_in_it() {
    let mut random = Random(SEED);
    let mut drawn = 0;
    for _ in 0..ROUNDS {
        let length = 1 << (3 + random.below(7));
        let input: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        drawn += check(&input);
    }
    assert!(drawn > 10_000, "only {drawn} features were drawn");
}

/// Draws what some bytes stand for and reads it back; gives how many features were drawn.
fn check(input: &[u8]) -> usize {
    let mut input = Input(input);
    let kind = ["Point", "MultiLineString", "MultiPolygon"][input.below(3)];
    let top = ["", "coverage = true"][input.below(2)];
    let joined = ["", "coalesce = { below = 11, by = [\"size\"] }"][input.below(2)];
    let joined = if kind == "Point" { "" } else { joined };
    let tiles = format!("minzoom = 0\nmaxzoom = 15\nattributes = [\"name\", \"size\"]\n{joined}");
    let layer = layer("one", kind, &tiles, if kind == "MultiPolygon" { top } else { "" });
    let count = input.below(usize::from(MAX_FEATURES));
    let features: Vec<Feature> =
        (1..=count as u64).map(|number| input.feature(number, kind)).collect();
    let city = city_of(&layer, features.clone());
    let tiles = ZOOMS.into_iter().map(|zoom| tile_at(zoom, MIDDLE.0, MIDDLE.1));
    tiles
        .map(|tile| {
            let layers = decode(&bytes(&city, &[&layer], tile, Openness::Open));
            let found = layers.into_iter().flat_map(|layer| layer.features).collect::<Vec<_>>();
            found.iter().for_each(check_geometry);
            match layer.coalesce_at(tile.z()) {
                Some(_) => check_joined(&found, &features),
                None => check_each(&found, &features),
            }
            found.len()
        })
        .sum()
}

fn check_each(found: &[MvtFeature], features: &[Feature]) {
    let ids: BTreeSet<u64> = found.iter().map(|one| one.id.unwrap()).collect();
    assert_eq!(ids.len(), found.len(), "an id stands twice");
    for one in found {
        let source = features.iter().find(|source| Some(source.id.value()) == one.id).unwrap();
        let wanted: Vec<_> = [("name", 0), ("size", 1)]
            .into_iter()
            .filter_map(|(name, at)| Some((name.to_owned(), to_mvt(&source.attributes[at])?)))
            .collect();
        assert_eq!(one.properties, wanted);
    }
}

fn check_joined(found: &[MvtFeature], features: &[Feature]) {
    let mut seen: Vec<&Vec<(String, MvtValue)>> = Vec::new();
    for one in found {
        assert_eq!(one.id, None);
        assert!(!seen.contains(&&one.properties), "{:?} stands twice", one.properties);
        seen.push(&one.properties);
        let size = one.properties.first().map(|(_, value)| value.clone());
        assert!(features.iter().any(|source| to_mvt(&source.attributes[1]) == size));
    }
}

fn to_mvt(value: &AttributeValue) -> Option<MvtValue> {
    Some(match value {
        AttributeValue::Null => return None,
        AttributeValue::Bool(truth) => MvtValue::Bool(*truth),
        AttributeValue::Int(number) if *number < 0 => MvtValue::SInt(*number),
        AttributeValue::Int(number) => MvtValue::UInt(*number as u64),
        AttributeValue::Float(number) => MvtValue::Double(*number),
        AttributeValue::Text(text) => MvtValue::String(text.to_string()),
    })
}

/// Everything lies in the tile and its buffer; lines have a length, rings an area.
fn check_geometry(one: &MvtFeature) {
    let inside = |at: Coord<i32>| (-64..=4160).contains(&at.x) && (-64..=4160).contains(&at.y);
    let lines: Vec<LineString<i32>> = match &one.geometry {
        MvtGeometry::Point(point) => return assert!(inside(point.0)),
        MvtGeometry::MultiPoint(all) => return assert!(all.iter().all(|point| inside(point.0))),
        MvtGeometry::LineString(line) => vec![line.clone()],
        MvtGeometry::MultiLineString(lines) => lines.0.clone(),
        other => {
            let rings = polygons(other).into_iter().flat_map(|polygon| {
                let (exterior, interiors) = polygon.into_inner();
                std::iter::once(exterior).chain(interiors)
            });
            rings.inspect(|ring| assert_ne!(twice_area(ring), 0)).collect()
        }
    };
    for line in lines {
        assert!(line.0.len() >= 2 && line.0.iter().all(|at| inside(*at)));
        assert!(line.lines().all(|side| side.start != side.end), "a vertex stands twice");
    }
}

/// Bytes that are taken from the front; nothing but zeros after the end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    fn feature(&mut self, number: u64, kind: &str) -> Feature {
        let geometry = self.geometry(kind);
        let mut one = feature(number, geometry, "");
        one.attributes[0] = self.value();
        one.attributes[1] = self.value();
        one
    }

    fn value(&mut self) -> AttributeValue {
        match self.below(9) {
            0 => AttributeValue::Null,
            1 => AttributeValue::Bool(self.below(2) == 0),
            2 => AttributeValue::Int(i64::MIN),
            3 => AttributeValue::Int(i64::MAX),
            4 => AttributeValue::Int(i64::from(self.byte()) - 128),
            5 => AttributeValue::Float(f64::from(self.byte()) / 7.0 - 9.0),
            6 => AttributeValue::text(""),
            7 => AttributeValue::text("Đà Nẵng ".repeat(self.below(40))),
            _ => AttributeValue::text(["a", "b", "c"][self.below(3)]),
        }
    }

    fn geometry(&mut self, kind: &str) -> Geometry<f64> {
        match kind {
            "Point" if self.below(2) == 0 => Point::from(self.place()).into(),
            "Point" => MultiPoint((0..self.below(4)).map(|_| self.place().into()).collect()).into(),
            "MultiPolygon" => {
                let holes = (0..self.below(3)).map(|_| self.path()).collect();
                Polygon::new(self.path(), holes).into()
            }
            _ => MultiLineString((0..=self.below(3)).map(|_| self.path()).collect()).into(),
        }
    }

    fn path(&mut self) -> LineString<f64> {
        (0..self.below(9)).map(|_| self.place()).collect()
    }

    /// On a coarse grid, so that many places meet; some at the ends of the world.
    fn place(&mut self) -> Coord<f64> {
        let (x, y) = (self.byte(), self.byte());
        match (x, y) {
            (255, _) => Coord { x: 180.0, y: f64::from(y) / 2.0 },
            (_, 255) => Coord { x: f64::from(x), y: -90.0 },
            _ => {
                let step = |byte: u8| f64::from(byte % 32) - 16.0;
                Coord { x: MIDDLE.0 + step(x) * 3e-3, y: MIDDLE.1 + step(y) * 3e-3 }
            }
        }
    }
}
