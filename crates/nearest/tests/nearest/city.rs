//! Small cities of one layer, made of seeded random shapes.

use std::sync::Arc;

use geo_types::{Coord, Geometry, LineString, Point, Polygon};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    AttributeValue, Feature, FeatureId, GeometryKind, LayerId, LonLat, Metres, Moment, Openness,
    Revision, Validity,
};
use urbis_nearest::{Ask, Nearest, nearest, nearest_if_quick};
use urbis_snapshot::{City, LayerSnapshot, Part, SnapshotFeature, Visibility};

/// Half way around the earth.
pub const EVERYWHERE: Metres = Metres(20_000_000.0);

/// Everything that is valid at the moment of the city.
pub const ALL: Visibility = Visibility::now(Openness::Restricted);

const LAYER: &str = "thing";

/// Random numbers from a seed (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    /// From 0 to 1, 1 excluded.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A place in west, south, east, north.
    pub fn place(&mut self, [west, south, east, north]: [f64; 4]) -> LonLat {
        place(west + (east - west) * self.unit(), south + (north - south) * self.unit())
    }

    fn coord(&mut self, around: Coord<f64>, radius: f64) -> Coord<f64> {
        let step = |unit: f64| (unit * 2.0 - 1.0) * radius;
        Coord { x: around.x + step(self.unit()), y: around.y + step(self.unit()) }
    }
}

/// The nearest of all features.
pub fn nearest_of_all(
    layer: &LayerSnapshot,
    from: LonLat,
    limit: usize,
    within: Metres,
) -> Vec<Nearest<'_>> {
    both(layer, &Ask { from, limit, within, visibility: ALL })
}

/// What both searches find, one of which bounds itself before it begins.
pub fn both<'a>(layer: &'a LayerSnapshot, ask: &Ask) -> Vec<Nearest<'a>> {
    let found = nearest(layer, ask, |_| true);
    let quick = nearest_if_quick(layer, ask, usize::MAX).expect("nothing ends it");
    let told = |found: &[Nearest<'_>]| -> Vec<_> {
        found.iter().map(|answer| (answer.feature.id(), answer.distance, answer.place)).collect()
    };
    assert_eq!(told(&quick), told(&found), "{ask:?}");
    found
}

pub fn place(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("on the earth")
}

pub fn id(number: i64) -> FeatureId {
    FeatureId::new(number).expect("a feature id")
}

/// Points on a coarse lattice, some of them twice.
pub fn points(count: usize, seed: u64) -> Vec<Geometry<f64>> {
    let mut random = Random(seed);
    let mut snapped = |low: f64| low + (random.unit() * 24.0).floor() * 0.02;
    (0..count).map(|_| Point::new(snapped(108.0), snapped(15.85)).into()).collect()
}

/// Streets, and a few lines of one place or of hundreds of kilometres.
pub fn lines(count: usize, seed: u64) -> Vec<Geometry<f64>> {
    let mut random = Random(seed);
    (0..count)
        .map(|index| {
            let start = center(&mut random);
            let step = if index % 17 == 3 { 3.0 } else { 0.01 };
            let mut line = vec![start];
            for _ in 0..(random.unit() * 6.0) as usize {
                let next = random.coord(line[line.len() - 1], step);
                line.push(next);
            }
            line.push(if index % 13 == 5 { start } else { random.coord(start, step) });
            LineString(line).into()
        })
        .collect()
}

/// Star-shaped polygons, every third with a hole.
pub fn polygons(count: usize, seed: u64) -> Vec<Geometry<f64>> {
    let mut random = Random(seed);
    (0..count)
        .map(|index| {
            let middle = center(&mut random);
            let exterior = star(&mut random, middle, 0.03);
            let hole = LineString(
                exterior.0.iter().map(|c| middle + (*c - middle) * 0.4).collect::<Vec<_>>(),
            );
            let holes = if index % 3 == 0 { vec![hole] } else { vec![] };
            Polygon::new(exterior, holes).into()
        })
        .collect()
}

fn center(random: &mut Random) -> Coord<f64> {
    Coord { x: 108.0 + random.unit() * 0.5, y: 15.85 + random.unit() * 0.4 }
}

fn star(random: &mut Random, middle: Coord<f64>, radius: f64) -> LineString<f64> {
    let corners = 5 + (random.unit() * 8.0) as u32;
    let corner = |index: u32| {
        let angle = f64::from(index) / f64::from(corners) * std::f64::consts::TAU;
        let reach = radius * (0.2 + 0.8 * random.unit());
        Coord { x: middle.x + reach * angle.cos(), y: middle.y + reach * angle.sin() }
    };
    LineString((0..corners).map(corner).collect())
}

/// A city whose one layer holds the geometries, with ids from 1, all open and valid always.
pub fn city_of(kind: GeometryKind, geometries: Vec<Geometry<f64>>) -> City {
    let features = geometries.into_iter().zip(1..);
    city_with(
        kind,
        features.map(|(geometry, number)| feature(number, geometry, "a", Validity::ALWAYS)),
    )
}

/// A city of one layer at the moment 0.
pub fn city_with(kind: GeometryKind, features: impl Iterator<Item = Feature>) -> City {
    let catalog = Catalog::from_layers(vec![definition(kind)]).expect("a sound definition");
    let layer = LayerId::new(LAYER).expect("a layer id");
    City::build(Arc::new(catalog), Revision(1), vec![(layer, features.collect())], Moment(0))
}

/// A feature; of the codes `b` is internal and `c` restricted.
pub fn feature(number: i64, geometry: Geometry<f64>, code: &str, validity: Validity) -> Feature {
    Feature {
        id: id(number),
        geometry: Some(geometry),
        attributes: vec![AttributeValue::text(code)],
        validity,
    }
}

pub fn layer_of(city: &City) -> &LayerSnapshot {
    city.layer(&LayerId::new(LAYER).expect("a layer id")).expect("the layer of the city")
}

/// The first vertex of a point or a line.
pub fn first_vertex(feature: SnapshotFeature<'_>) -> LonLat {
    match feature.parts().next().expect("a geometry") {
        Part::Point(cell) => cell.to_lonlat(),
        Part::Line(line) => line.vertices()[0].to_lonlat(),
        Part::Polygon(polygon) => polygon.exterior().vertices()[0].to_lonlat(),
    }
}

fn definition(kind: GeometryKind) -> Layer {
    let text = format!(
        r#"
        theme = "land"
        title = {{ vi = "Vật", en = "Things" }}
        description = {{ vi = "Để thử.", en = "To try." }}
        geometry = "{kind}"
        storage_srid = 4326
        key = "code"
        openness_by = {{ attribute = "code", levels = {{ b = "internal", c = "restricted" }} }}
        tiles = {{ minzoom = 0, maxzoom = 16, attributes = [] }}

        [[attributes]]
        name = "code"
        title = {{ vi = "Mã", en = "Code" }}
        type = "text"

        [[examples]]
        title = "good"
        input = {{ CODE = "a" }}
        output = {{ code = "a" }}

        [[examples]]
        title = "bad"
        input = {{}}
        reject = "geometry_missing"
        "#
    );
    let mut layer: Layer = toml::from_str(&text).expect("the definition parses");
    layer.id = LayerId::new(LAYER).expect("a layer id");
    layer
}
