//! A small city to judge, grown once for all tests, and the reader of its geometries.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use serde_json::Value;
use urbis_model::{AttributeValue, LonLat};
use urbis_synth::{
    CityLayer, CityRecord, CityShape, CityWard, LayerSummary, Slope, SyntheticCity,
    TurnRestriction, plane_polygons,
};

pub const SEED: u64 = 7;
pub const SCALE: f64 = 0.01;

/// All that grew.
pub struct Grown {
    pub layers: BTreeMap<CityLayer, Vec<CityRecord>>,
    pub summaries: BTreeMap<CityLayer, LayerSummary>,
    pub restrictions: Vec<TurnRestriction>,
}

/// The city of [`SEED`] and [`SCALE`].
pub fn grown() -> &'static Grown {
    static GROWN: OnceLock<Grown> = OnceLock::new();
    GROWN.get_or_init(|| grow(&SyntheticCity::plan(shape(), SEED, SCALE), 2))
}

/// Grows every layer of a city.
pub fn grow(city: &SyntheticCity, threads: usize) -> Grown {
    let mut grown =
        Grown { layers: BTreeMap::new(), summaries: BTreeMap::new(), restrictions: Vec::new() };
    for layer in CityLayer::ALL {
        let records = grown.layers.entry(layer).or_default();
        let restrictions = &mut grown.restrictions;
        let summary = city.grow(layer, threads, &mut |batch| {
            records.extend(batch.records);
            restrictions.extend(batch.restrictions);
            true
        });
        grown.summaries.insert(layer, summary);
    }
    grown
}

/// The real wards, sea, slopes and the Hàn.
pub fn shape() -> &'static CityShape {
    static SHAPE: OnceLock<CityShape> = OnceLock::new();
    SHAPE.get_or_init(|| {
        let wards = features("wards_2025.geojson").into_iter().map(|(properties, ground)| {
            let text = |name: &str| properties[name].as_str().unwrap().to_owned();
            CityWard {
                code: text("code"),
                full_name: text("fullName"),
                area_km2: properties["areaKm2"].as_f64().unwrap(),
                ground: plane_polygons(&ground),
            }
        });
        let mut water = vec![river()];
        water.extend(features("sea.geojson").iter().map(|(_, sea)| plane_polygons(sea)));
        let slope = std::fs::read(data().join("slope.pgm")).unwrap();
        CityShape {
            center: LonLat::new(108.2208, 16.0605).unwrap(),
            wards: wards.collect(),
            water,
            uses: Vec::new(),
            slope: Some(Slope::from_pgm(&slope).unwrap()),
        }
    })
}

/// The Hàn on the plane.
pub fn river() -> MultiPolygon {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/city/fixtures/han_river.geojson");
    plane_polygons(&read(&path)[0].1)
}

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/danang")
}

fn features(name: &str) -> Vec<(Value, MultiPolygon)> {
    read(&data().join(name))
}

fn read(path: &PathBuf) -> Vec<(Value, MultiPolygon)> {
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let feature = |feature: &Value| {
        let polygons = feature["geometry"]["coordinates"].as_array().unwrap();
        let ring = |ring: &Value| -> LineString {
            let place =
                |at: &Value| Coord { x: at[0].as_f64().unwrap(), y: at[1].as_f64().unwrap() };
            ring.as_array().unwrap().iter().map(place).collect()
        };
        let polygon = |rings: &Value| {
            let mut rings = rings.as_array().unwrap().iter().map(ring);
            Polygon::new(rings.next().unwrap(), rings.collect())
        };
        (feature["properties"].clone(), polygons.iter().map(polygon).collect())
    };
    json["features"].as_array().unwrap().iter().map(feature).collect()
}

/// The corners of a record of one part: of a ring without its last, of a line, of a point.
pub fn corners(record: &CityRecord) -> Vec<Coord<f64>> {
    let bytes = &record.ewkb;
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let float = |at: usize| f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    // Header of 9 bytes; parts: a count, a header of 5 bytes, for polygons a count of rings.
    let (count, start) = match word(1) & 0xff {
        1 => (1, 9),
        5 => (word(18) as usize, 22),
        6 => (word(22) as usize - 1, 26),
        other => panic!("geometry type {other}"),
    };
    (0..count)
        .map(|number| start + 16 * number)
        .map(|at| Coord { x: float(at), y: float(at + 8) })
        .collect()
}

/// The text of a value.
pub fn text<'a>(layer: CityLayer, record: &'a CityRecord, name: &str) -> &'a str {
    match value(layer, record, name) {
        AttributeValue::Text(text) => text,
        _ => "",
    }
}

/// A value by its name.
pub fn value<'a>(layer: CityLayer, record: &'a CityRecord, name: &str) -> &'a AttributeValue {
    &record.values[layer.fields().iter().position(|field| *field == name).unwrap()]
}

/// Millimetres of the plane.
pub fn millimetres(at: Coord<f64>) -> (i64, i64) {
    ((at.x * 1e3).round() as i64, (at.y * 1e3).round() as i64)
}
