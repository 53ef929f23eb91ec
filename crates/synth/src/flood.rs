//! Layer `flood_hazard`: a made-up field of depths around some streets, cut into classes.

use serde_json::json;

use crate::contour::{Field, polygons};
use crate::geojson::{Record, Shape};
use crate::plane::{Cell, Plane, Xy};
use crate::random::Random;
use crate::ring::{Ring, area_m2, length};
use crate::street::{Piece, Streets, is_named};

/// Side of a square of the field, metres.
const STEP_M: f64 = 20.0;

/// The field reaches this far from the centre, metres.
const REACH_M: f64 = 2_400.0;

/// Streets that lie low.
const LOW_STREETS: usize = 26;

/// Ground is wet up to this far from a low place, metres.
const SPREAD_M: f64 = 70.0;

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

/// A low place and how deep the water of a middling rain stands there.
#[derive(Debug, Clone, Copy)]
struct Low {
    at: Xy,
    depth_m: f64,
}

/// One feature a scenario and class that occurs.
pub(crate) fn records(streets: &Streets<'_>, plane: Plane, seed: u64) -> Vec<Record> {
    let lows = lows(streets, &mut Random::of(seed, "low streets"));
    let depths = depths(&lows);
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
    let near = |piece: &&Piece| {
        length(piece.from) < REACH_M * 0.8
            && length(piece.to - piece.from) > 40.0
            && is_named(streets.road(piece))
    };
    let mut fit: Vec<&Piece> = streets.pieces().iter().filter(near).collect();
    random.shuffle(&mut fit);
    let mut lows = Vec::new();
    for piece in fit.into_iter().take(LOW_STREETS) {
        let deepest = random.between(0.25, 1.05);
        let count = (length(piece.to - piece.from) / 35.0).ceil().min(8.0);
        for step in 0..=count as usize {
            let share = step as f64 / count;
            let wobble = Xy { x: random.between(-18.0, 18.0), y: random.between(-18.0, 18.0) };
            let at = piece.from + (piece.to - piece.from) * share + wobble;
            lows.push(Low { at, depth_m: deepest * random.between(0.55, 1.0) });
        }
    }
    lows
}

/// The depth of a middling rain: at each place that of the low places around it.
fn depths(lows: &[Low]) -> Field {
    let columns = (2.0 * REACH_M / STEP_M) as usize + 1;
    let origin = Xy { x: -REACH_M, y: -REACH_M };
    let mut dry = vec![1.0_f64; columns * columns];
    for low in lows {
        let reach = 3.0 * SPREAD_M;
        let index =
            |value: f64| ((value + REACH_M) / STEP_M).clamp(1.0, columns as f64 - 2.0) as usize;
        for row in index(low.at.y - reach)..=index(low.at.y + reach) {
            for column in index(low.at.x - reach)..=index(low.at.x + reach) {
                let at = origin + Xy { x: column as f64, y: row as f64 } * STEP_M;
                let far = length(at - low.at) / SPREAD_M;
                // Overlapping waters join smoothly, and never add up to more than the deepest.
                dry[row * columns + column] *= 1.0 - 0.62 * low.depth_m * (-far * far).exp();
            }
        }
    }
    let values = dry.into_iter().map(|dry| (1.0 - dry.max(0.0)) * 1.15).collect();
    Field { origin, step_m: STEP_M, columns, values }
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
