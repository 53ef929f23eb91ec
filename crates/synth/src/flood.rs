//! Layer `flood_hazard`: a made-up field of depths around some streets, cut into classes.

use std::collections::BTreeMap;

use serde_json::json;

use crate::contour::{Field, polygons};
use crate::geojson::{Record, Shape};
use crate::plane::{Cell, Plane, Xy};
use crate::random::Random;
use crate::ring::{Ring, area_m2, length};
use crate::street::{Piece, Streets, is_named};

/// Side of a square of the field, metres.
const STEP_M: f64 = 15.0;

/// The field reaches this far from the centre, metres.
const REACH_M: f64 = 2_400.0;

/// Streets that lie low.
const LOW_STREETS: usize = 60;

/// Squares of the field in a hump or hollow of the ground.
const HUMP: usize = 7;

/// Specks are dropped, m².
const SPECK_M2: f64 = 150.0;

/// Code, return period in years, and what its rain does: metres added everywhere, times the depth.
const SCENARIOS: [(&str, i64, f64, f64); 3] =
    [("rain_5y", 5, -0.12, 0.75), ("rain_25y", 25, -0.06, 1.2), ("rain_100y", 100, 0.0, 1.75)];

/// Code and the depths that it lies between, metres (domain.md 2.6, mark P).
const CLASSES: [(&str, f64, Option<f64>); 6] = [
    ("to_10cm", 0.03, Some(0.1)),
    ("to_30cm", 0.1, Some(0.3)),
    ("to_50cm", 0.3, Some(0.5)),
    ("to_100cm", 0.5, Some(1.0)),
    ("to_150cm", 1.0, Some(1.5)),
    ("over_150cm", 1.5, None),
];

/// A low place, how deep the water of a middling rain stands there, and how far it spreads.
#[derive(Debug, Clone, Copy)]
struct Low {
    at: Xy,
    depth_m: f64,
    spread_m: f64,
}

/// One feature a scenario and class that occurs.
pub(crate) fn records(streets: &Streets<'_>, plane: Plane, seed: u64) -> Vec<Record> {
    let lows = lows(streets, &mut Random::of(seed, "low streets"));
    let depths = depths(&lows, &mut Random::of(seed, "uneven ground"));
    let scenarios = SCENARIOS.iter().flat_map(|(code, years, plus, times)| {
        let values = depths.values.iter().map(|depth| depth * times + plus).collect();
        let field = Field { values, ..depths.clone() };
        let class = move |index| record((code, *years), index, &field, plane);
        (0..CLASSES.len()).filter_map(class).collect::<Vec<_>>()
    });
    scenarios.collect()
}

/// Places every few metres along some streets near the centre.
fn lows(streets: &Streets<'_>, random: &mut Random) -> Vec<Low> {
    let mut roads: BTreeMap<usize, Vec<&Piece>> = BTreeMap::new();
    for piece in streets.pieces() {
        if length(piece.from) < REACH_M * 0.85 && is_named(streets.road(piece)) {
            roads.entry(piece.road).or_default().push(piece);
        }
    }
    let mut roads: Vec<Vec<&Piece>> = roads.into_values().collect();
    random.shuffle(&mut roads);
    let mut lows = Vec::new();
    for pieces in roads.iter().take(LOW_STREETS) {
        let (deepest, spread_m) = (random.between(0.15, 0.8), random.between(22.0, 42.0));
        for piece in pieces {
            let along = piece.to - piece.from;
            let count = (length(along) / 24.0).ceil().clamp(1.0, 30.0);
            for step in 0..count as usize {
                let wobble = Xy { x: random.between(-12.0, 12.0), y: random.between(-12.0, 12.0) };
                let at = piece.from + along * (step as f64 / count) + wobble;
                let depth_m = deepest * random.between(0.4, 1.0);
                lows.push(Low { at, depth_m, spread_m });
            }
        }
    }
    lows
}

/// The depth of a middling rain: at each place that of the low places around it.
fn depths(lows: &[Low], random: &mut Random) -> Field {
    let columns = (2.0 * REACH_M / STEP_M) as usize + 1;
    let origin = Xy { x: -REACH_M, y: -REACH_M };
    let mut dry = vec![1.0_f64; columns * columns];
    let index = |value: f64| ((value + REACH_M) / STEP_M).clamp(1.0, columns as f64 - 2.0) as usize;
    for low in lows {
        let reach = 3.0 * low.spread_m;
        for row in index(low.at.y - reach)..=index(low.at.y + reach) {
            for column in index(low.at.x - reach)..=index(low.at.x + reach) {
                let at = origin + Xy { x: column as f64, y: row as f64 } * STEP_M;
                let far = length(at - low.at) / low.spread_m;
                // Overlapping waters join smoothly, and never add up to more than the deepest.
                dry[row * columns + column] *= 1.0 - 0.5 * low.depth_m * libm::exp(-far * far);
            }
        }
    }
    let ground = uneven(columns, random);
    let wet = dry.into_iter().zip(ground).map(|(dry, ground)| (1.0 - dry) * ground * 1.3);
    Field { origin, step_m: STEP_M, columns, values: wet.collect() }
}

/// Factors around 1 that change smoothly over [`HUMP`] squares (value noise).
fn uneven(columns: usize, random: &mut Random) -> Vec<f64> {
    let knots = columns / HUMP + 2;
    let heights: Vec<f64> = (0..knots * knots).map(|_| random.between(0.35, 1.3)).collect();
    let smooth = |share: f64| share * share * (3.0 - 2.0 * share);
    let mix = |one: f64, other: f64, share: f64| one + (other - one) * smooth(share);
    let value = |index: usize| {
        let (column, row) = (index % columns, index / columns);
        let (x, y) = (column / HUMP, row / HUMP);
        let share = |at: usize| (at % HUMP) as f64 / HUMP as f64;
        let knot = |x: usize, y: usize| heights[y * knots + x];
        let south = mix(knot(x, y), knot(x + 1, y), share(column));
        let north = mix(knot(x, y + 1), knot(x + 1, y + 1), share(column));
        mix(south, north, share(row))
    };
    (0..columns * columns).map(value).collect()
}

fn record(scenario: (&str, i64), class: usize, field: &Field, plane: Plane) -> Option<Record> {
    let (code, low, high) = CLASSES[class];
    let mut rings = above(field, low);
    if let Some(high) = high {
        rings.extend(above(field, high).into_iter().map(|ring| ring.into_iter().rev().collect()));
    }
    let cells = |ring: &Ring| ring.iter().map(|at| plane.to_cell(*at)).collect::<Vec<Cell>>();
    let shapes: Vec<Vec<Vec<Cell>>> =
        polygons(rings).iter().map(|polygon| polygon.iter().map(cells).collect()).collect();
    let properties = json!({
        "scenario": scenario.0,
        "return_years": scenario.1,
        "depth_class": code,
        "depth_min_m": if class == 0 { 0.0 } else { low },
        "depth_max_m": high,
        "model": "trường độ sâu giả lập, không tính thủy lực",
    });
    (!shapes.is_empty()).then_some(Record { shape: Shape::Polygons(shapes), properties })
}

/// The rings of a depth, without specks: the class below keeps their ground.
fn above(field: &Field, level: f64) -> Vec<Ring> {
    let rings = field.rings(level).into_iter();
    rings.filter(|ring| area_m2(ring).abs() > SPECK_M2).collect()
}
